"""What a training says of its convergence."""

from types import SimpleNamespace

import pytest

from dagm_transfer.stages.train import convergence_metrics
from dagm_transfer.events.event import Evaluation

RULE = SimpleNamespace(patience=4, tolerance=0.005)
FACTS = {"inputs": {"val": 400}, "trivial_accuracy": {"val": 0.1}}
RUN = SimpleNamespace(data=SimpleNamespace(facts=FACTS), train=SimpleNamespace(convergence=RULE))
CURVE = [0.1, 0.5, 0.9, 0.98, 0.98, 0.98, 0.98, 0.98, 0.05]


@pytest.mark.parametrize("diverged", [False, True])
def test_a_training_that_diverged_has_not_converged(diverged):
    curve = [Evaluation(10 * at, {"val/accuracy": value}, 0.0) for at, value in enumerate(CURVE)]
    metrics = convergence_metrics(RUN, curve, diverged=diverged)
    assert ("convergence/iterations" in metrics) != diverged
    assert metrics["convergence/to_95"] == 30

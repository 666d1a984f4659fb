"""The first sentence of the report says what the curves say, and no more."""

import pytest

from dagm_transfer.stages.results import Result
from dagm_transfer.stages.summary import headline
from dagm_transfer.training.recorder import Begin, End, Evaluation


def result(variant, seed, accuracies, to_95=None):
    """A run evaluated every ten iterations."""
    begin = Begin(
        identity="", key=f"{variant}-s{seed}", variant=variant, seed=seed, kind="training",
        params={}, data={}, source={}, environment={}, time=0.0,
    )  # fmt: skip
    curve = [
        Evaluation(10 * place, {"val/accuracy": accuracy}, 0.0)
        for place, accuracy in enumerate(accuracies)
    ]
    metrics = {} if to_95 is None else {"convergence/to_95": to_95}
    return Result(begin, curve, End(10 * len(curve), metrics, {}, 0.0), [], [])


@pytest.mark.parametrize(
    ("finetune", "scratch", "said"),
    [
        ([([0.1, 0.5, 0.97], 20)], [([0.1, 0.2, 0.4, 0.6], None)],
         "at iteration 20; trained from scratch it stands at 40.0 % there."),
        ([([0.1, 0.5, 0.9], None)], [([0.1, 0.2, 0.4], None)], "did not reach 95 %"),
        ([([0.1, 0.5, 0.97], 20)], [([0.1, 0.2], None)],
         "at iteration 20; trained from scratch it had ended before."),
        ([([0.1, 0.97], 10), ([0.1, 0.9], None)], [([0.1, 0.2], None), ([0.1, 0.3], None)],
         "at iteration 10 (1 of 2 seeds); trained from scratch it stands at 20.0 % there."),
        ([([0.1, 0.97], 10), ([0.1, 0.5, 0.97], 20)], [([0.1, 0.2], None), ([0.1, 0.3], None)],
         "at iteration 10 / 20; trained from scratch it stands at 20.0 % / – there."),
    ],
)  # fmt: skip
def test_where_scratch_stands_when_fine_tuning_arrives(finetune, scratch, said):
    results = {
        name: [result(name, seed, *run) for seed, run in enumerate(runs)]
        for name, runs in (("finetune", finetune), ("scratch", scratch))
    }
    assert said in headline(results)

"""What a finished curve says."""

from dagm_transfer.events.event import Evaluation, Timing
from dagm_transfer.judging.curve import convergence_metrics

DATA = {"inputs": {"val": 1000}, "trivial_accuracy": {"val": 0.5}}
ACCURACIES = [0.1, 0.6, 0.955, 0.992, 0.996, *[0.997] * 16]
CURVE = [Evaluation(10 * n, {"val/accuracy": a}, Timing(0.0)) for n, a in enumerate(ACCURACIES)]


def metrics(curve=CURVE, *, targets=(0.95, 0.99, 0.995), diverged=False):
    return convergence_metrics(curve, DATA, targets=targets, tolerance=0.005, diverged=diverged)


def test_targets_and_convergence_stand_under_their_names():
    assert metrics() == {
        "convergence/to_95": 20,
        "convergence/to_99": 30,
        "convergence/to_99_5": 40,
        "convergence/iterations": 30,
    }


def test_what_was_never_reached_is_left_out():
    assert "convergence/to_99_9" not in metrics(targets=(0.95, 0.999))


def test_a_run_that_diverged_has_not_converged():
    assert "convergence/iterations" not in metrics(diverged=True)
    assert metrics(diverged=True)["convergence/to_95"] == 20

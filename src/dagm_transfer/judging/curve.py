"""What a finished curve says: the iterations to fixed accuracies, and to convergence."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagm_transfer.events.event import Evaluation
from dagm_transfer.metrics.convergence import convergence_iteration, first_reaching


def convergence_metrics(
    evaluations: Sequence[Evaluation],
    data: Mapping[str, Any],
    *,
    targets: Sequence[float],
    tolerance: float,
    diverged: bool,
) -> dict[str, float]:
    """Iterations to convergence and to each target; what was never reached is left out.

    A training that diverged has not converged, however long it stood still before.

    Args:
        evaluations: of the whole run.
        data: the facts of the data that it was validated on.
        targets: validation accuracies.
        tolerance: of the rule (see metrics/convergence.py).
        diverged: whether the run ended because its loss was not finite.
    """
    iterations = [e.step for e in evaluations]
    accuracies = [e.metrics["val/accuracy"] for e in evaluations]
    found = {
        target_key(target): first_reaching(iterations, accuracies, target) for target in targets
    }
    if not diverged:
        found["convergence/iterations"] = convergence_iteration(
            iterations,
            accuracies,
            images=data["inputs"]["val"],
            trivial=data["trivial_accuracy"]["val"],
            tolerance=tolerance,
        )
    return {name: step for name, step in found.items() if step is not None}


def target_key(target: float) -> str:
    """The metric that holds the iterations to a target accuracy.

    >>> target_key(0.95), target_key(0.995)
    ('convergence/to_95', 'convergence/to_99_5')
    """
    return f"convergence/to_{100 * target:g}".replace(".", "_")

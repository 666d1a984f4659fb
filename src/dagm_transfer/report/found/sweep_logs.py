"""The trials of sweeps on the data of a study, as their event logs tell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Evaluation
from dagm_transfer.events.log import LogFiles, begin_of, end_of, is_finished, read_log
from dagm_transfer.report.paths import SWEEPS

FREEZING = "freezing"  # experiments/freezing.py: a study a seed, as freezing-s0
SEARCHED = "transfer"  # what `dagm sweep run` calls its study


@dataclass(frozen=True)
class SweptTrial:
    """A trial that was completed.

    Attributes:
        number: in its study.
        seed: of the trial; where seeds test other folds, it had the data of its own.
        depth: the first that trained; 14 is the head alone.
        learning_rate: of its only phase.
        accuracy: on validation, at its end.
        target: validation accuracy that the sweep aimed at.
        to_target: iterations to it, or all of them; all as well in a study of accuracy alone, which
            does not count them.
        reached: whether it got there.
        iterations: of a trial; one that diverged ended before.
    """

    number: int
    seed: int
    depth: int
    learning_rate: float
    accuracy: float
    target: float
    to_target: int
    reached: bool
    iterations: int


def logs_of(root: Path, study: str) -> list[Path]:
    """The folders of logs below a root, of a study or of one a seed, if there are such."""
    return sorted((root / SWEEPS).glob(f"{study}/logs")) + sorted(
        (root / SWEEPS).glob(f"{study}-s[0-9]*/logs")
    )


def swept_trials(root: Path, study: str, data: Prepared) -> list[SweptTrial]:
    """Those of a study in the order of seeds and numbers; none where it was about other data.

    Args:
        root: where the pipeline runs.
        study: its name.
        data: that it is to be about: with folds, those of each trial's seed.

    Raises:
        UserError: a line of a log is no event.
    """
    logs = [log for folder in logs_of(root, study) for log in sorted(folder.glob("trial-*.jsonl"))]
    found = (_trial(LogFiles.at(log), data) for log in logs)
    return [trial for trial in found if trial]


def pareto_numbers(trials: Sequence[SweptTrial]) -> set[int]:
    """Those that no other beats in accuracy and iterations to the target together."""
    return {
        trial.number
        for trial in trials
        if not any(
            (other.accuracy, -other.to_target) != (trial.accuracy, -trial.to_target)
            and other.accuracy >= trial.accuracy
            and other.to_target <= trial.to_target
            for other in trials
        )
    }


def _trial(files: LogFiles, data: Prepared) -> SweptTrial | None:
    events = read_log(files)
    if not is_finished(events):
        return None
    begin, end = begin_of(events), end_of(events)
    same = begin.data["digest"] == data.for_seed(begin.seed).facts["digest"]
    if not same or end.tags["optuna.state"] != "COMPLETE":
        return None
    (phase,) = begin.params["variant"]["phases"]
    last = [event for event in events if isinstance(event, Evaluation)][-1]
    return SweptTrial(
        number=int(begin.tags["optuna.trial"]),
        seed=begin.seed,
        depth=phase["trainable_from"],
        learning_rate=phase["learning_rate"],
        accuracy=last.metrics["val/accuracy"],
        target=float(begin.tags["sweep.target"]),
        to_target=int(end.metrics.get("sweep/to_target", phase["iterations"])),
        reached=end.tags["reached"] == "true",
        iterations=phase["iterations"],
    )

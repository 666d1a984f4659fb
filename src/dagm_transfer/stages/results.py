"""What the finished runs say, gathered from their logs and tables."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.errors import UserError
from dagm_transfer.places import RunPlaces
from dagm_transfer.tables import read_csv
from dagm_transfer.training.recorder import Begin, End, Evaluation, read_log

Curve = tuple[list[int], list[float]]


@dataclass(frozen=True)
class Result:
    """One finished run: its log, its layer table, and how its test images were judged."""

    begin: Begin
    evaluations: list[Evaluation]
    end: End
    layers: list[dict[str, str]]
    judged: list[dict[str, str]]

    @property
    def metrics(self) -> dict[str, float]:
        """The final metrics."""
        return dict(self.end.metrics)

    def curve(self, name: str) -> Curve:
        """Iterations and values of one metric."""
        points = [(e.step, e.metrics[name]) for e in self.evaluations if name in e.metrics]
        return [step for step, _ in points], [value for _, value in points]

    def layer_values(self, name: str) -> list[float]:
        """A layer metric at each depth."""
        return [float(row[name]) for row in self.layers]


def gather(keys: list[tuple[str, int]], root: Path) -> dict[str, list[Result]]:
    """The results of these runs by variant; only those named, whatever else lies there.

    Raises:
        UserError: a run is not finished.
    """
    found: dict[str, list[Result]] = {}
    for variant, seed in keys:
        found.setdefault(variant, []).append(read_result(f"{variant}-s{seed}", root))
    return found


def read_result(key: str, root: Path) -> Result:
    """One run's result below a project's root.

    Raises:
        UserError: the run is not finished.
    """
    places = RunPlaces(key)
    events = read_log(root / places.log)
    if not events or not isinstance(events[0], Begin) or not isinstance(events[-1], End):
        raise UserError(f"{places.log}: {key} is not finished; `dvc repro` finishes it")
    return Result(
        begin=events[0],
        evaluations=[event for event in events if isinstance(event, Evaluation)],
        end=events[-1],
        layers=read_csv(root / places.layers),
        judged=read_csv(root / places.judged),
    )


def champion(results: dict[str, list[Result]]) -> Result | None:
    """The run to keep: best last validation accuracy, then least last validation loss.

    Test images have no say in it.
    """
    runs = [run for group in results.values() for run in group if "val/loss" in _last(run)]
    return max(
        runs, key=lambda run: (_last(run)["val/accuracy"], -_last(run)["val/loss"]), default=None
    )


def _last(run: Result) -> dict[str, float]:
    return dict(run.evaluations[-1].metrics)

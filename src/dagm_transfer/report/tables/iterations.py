"""The report's table of how soon each variant was how good."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dagm_transfer.metrics.convergence import convergence_bracket
from dagm_transfer.report.found.results import Groups, Result, all_runs
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table

TO = "convergence/to_"
CONVERGED = "convergence/iterations"
FEW = 3  # seeds: fewer are told one by one
TOOK: dict[str, Callable[[Result], float | None]] = {  # what a training took
    "seconds": lambda run: run.seconds,
    "images a second": lambda run: run.images_per_second,
    "MiB at most": lambda run: run.peak_mib,
}
Bracket = tuple[int, int]  # it happened after the first evaluation and by the second


def targets(results: Groups) -> dict[float, str]:
    """The validation accuracies that some run reached, in per cent, with their metrics."""
    names = {name for run in all_runs(results) for name in run.metrics if name.startswith(TO)}
    found = {float(name.removeprefix(TO).replace("_", ".")): name for name in names}
    return dict(sorted(found.items()))


def convergence_table(results: Groups, caption: str) -> Table:
    """Iterations to accuracies and to convergence, and what the training took."""
    goals = targets(results)
    took = {
        name: value
        for name, value in TOOK.items()
        if any(value(run) is not None for run in all_runs(results))
    }
    devices = {run.device for run in all_runs(results)}
    rows = [
        [
            Cell(variant),
            *(_over_seeds([_reached(run, name) for run in runs]) for name in goals.values()),
            _over_seeds([_converged(run) for run in runs]),
            _trained(runs),
            *_took(runs, took, devices),
        ]
        for variant, runs in results.items()
    ]
    accuracies = [("validation accuracy first reached at iteration", f"{t:g} %") for t in goals]
    return Table(
        columns=[
            ("", "variant"),
            *accuracies,
            *(("", name) for name in ("converged at", "iterations trained", *took)),
        ],
        rows=rows,
        caption=caption,
    )


def _at(step: float) -> Bracket:
    return int(step), int(step)


def _reached(run: Result, name: str) -> Bracket | None:
    return _at(run.metrics[name]) if name in run.metrics else None


def _converged(run: Result) -> Bracket | None:
    if CONVERGED not in run.metrics:
        return None
    steps = [evaluation.step for evaluation in run.evaluations]
    return convergence_bracket(steps, int(run.metrics[CONVERGED]))


def _trained(runs: list[Result]) -> Cell:
    cell = _over_seeds([_at(run.metrics["iterations"]) for run in runs])
    lost = sum(run.diverged for run in runs)
    if not lost:
        return cell
    said = "diverged" if len(runs) == 1 else f"{lost} of {len(runs)} diverged"
    return Cell(cell.text, "; ".join(filter(None, (cell.note, said))))


def _took(
    runs: list[Result], values: Mapping[str, Callable[[Result], float | None]], devices: set[str]
) -> Iterator[Cell]:
    """What a training took; the first number names the devices where there are several."""
    for place, value in enumerate(values.values()):
        told = _by_device(runs, value)
        if len(devices) == 1:
            yield told[runs[0].device]
            continue
        said = (
            f"{cell.text}{f' ({cell.note})' if cell.note else ''}{'' if place else f' on {device}'}"
            for device, cell in told.items()
        )
        yield Cell("\n".join(said))


def _by_device(runs: list[Result], value: Callable[[Result], float | None]) -> dict[str, Cell]:
    """Each device apart: numbers of one say nothing of another."""
    of: dict[str, list[Bracket | None]] = {}
    for run in runs:
        found = value(run)
        of.setdefault(run.device, []).append(None if found is None else _at(round(found)))
    return {device: _over_seeds(found) for device, found in of.items()}


def _over_seeds(found: Sequence[Bracket | None]) -> Cell:
    """One by one where there are few, else the median, with its range below it.

    A run that never got there counts as later than all others: where half of them did not, the
    median is a dash. Of an even number the lower one of the two in the middle is taken.
    """
    if len(found) < FEW:
        return Cell(" / ".join(DASH if each is None else _said(each) for each in found))
    reached = sorted((each for each in found if each is not None), key=lambda each: each[1])
    if not reached:
        return Cell(DASH)
    middle = (len(found) - 1) // 2
    median = _said(reached[middle]) if middle < len(reached) else DASH
    spread = _said((reached[0][0], reached[-1][1]))
    if len(reached) < len(found):
        return Cell(median, f"{len(reached)} of {len(found)} seeds: {spread}")
    return Cell(median, spread if spread != median else "")


def _said(bracket: Bracket) -> str:
    low, high = bracket
    return str(high) if low == high else f"{low} to {high}"

"""A layer metric of every variant over depth, with the networks before training beside it."""

from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.figures.depths import depth_figure
from dagm_transfer.report.results import Result, all_runs

SOURCE = "imagenet"  # the initialisation that is the source trunk itself
LOW, HIGH, LAST = range(1, 8), range(8, 14), range(13, 14)


def measured(study: Study) -> str:
    """What layer metrics are of."""
    return f"{all_runs(study.results)[0].layer_inputs} test {study.unit}"


def over_depth(
    study: Study, metric: str, title: str, ylabel: str, *, share: bool, control: bool
) -> Figure:
    """One metric against depth; `control` draws the networks before training in grey."""
    runs = all_runs(study.results)
    values = {variant: [run.layers[metric] for run in of] for variant, of in study.results.items()}
    before = starts(runs).items() if control else ()
    controls = {f"{name}, before training": run.layers[f"{metric}_initial"] for name, run in before}
    names = runs[0].layer_names
    return depth_figure(values, controls, names, title, ylabel, share=share)


def starts(runs: list[Result]) -> dict[str, Result]:
    """A run for each way to start: from the source trunk, and from fresh ones."""
    found: dict[str, Result] = {}
    for run in runs:
        init = run.begin.params["variant"]["init"]
        name = "source trunk" if init == SOURCE else f"fresh trunk ({init})"
        found.setdefault(name, run)
    return found

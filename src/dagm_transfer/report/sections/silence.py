"""What makes channels silent, and whether training does: fine-tuning with small and large steps."""

import math
from collections.abc import Sequence
from statistics import fmean

from dagm_transfer.metrics.intervals import mean_interval
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.base import Curve
from dagm_transfer.report.figures.silence import NETWORKS, Point, silence_figure
from dagm_transfer.report.found.silent import (
    ACCURACY,
    EDGE,
    ENDS,
    USUAL,
    Setting,
    Silence,
    Watched,
    read_silence,
)
from dagm_transfer.report.paths import SILENCE
from dagm_transfer.report.tables.html_tables import percent

COUNTS = {1: "inactive", 10: "dead_over_10", 100: "dead_over_100"}


def silence_section(study: Study) -> Section | None:
    """The experiment on sparsity; None where it was not made on these data, or is under way."""
    found = read_silence(study.root / SILENCE, study.data)
    if not found or not found.networks or not all(map(found.of, ENDS.values())):
        return None
    return Section(
        anchor="silence",
        title="Where does the sparsity come from?",
        study="English figure 6, Korean figure 8",
        published="90.47 % of the last convolution's channels are dead after transfer, 8.44 % "
        "after training from scratch with augmentation: transfer learns sparser features.",
        found=_found(found, study.overlap),
        control=_control(found),
        drawings=[_drawing(found)],
    )


def _found(found: Silence, overlap: float) -> str:
    return " ".join(_of_setting(setting, found, overlap) for setting in ENDS.values())


def _of_setting(setting: Setting, found: Silence, overlap: float) -> str:
    """Where its trainings end, those that end at all."""
    runs = found.of(setting)
    there = _finite(runs)
    said = f"{setting.name[0].upper()}{setting.name[1:]} ({_runs(runs)})"
    if not there:
        return f"{said}: nothing is left to be counted."
    return (
        f"{said}: {_share(there, 'inactive')} of the channels are inactive on one input after "
        f"{_last_step(there)} iterations, {_share(there, 'dead')} dead over {found.count}, at "
        f"{_share(there, ACCURACY)} of validation. {_change(there, overlap)}"
    )


def _change(runs: Sequence[Watched], overlap: float) -> str:
    """Whether training made channels inactive that were not."""
    before = fmean(run.first("inactive") for run in runs)
    changes = [run.last("inactive") - run.first("inactive") for run in runs]
    if len(changes) < 2 or max(changes) == min(changes):
        return f"Before training it was {percent(before)}."
    low, high = mean_interval(changes, overlap)
    verdict = "more are" if low > 0 else "fewer are" if high < 0 else "not surely more or fewer are"
    return (
        f"Before training it was {percent(before)}: {verdict} inactive than in the untouched "
        f"source, by {100 * fmean(changes):+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]."
    )


def _control(found: Silence) -> str:
    shares = {name: of["inactive"] for (name, inputs), of in found.networks.items()
              if inputs == USUAL}  # fmt: skip
    said = [f"{name} {percent(share)}" for name, share in shares.items() if name in NETWORKS]
    parts = [f"Inactive on one input, on {USUAL}: {', '.join(said)}."] if said else []
    photographs = [
        (inputs, of["inactive"]) for (name, inputs), of in found.networks.items()
        if name == "source" and inputs.endswith("photographs")
    ]  # fmt: skip
    parts += [f"The source on {inputs}: {percent(share)}." for inputs, share in photographs]
    warmed = Setting(EDGE.step, EDGE.momentum, warm_up=True)
    if runs := _finite(found.of(warmed)):
        parts.append(
            f"The larger step after a warm-up ({_runs(found.of(warmed))}): "
            f"{_share(runs, 'inactive')} inactive, {_share(runs, 'dead')} dead, at "
            f"{_share(runs, ACCURACY)} of validation."
        )
    parts += [
        f"After {_last_step([run])} iterations at {run.setting.name} (seed {run.seed}): "
        f"{percent(run.last('inactive'))} inactive, {percent(run.last('dead'))} dead, at "
        f"{percent(run.last(ACCURACY))}."
        for run in found.long
    ]
    return " ".join(parts)


def _drawing(found: Silence) -> Drawing:
    points = [
        Point(run.last(ACCURACY), run.last("inactive"), run.setting.step,
              run.setting.momentum > 0, run.setting.warm_up)
        for run in found.watched
        if math.isfinite(run.last("inactive"))
    ]  # fmt: skip
    courses = {
        name: {what: [run.curves[what] for run in found.of(setting)]
               for what in ("inactive", "dead")}
        for name, setting in ENDS.items()
    }  # fmt: skip
    networks = [name for name in NETWORKS if (name, USUAL) in found.networks]
    return Drawing(
        "silence",
        silence_figure(
            points,
            courses,
            {name: _over_images(found, name) for name in networks},
            {
                name: {inputs: of["inactive"] for (of_name, inputs), of in found.networks.items()
                       if of_name == name}
                for name in networks
            },
        ),
        "Silent channels of the last convolution: against accuracy, on the way, over other inputs",
        "All of the last convolution. Top left: each point is a training; its step is the learning "
        "rate over 1 - momentum. Top right: medians over seeds, bands from the least to the "
        "largest; from where a training's responses are no numbers any more, of the others alone. "
        "Bottom: a channel is dead if it is silent in so many inputs (the mean over all "
        f"choices of them among {found.count}); one input is the left end. Networks are those of "
        "seed 0 at their ends; colours are the same in both.",
    )  # fmt: skip


def _over_images(found: Silence, name: str) -> Curve:
    of = found.networks[name, USUAL]
    dead = {count: of[metric] for count, metric in COUNTS.items() if metric in of}
    return [*dead, found.count], [*dead.values(), of["dead"]]


def _runs(runs: Sequence[Watched]) -> str:
    seeds, finite = f"{len(runs)} seed{'s' * (len(runs) > 1)}", len(_finite(runs))
    if finite == len(runs):
        return seeds
    return f"{finite} of {seeds}; the others' responses are no numbers any more"


def _finite(runs: Sequence[Watched]) -> list[Watched]:
    """Those whose responses are numbers at the end."""
    return [run for run in runs if math.isfinite(run.last("inactive"))]


def _last_step(runs: Sequence[Watched]) -> int:
    """One that diverged took fewer."""
    return max(run.iterations for run in runs)


def _share(runs: Sequence[Watched], metric: str) -> str:
    """The mean over seeds at the end, with their range."""
    values = [run.last(metric) for run in runs]
    if len(values) == 1:
        return percent(values[0])
    return f"{percent(fmean(values))} ({percent(min(values))} to {percent(max(values))})"

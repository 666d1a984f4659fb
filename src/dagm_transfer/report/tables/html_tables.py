"""The report's tables on test images: each way of judging under a heading of its own."""

import itertools
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.judging.judgement import JudgedRows
from dagm_transfer.judging.threshold_rule import ThresholdRule, rule_of
from dagm_transfer.metrics.accuracy import balanced_accuracy, trivial_accuracy
from dagm_transfer.report.found.results import Groups, Result
from dagm_transfer.report.tables.average_precision import precision_interval
from dagm_transfer.report.tables.share_interval import Interval, over_seeds, share_interval

DASH = "–"
TRIVIAL = "right group, never defective"
LARGEST = "at the largest logit"
THRESHOLD = "at the threshold"  # which one is said where the runs are known
PHASES = {
    "trainable_from": "from depth",
    "learning_rate": "learning rate",
    "iterations": "iterations",
}


@dataclass(frozen=True)
class Cell:
    """What stands in a table: a text of one line or several, and a small note below it."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under columns; each column is a heading over it, often none, and its own.

    One of words is set as text is: its cells begin at the left, and wrap.
    """

    columns: list[tuple[str, str]]
    rows: list[list[Cell]]
    caption: str
    of_words: bool = False

    @property
    def headings(self) -> list[tuple[str, list[str]]]:
        """The headings with the columns below each."""
        return [
            (heading, [name for _, name in columns])
            for heading, columns in itertools.groupby(self.columns, key=lambda column: column[0])
        ]


@dataclass(frozen=True)
class Column:
    """A column of the results: where its heading is THRESHOLD, so are its judgements."""

    heading: str
    name: str
    metric: str

    def witnesses(self, judged: JudgedRows) -> tuple[NDArray[np.bool_], list[str]] | None:
        """Whether each image was judged rightly, with the images' names.

        None where the metric is no share of images.
        """
        found = judged.at_threshold if self.heading == THRESHOLD else judged.predicted
        as_defective = found % 2 == 1
        share = self.metric.removesuffix("_at_threshold")
        if share == "accuracy":
            right, counted = found == judged.labels, np.ones(len(found), dtype=bool)
        elif share == "defect_tpr":
            right, counted = as_defective, judged.defective
        elif share == "defect_tnr":
            right, counted = ~as_defective, ~judged.defective
        else:
            return None
        return right[counted], [judged.images[int(place)] for place in np.flatnonzero(counted)]


RESULTS = (
    Column(LARGEST, "accuracy", "accuracy"),
    Column(LARGEST, "balanced accuracy", "balanced_accuracy"),
    Column(LARGEST, "defects found", "defect_tpr"),
    Column(LARGEST, "normals passed", "defect_tnr"),
    Column(THRESHOLD, "defects found", "defect_tpr_at_threshold"),
    Column(THRESHOLD, "normals passed", "defect_tnr_at_threshold"),
    Column(THRESHOLD, "cost", "dagm_cost"),
    Column("over all thresholds", "average precision", "defect_ap"),
)


def results_table(results: Groups, kind: str, prefix: str, caption: str) -> Table:
    """A row a variant, and the trivial answer.

    Args:
        results: the runs by variant.
        kind: of the judged images, `patch` or `image`.
        prefix: of their metrics.
        caption: what was judged, and how; how the intervals were made follows.
    """
    first = next(iter(results.values()))[0]
    rows = [
        [Cell(variant), Cell(str(len(runs))), *(_cell(c, runs, kind, prefix) for c in RESULTS)]
        for variant, runs in results.items()
    ]
    rule = rule_of(first.judge, kind)
    return Table(
        columns=[("", "variant"), ("", "seeds"), *((_heading(c, rule), c.name) for c in RESULTS)],
        rows=[*rows, _trivial_row(first, kind)],
        caption=f"{caption} {_said_of_intervals(results, kind)}",
    )


def settings_table(results: Groups, caption: str) -> Table:
    """How each variant was trained, in the words of params.yaml."""
    settings = {variant: runs[0].begin.params["variant"] for variant, runs in results.items()}
    names = [name for name in next(iter(settings.values())) if name not in ("name", "phases")]
    spaced = [("", name.replace("_", " ")) for name in names]
    return Table(
        columns=[("", "variant"), *spaced, *(("phases", name) for name in PHASES.values())],
        rows=[
            [
                Cell(variant),
                *(Cell(_said(chosen[name])) for name in names),
                *(Cell("\n".join(_said(phase[n]) for phase in chosen["phases"])) for n in PHASES),
            ]
            for variant, chosen in settings.items()
        ],
        caption=caption,
    )


def percent(share: float) -> str:
    """A share as text.

    >>> percent(0.8696)
    '87.0 %'
    """
    return f"{100 * share:.1f} %"


def _heading(column: Column, rule: ThresholdRule) -> str:
    of_which = f" {rule.words}" if column.heading == THRESHOLD else ""
    return f"{column.heading}{of_which}"


def _said(setting: object) -> str:
    return str(setting).lower() if isinstance(setting, bool) else str(setting)


def _cell(column: Column, runs: list[Result], kind: str, prefix: str) -> Cell:
    name = f"{prefix}/{column.metric}"
    values = [run.metrics[name] for run in runs if name in run.metrics]
    if not values:
        return Cell(DASH)
    mean = statistics.fmean(values)
    if column.metric == "dagm_cost":
        return Cell(f"{mean:.0f}", _range(values) if max(values) > min(values) else "")
    if column.metric == "defect_ap":
        return Cell(f"{mean:.3f}", _range([*precision_interval(runs, kind, prefix)], ".3f"))
    witnesses = column.witnesses(runs[0].judged[kind])
    if witnesses is None:
        return Cell(percent(mean))
    return share_cell(mean, share_interval(values, *witnesses, kind, runs[0].overlap))


def _said_of_intervals(results: Groups, kind: str) -> str:
    counts = {len(runs) for runs in results.values()}
    alone = (
        "a bootstrap over the images that the patches come from"
        if kind == "patch"
        else "Wilson's over the images"
    )
    over = f"{over_seeds(results)} (where all seeds agree, Wilson's over the images)"
    if max(counts) == 1:
        how = alone
    elif min(counts) > 1:
        how = f"{over}; that of the trivial answer is {alone}"
    else:
        how = f"{over}, and for a single seed {alone}"
    said = f"Below each share of images stands its 95 % interval in per cent: {how}."
    if min(counts) == 1:
        said += " That of a single seed's average precision is a bootstrap over the images."
    if max(counts) > 1:
        said += " Numbers are means over seeds; below a cost stands its range."
    return said


def _trivial_row(run: Result, kind: str) -> list[Cell]:
    """What anybody's answer is worth who recognises the group and calls no defect."""
    judged = run.judged[kind]
    answer = judged.labels // 2 * 2
    share, defects = trivial_accuracy(judged.labels), int(judged.defective.sum())
    found, passed = Cell(percent(0.0) if defects else DASH), Cell(percent(1.0))
    interval = share_interval([share], answer == judged.labels, judged.images, kind)
    cells = {
        "accuracy": share_cell(share, interval),
        "balanced_accuracy": Cell(percent(balanced_accuracy(answer, judged.labels))),
        "defect_tpr": found,
        "defect_tnr": passed,
        "defect_tpr_at_threshold": found,
        "defect_tnr_at_threshold": passed,
        "dagm_cost": Cell(f"{run.judge.miss_cost * defects:.0f}"),
        "defect_ap": Cell(f"{defects / len(answer):.3f}" if defects else DASH),
    }
    return [Cell(TRIVIAL), Cell(DASH), *(cells[column.metric] for column in RESULTS)]


def share_cell(share: float, interval: Interval) -> Cell:
    """A share of images with its interval below it."""
    return Cell(percent(share), _range([100 * end for end in interval], ".1f"))


def _range(values: list[float], form: str = ".0f") -> str:
    return f"{min(values):{form}}–{max(values):{form}}"


def kinds_of(results: Groups) -> Iterator[tuple[str, str]]:
    """The kinds of judged images and the prefix of their metrics, whole images first.

    What the network takes in is tested under `test/`; where that is patches, whole images stand
    under `image/`.
    """
    kinds = next(iter(results.values()))[0].judged
    if "patch" in kinds:
        yield from (("image", "image"), ("patch", "test"))
    else:
        yield "image", "test"

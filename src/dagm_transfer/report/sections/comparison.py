"""Two runs of one variant, and transfer beside scratch: do they share a basin?"""

import math
import statistics
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dagm_transfer.analysis.of_seeds import folders_there
from dagm_transfer.analysis.paths import COMPARISON, ComparisonPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.comparison import Compared, comparison_figure
from dagm_transfer.report.found.results import Result, all_runs, any_layers
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table

ANCHOR = "comparison"
TITLE = "Two runs side by side: CKA, and the loss between their weights"
LAST = "the last convolution"
OF_FOLDS = (
    " Both runs of a pair were shown the same images, which trained neither: for two seeds, whose "
    "folds differ, there are few."
)
OTHERS = "All pairs; those of the compared variants are drawn and told of. "
ALONE = "With one seed and nothing laid beside it, no two runs are compared."
NOT_YET = "No two of these runs were compared yet."


@dataclass(frozen=True)
class Pair:
    """Two runs and what is known of both.

    Attributes:
        a: the first.
        b: the second.
        cka: at each depth, after training.
        floor: at each depth, before it.
        losses: along the line.
        sums: by metric (see `analysis/comparison.py`).
    """

    a: Result
    b: Result
    cka: list[float]
    floor: list[float]
    losses: list[float]
    sums: dict[str, float]

    @property
    def variant(self) -> str:
        """Of both; empty where they differ."""
        return self.a.begin.variant if self.a.begin.variant == self.b.begin.variant else ""

    @property
    def kind(self) -> str:
        """What the pair is one of."""
        if self.variant:
            return f"{self.variant}, two seeds"
        return f"{self.a.begin.variant} and {self.b.begin.variant}"

    @property
    def of_one_scale(self) -> bool:
        """Whether both were trained on inputs of one scale."""
        a, b = (run.begin.params["variant"]["input_scale"] for run in (self.a, self.b))
        return bool(a == b)


Kinds = dict[str, list[Pair]]


def comparison_section(study: Study) -> Section:
    """The pairs of runs that the stage `compare` laid side by side.

    Raises:
        UserError: the stage has not run.
    """
    pairs = _pairs(study)
    if not pairs:
        return Section(ANCHOR, TITLE, found=NOT_YET if len(study.seeds) > 1 else ALONE)
    kinds: Kinds = {}
    for pair in pairs:
        kinds.setdefault(pair.kind, []).append(pair)
    told = _told(kinds, study.told) or kinds
    return Section(
        ANCHOR,
        TITLE,
        found=" ".join(_found(kind, of) for kind, of in told.items()),
        control=" ".join(_control(kind, of) for kind, of in told.items()),
        drawings=[_drawing(told, study)],
        tables=[_table(pairs, all_told=len(told) == len(kinds))],
    )


def _told(kinds: Kinds, variants: Container[str]) -> Kinds:
    """The pairs of variants whose numbers stand in sentences, and that are drawn."""
    return {
        kind: pairs
        for kind, pairs in kinds.items()
        if all(run.begin.variant in variants for run in (pairs[0].a, pairs[0].b))
    }


def _pairs(study: Study) -> list[Pair]:
    """Those of the runs that the report tells of, two seeds of a variant first."""
    runs = {run.begin.key: run for run in all_runs(study.results)}
    below = study.root / COMPARISON
    there = [ComparisonPaths(folder) for folder in folders_there(below, study.seeds).values()]
    if not there:
        raise UserError(f"{below}: nothing of these runs; `dvc repro compare` makes it")
    cka = [row for of_seed in there for row in read_csv(of_seed.cka)]
    line = [row for of_seed in there for row in read_csv(of_seed.line)]
    sums = [row for of_seed in there for row in read_csv(of_seed.pairs)]
    found = dict.fromkeys((row["a"], row["b"]) for row in sums)
    pairs = [
        Pair(
            runs[a],
            runs[b],
            cka=_values(cka, a, b, "value", metric="cka"),
            floor=_values(cka, a, b, "value", metric="cka_before"),
            losses=_values(line, a, b, "loss"),
            sums={r["metric"]: float(r["value"]) for r in sums if (r["a"], r["b"]) == (a, b)},
        )
        for a, b in found
        if a in runs and b in runs
    ]
    if len({len(pair.losses) for pair in pairs}) > 1:
        raise UserError(f"{below}: lines of unlike lengths; `dvc repro compare` makes all anew")
    return sorted(pairs, key=lambda pair: not pair.variant)


def _values(rows: list[dict[str, str]], a: str, b: str, column: str, **also: str) -> list[float]:
    wanted = {"a": a, "b": b, **also}
    return [float(row[column]) for row in rows if wanted.items() <= row.items()]


def _found(kind: str, pairs: Sequence[Pair]) -> str:
    """The barriers of one kind, beside the distance."""
    barriers, falls = _known(pairs, "barrier_loss"), _known(pairs, "barrier_accuracy")
    far = _known(pairs, "relative_distance")
    if not barriers:
        why = (
            "a loss between them is not finite"
            if all(pair.of_one_scale for pair in pairs)
            else "their inputs are scaled differently"
        )
        return f"{kind}: nothing can be told of the line, as {why}."
    apart = f"; their trunks lie {_span(far, '.3f')} of the first one's norm apart" if far else ""
    if len(barriers) < len(pairs):
        kind = f"{kind} ({len(barriers)} of {len(pairs)} pairs; the others' losses are not finite)"
    if max(barriers) == 0 and max(falls) == 0:
        return f"{kind}: no barrier on the line between their weights{apart}."
    return (
        f"{kind}: on the line between their weights the loss rises {_span(barriers, '.2f')} above "
        f"the straight line between its ends, and accuracy falls "
        f"{_span([100 * x for x in falls], '.1f')} points below its own{apart}."
    )


def _control(kind: str, pairs: Sequence[Pair]) -> str:
    """The CKA at the last convolution, beside that of the same pairs before training."""
    after = [pair.cka[-1] for pair in pairs if math.isfinite(pair.cka[-1])]
    before = [pair.floor[-1] for pair in pairs if math.isfinite(pair.floor[-1])]
    said = _span(after, ".2f") if after else "unknown"
    floor = _span(before, ".2f") if before else "unknown"
    return f"{kind}: CKA at {LAST} is {said} after training and {floor} before it."


def _known(pairs: Sequence[Pair], metric: str) -> list[float]:
    return [pair.sums[metric] for pair in pairs if math.isfinite(pair.sums[metric])]


def _span(values: Sequence[float], form: str) -> str:
    """One value, or the median of several with their range if they differ."""
    least, median, most = (f"{of(values):{form}}" for of in (min, statistics.median, max))
    return median if least == most else f"{median} ({least} to {most})"


def _drawing(kinds: Kinds, study: Study) -> Drawing:
    unit = f"test {study.unit}"
    several = any(len(pairs) > 1 for pairs in kinds.values())
    folds = OF_FOLDS if study.facts["folds"] > 1 else ""
    return Drawing(
        ANCHOR,
        comparison_figure(
            {kind: _compared(pairs) for kind, pairs in kinds.items()},
            any_layers(study.results).names,
            math.log(len(study.facts["labels"])),
            unit,
        ),
        "CKA of pairs of runs by depth, and the loss along the line between their weights",
        "Left: debiased linear CKA of the two runs' pooled responses to the same inputs, one an "
        "image, inside each label; dotted, the same two networks before training, where these "
        "were two: runs from the source trunk begin as one, at 1. "
        f"Right: mean loss on {unit} of networks whose weights, head included, lie on the straight "
        "line between the two runs'. Dashed: the loss of one who gives each label the same "
        "probability. Networks that took small steps from one source have no barrier between them "
        "whatever they learned: see their distance below."
        f"{' Lines are medians over pairs, bands reach from the least to the largest.' * several}"
        f"{folds}",
    )


def _compared(pairs: Sequence[Pair]) -> Compared:
    return Compared(
        cka=np.array([pair.cka for pair in pairs]),
        floor=np.array([pair.floor for pair in pairs]),
        losses=np.array([pair.losses for pair in pairs]),
        variant=pairs[0].variant,
    )


COLUMNS = (
    ("on the line", "inputs"),
    ("barrier on the line", "loss"),
    ("barrier on the line", "accuracy, points"),
    ("distance of the trunks", "absolute"),
    ("distance of the trunks", "over the first one's norm"),
    (f"CKA at {LAST}", "before"),
    (f"CKA at {LAST}", "after"),
)


def _table(pairs: Sequence[Pair], *, all_told: bool) -> Table:
    unlike = any(not pair.of_one_scale for pair in pairs)
    others = "" if all_told else OTHERS
    return Table(
        columns=[("", "first run"), ("", "second run"), *COLUMNS],
        rows=[[Cell(p.a.begin.key), Cell(p.b.begin.key), *map(Cell, _numbers(p))] for p in pairs],
        caption=f"{others}How far loss rises, and accuracy falls, beyond the straight line between "
        "those of the two runs; and how far apart the weights and biases of their trunks are. A "
        "dash: a value on the way is not finite"
        f"{', or the inputs of the two are scaled differently' if unlike else ''}.",
    )


def _numbers(pair: Pair) -> Iterator[str]:
    sums = pair.sums
    for value, form in (
        (sums["inputs"], ".0f"),
        (sums["barrier_loss"], ".3f"),
        (100 * sums["barrier_accuracy"], ".1f"),
        (sums["distance"], ".2f"),
        (sums["relative_distance"], ".4f"),
        (pair.floor[-1], ".3f"),
        (pair.cka[-1], ".3f"),
    ):
        yield f"{value:{form}}" if math.isfinite(value) else DASH

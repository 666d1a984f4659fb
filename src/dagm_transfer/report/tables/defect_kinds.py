"""The report's table of defects by their kind: which of them are found, in each group."""

import statistics
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.judging.judgement import JudgedRows
from dagm_transfer.judging.scores import Labels
from dagm_transfer.judging.threshold_rule import rule_of
from dagm_transfer.report.found.results import Groups, Result, all_runs
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table, share_cell
from dagm_transfer.report.tables.share_interval import over_seeds, share_interval

AT = ("at the largest logit", "at the threshold")
CAPTION = (
    "Test images by the kind of their defect: how many of them are called defective, at the "
    "largest logit and at the threshold {}.{} Below each share stands its "
    "95 % interval in per cent: {}."
)
FALSE_ALARMS = " Of images labelled normal that are false alarms."
UNNAMED = " A dash: the kind is not named."
OF_IMAGES = "Wilson's over the images"
OF_SEEDS = "{} (of a single seed, and where all seeds agree, Wilson's over the images)"


@dataclass(frozen=True)
class KindOfDefect:
    """A kind of defect in a group, or of normal images that have a kind; `name` may be empty."""

    group: str
    name: str
    defective: bool
    images: Set[str]


def defect_kinds_table(results: Groups, index: Sequence[Mapping[str, str]]) -> Table | None:
    """A row a group and kind of defect; None where all test images have the same.

    Args:
        results: the runs by variant.
        index: the rows of `images.csv` that are tested; without a column `defect` no kind is named.
    """
    first = all_runs(results)[0]
    found = kinds_of_defects([run.judged["image"] for run in all_runs(results)], index)
    if found is None:
        return None
    normal = any(not kind.defective for kind in found)
    unnamed = any(not kind.name for kind in found)
    notes = (FALSE_ALARMS if normal else "") + (UNNAMED if unnamed else "")
    threshold = rule_of(first.judge, "image").words
    several = max(map(len, results.values())) > 1
    intervals = OF_SEEDS.format(over_seeds(results)) if several else OF_IMAGES
    return Table(
        columns=[
            *(("", name) for name in ("group", "kind", "images")),
            *((variant, at) for variant in results for at in AT),
        ],
        rows=[
            [
                *kind_cells(kind),
                *(_cell(runs, kind.images, at) for runs in results.values() for at in AT),
            ]
            for kind in found
        ],
        caption=CAPTION.format(threshold, notes, intervals),
    )


def kinds_of_defects(
    judged: Sequence[JudgedRows], index: Sequence[Mapping[str, str]]
) -> list[KindOfDefect] | None:
    """The kinds by group and name, what is labelled defective first; None where all are the same.

    Args:
        judged: whole test images of each run.
        index: the rows of `images.csv` that are tested; without a column `defect` no kind is named.
    """
    defects = {row["image"]: row.get("defect", "") for row in index}
    groups = {int(row["label"]): row["group"] for row in index}
    images: dict[tuple[int, str], set[str]] = {}
    for rows in judged:
        for name, label in zip(rows.images, rows.labels.tolist(), strict=True):
            if label % 2 or defects[name]:
                images.setdefault((label, defects[name]), set()).add(name)
    if len({kind for _, kind in images}) < 2:
        return None
    in_order = sorted(images, key=lambda key: (key[0] // 2, key[1], -key[0]))
    return [
        KindOfDefect(groups[label], kind, label % 2 == 1, images[label, kind])
        for label, kind in in_order
    ]


def kind_cells(kind: KindOfDefect) -> list[Cell]:
    """Group, name and how many images, as they stand in a table."""
    return [
        Cell(kind.group),
        Cell(kind.name or DASH, "" if kind.defective else "labelled normal"),
        Cell(str(len(kind.images))),
    ]


def _cell(runs: Sequence[Result], names: Set[str], at: str) -> Cell:
    each = []
    for run in runs:
        judged = run.judged["image"]
        found = judged.predicted if at == AT[0] else judged.at_threshold
        called = called_defective(judged, found, names)
        if called.size:  # a fold may test no image of this kind
            each.append((called, sorted(names & set(judged.images))))
    if not each:
        return Cell(DASH)
    shares = [float(called.mean()) for called, _ in each]
    return share_cell(
        statistics.fmean(shares), share_interval(shares, *each[0], "image", runs[0].overlap)
    )


def called_defective(
    judged: JudgedRows, found: Labels, names: Collection[str]
) -> NDArray[np.bool_]:
    """Whether each of the named images is called defective by some way of judging."""
    chosen = np.array([name in names for name in judged.images])
    return np.asarray(found[chosen] % 2 == 1)

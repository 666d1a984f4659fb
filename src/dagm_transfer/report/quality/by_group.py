"""What is found and what is falsely rejected, a group and a kind of defect at a time."""

from collections.abc import Mapping, Sequence

import numpy as np

from dagm_transfer.inspection.thresholds.operating_point import part_outcome
from dagm_transfer.report.quality.inspected import Inspection
from dagm_transfer.report.quality.plain import cost_cell, count_cell
from dagm_transfer.report.tables.defect_kinds import called_defective, kind_cells, kinds_of_defects
from dagm_transfer.report.tables.html_tables import Cell, Table

GROUPS = ("group", "defects found", "falsely rejected", "cost")
OF_GROUPS = (
    "Test images of each group. Below a number stands where the share, or the cost, may lie with "
    "95 % confidence.{}"
)
NONE_THERE = " A dash: the group has no such image."
KINDS = ("group", "kind", "images", "rejected")
OF_KINDS = (
    "Test images by the kind of their defect, and how many of them are rejected. Below stands "
    "where the share may lie with 95 % confidence.{}"
)
FALSELY = " Those that are labelled normal are rejected falsely."


def groups_table(inspection: Inspection, groups: Sequence[str]) -> Table:
    """A row a group.

    Args:
        inspection: the champion's.
        groups: names; label `2 * i + 1` is a defect of the i-th.
    """
    rows, lacking = [], False
    found = part_outcome(inspection.test, groups, inspection.threshold, inspection.costs)
    for name, counts in found.groups.items():
        lacking |= not (counts.defects and counts.normals)
        rows.append(
            [
                Cell(name),
                count_cell(counts.found, counts.defects),
                count_cell(counts.false_alarms, counts.normals),
                cost_cell(counts, inspection.costs),
            ]
        )
    caption = OF_GROUPS.format(NONE_THERE if lacking else "")
    return Table([("", name) for name in GROUPS], rows, caption)


def kinds_table(inspection: Inspection, index: Sequence[Mapping[str, str]]) -> Table | None:
    """A row a group and kind of defect; None where the data name none, or one alone.

    Args:
        inspection: the champion's.
        index: the rows of `images.csv` that are tested.
    """
    test = inspection.test
    found = kinds_of_defects([test], index)
    if found is None:
        return None
    rows = []
    for kind in found:
        rejected = called_defective(test, test.at_threshold, kind.images)
        rows.append([*kind_cells(kind), count_cell(int(np.sum(rejected)), len(rejected))])
    normal = any(not kind.defective for kind in found)
    return Table([("", name) for name in KINDS], rows, OF_KINDS.format(FALSELY if normal else ""))

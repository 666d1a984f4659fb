"""Defects by their kind: counted against the tables on disk, and left out where there is one."""

import pytest

from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.metrics.intervals import seed_interval, wilson_interval
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.tables.defect_kinds import AT, defect_kinds_table

KINDS = ("scratch", "hole", "bent")
COLUMNS = dict(zip(AT, ("judged", "judged_at_threshold"), strict=True))


@pytest.fixture
def bolts(project_of):
    """A group with three kinds of defect, judged by two variants."""
    project = project_of(groups=("bolt",), patches=False, normal=6, defective=12, defects=KINDS)
    for variant in ("scratch", "frozen"):
        project.add_usual(variant)
    return project


def table_of(project):
    index = Prepared(project.root / PREPARED).images("test")
    return defect_kinds_table(gather(project.keys, project.root), index)


def called(project, key, names, column):
    rows = read_csv(project.root / JudgingPaths(key).table)
    found = [int(row[column]) % 2 for row in rows if row["image"] in names]
    return sum(found), len(found)


def named(project, kind, defective="1"):
    return {
        row["image"]
        for row in Prepared(project.root / PREPARED).images("test")
        if (row["defect"], row["defective"]) == (kind, defective)
    }


def change(project, edit):
    path = project.root / PREPARED / "images.csv"
    rows = [edit(row) for row in read_csv(path)]
    write_text(path, to_csv(rows, [*rows[0]]))


def test_each_kind_is_counted_with_wilsons_interval(bolts):
    table = table_of(bolts)
    assert [[cell.text for cell in row[:3]] for row in table.rows] == [
        ["bolt", kind, "4"] for kind in sorted(KINDS)
    ]
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        for variant in ("scratch", "frozen"):
            for at, column in COLUMNS.items():
                right, total = called(bolts, f"{variant}-s0", named(bolts, row[1].text), column)
                low, high = (100 * end for end in wilson_interval(right, total))
                assert cells[variant, at].text == f"{100 * right / total:.1f} %"
                assert cells[variant, at].note == f"{low:.1f}–{high:.1f}"
    assert "Wilson's over the images." in table.caption
    assert "labelled normal" not in table.caption


def test_several_seeds_have_students_interval(bolts):
    bolts.add_usual("scratch", 1)
    row = table_of(bolts).rows[0]
    shares = []
    for key in ("scratch-s0", "scratch-s1"):
        right, total = called(bolts, key, named(bolts, "bent"), "judged")
        shares.append(right / total)
    low, high = (100 * end for end in seed_interval(shares, 4))
    assert row[3].text == f"{100 * sum(shares) / 2:.1f} %"
    assert row[3].note == f"{low:.1f}–{high:.1f}"


def test_one_kind_alone_and_an_index_without_the_column_make_no_table(bolts):
    change(bolts, lambda row: {**row, "defect": row["defect"] and "scratch"})
    assert table_of(bolts) is None
    change(bolts, lambda row: {name: cell for name, cell in row.items() if name != "defect"})
    assert table_of(bolts) is None


def test_a_defect_without_a_name_has_a_dash_and_is_told_of(bolts):
    change(bolts, lambda row: {**row, "defect": row["defect"].replace("bent", "")})
    table = table_of(bolts)
    assert [row[1].text for row in table.rows] == ["–", "hole", "scratch"]
    assert "A dash: the kind is not named." in table.caption


def test_images_labelled_normal_whose_kind_has_a_name_stand_apart(bolts):
    """Doubtful ones, as where experts disagree."""
    names = {"scratch": "certain", "hole": "certain", "bent": "ambiguous", "": "ambiguous"}
    change(bolts, lambda row: {**row, "defect": names[row["defect"]]})
    table = table_of(bolts)
    assert [(row[1].text, row[1].note, row[2].text) for row in table.rows] == [
        ("ambiguous", "", "4"), ("ambiguous", "labelled normal", "6"), ("certain", "", "8"),
    ]  # fmt: skip
    alarms, total = called(bolts, "scratch-s0", named(bolts, "ambiguous", "0"), "judged")
    assert table.rows[1][3].text == f"{100 * alarms / total:.1f} %"
    assert "false alarms" in table.caption

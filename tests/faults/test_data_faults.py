"""Every fault in data that is known, for real; docs/data-faults.md is what comes of it."""

from pathlib import Path

import pytest
from faulty.fault import PAGE, Fault, attempt, line_of, row_of
from faulty.faults import FAULTS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "data-faults.md"


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.title for fault in FAULTS])
def test_a_fault_ends_as_the_table_says(fault: Fault, tmp_path: Path) -> None:
    said, project = attempt(fault, tmp_path)
    line = line_of(fault, said, tmp_path)
    if fault.happens == "refused":
        assert said.code == 1, said.text
        assert len(said.lines()) == 1, said.text
        assert not any((project / "data").iterdir())
    else:
        assert said.code == 0, said.text
        left = {path.name for path in (project / "data").iterdir()}
        assert left == {"incoming", "imported.json"}
        fault.holds(project)
    assert "Traceback" not in said.text
    assert row_of(fault, line) in DOCS.read_text(encoding="utf-8").splitlines()


def test_the_page_is_the_rows_of_these_faults_and_the_text_around_them() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    starts = tuple(f"| {fault.title} | " for fault in FAULTS)
    rows = [line for line in lines if line.startswith(starts)]
    assert [row.split(" | ")[0][2:] for row in rows] == [fault.title for fault in FAULTS]
    around = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in rows] == [x for x in around if x != "{rows}"]


def test_a_refused_import_leaves_an_earlier_one_as_it_was(tmp_path: Path) -> None:
    from faulty.archives import class_zip, cut_short
    from faulty.fault import dagm

    def bytes_below(project: Path) -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in project.rglob("*") if p.is_file()}

    project, sound, broken = (tmp_path / name for name in ("project", "sound", "broken"))
    for folder in (project / "data", sound, broken):
        folder.mkdir(parents=True)
    assert dagm(project, "import", str(class_zip(sound))).code == 0
    before = bytes_below(project)
    assert dagm(project, "import", str(cut_short(broken)[0])).code == 1
    assert bytes_below(project) == before

"""What is committed below reports/published is made of what is kept there, and README quotes it."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagm_transfer.cli.main import app
from dagm_transfer.core.files import read_json
from dagm_transfer.inspection.students.paths import STUDENTS_PAGE, STUDENTS_TABLE
from dagm_transfer.report.paths import CHAMPION, CLAIMS, REPORT
from dagm_transfer.report.published import CLASSES, PUBLISHED, RUNS, SUMMARY

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = sorted(path.parent for path in (ROOT / PUBLISHED).glob(f"*/{RUNS}"))
ELSEWHERE = [folder for folder in COMMITTED if folder.name not in ("real", "stride32")]


def without_pictures(page):
    """Another version of a font draws others; those that lie beside a page are not in it."""
    return re.sub(r'src="data:[^"]*"', "", page)


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda folder: folder.name)
def test_what_is_committed_is_made_of_what_is_kept(folder, tmp_path, monkeypatch):
    here = tmp_path / PUBLISHED / folder.name
    shutil.copytree(folder, here)
    of_students = (STUDENTS_TABLE, STUDENTS_PAGE) if (folder / CLASSES).exists() else ()
    texts = (REPORT, SUMMARY, *of_students)
    for path in (CLAIMS, CHAMPION, *texts):
        (here / path).unlink()
    monkeypatch.chdir(tmp_path)
    made_again = CliRunner().invoke(app, ["published", "make", folder.name])
    assert made_again.exit_code == 0, made_again.exception
    for path in (CLAIMS, CHAMPION):
        assert read_json(here / path) == read_json(folder / path)
    for path in texts:
        again, committed = ((where / path).read_text() for where in (here, folder))
        assert without_pictures(again) == without_pictures(committed)


@pytest.fixture(scope="module")
def readme():
    return (ROOT / "README.md").read_text()


def test_the_readme_quotes_what_came_out_on_real_images(readme):
    assert (ROOT / PUBLISHED / "real" / SUMMARY).read_text() in readme


@pytest.mark.parametrize("folder", ELSEWHERE, ids=lambda folder: folder.name)
def test_the_readme_quotes_what_came_out_elsewhere(folder, readme):
    runs, _ = (folder / SUMMARY).read_text().split("\n\n")
    for line in runs.splitlines()[2:]:
        variant_to_precision = " | ".join(line.split(" | ")[:4])
        assert f"(reports/published/{folder.name}) {variant_to_precision} |" in readme

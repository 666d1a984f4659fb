"""Results that are kept with the project: what they are made of, and the page of that alone."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner
from undrawn import study_in

from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import RESPONSES
from dagm_transfer.cli.main import app
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.inspection.students.paths import NO_TEACHER, STUDENTS_TABLE
from dagm_transfer.inspection.students.student_table import StudentRow, write_students
from dagm_transfer.params_writing import change_params
from dagm_transfer.report.pages.render import linked
from dagm_transfer.report.paths import CHAMPION, CLAIMS, REPORT, SEARCH, SILENCE
from dagm_transfer.report.published import (
    CLASSES,
    PUBLISHED,
    RUNS,
    SUMMARY,
    Kept,
    keep_study,
    kept_in,
)
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.stages.report import report, write_study

KEYS = [("scratch", 0), ("finetune", 0)]
ROOT = Path(__file__).resolve().parents[2]


def made(root):
    write_study(study_in(root, KEYS, KEYS), KEYS, None, linked)
    return (root / REPORT).read_text()


def keep(root, folder, keys=KEYS):
    kept = Kept(keys, keys)
    keep_study(kept, data=Prepared(root / PREPARED), root=root, trunk=TRUNK, facts=FACTS, to=folder)


def without_pictures(page):
    return re.sub(r'src="[^"]*"', "", page).splitlines()


@pytest.fixture(scope="module")
def once_kept(project_at, tmp_path_factory):
    project = project_at(tmp_path_factory.mktemp("kept"), groups=["cloth", "steel"])
    for variant, seed in KEYS:
        project.add_usual(variant, seed)
    write_json(project.root / FACTS, {"origin": "file", "digest": "s"})
    shutil.copytree(project.root / PREPARED, project.root / PREPARED / "fold-1")  # is kept as well
    report(KEYS, KEYS, data=Prepared(project.root / PREPARED), trunk=project.root / TRUNK,
           raw=project.root / RAW, root=project.root)  # fmt: skip
    folder = project.root / PUBLISHED / "here"
    keep(project.root, folder)
    made(folder)
    return project.root


@pytest.fixture
def kept(once_kept, tmp_path):
    """A reported project, and the folder in which its results are kept, with their page."""
    root = shutil.copytree(once_kept, tmp_path / "project")
    return root, root / PUBLISHED / "here"


def test_the_page_of_what_is_kept_is_the_page_of_the_project(kept):
    root, folder = kept
    page = (folder / REPORT).read_text()
    there = (root / REPORT).read_text()
    link, note = there.index('<p><a href="quality.html">'), "goes on the line.</p>"
    there = there[:link] + there[there.index(note) + len(note) :]
    assert [*filter(None, without_pictures(page))] == [*filter(None, without_pictures(there))]
    assert kept_in(folder) == Kept(KEYS, KEYS)
    for path in (CLAIMS, CHAMPION):
        assert read_json(folder / path) == read_json(root / path)
    assert made(folder) == page


def test_neither_weights_nor_inputs_are_kept_and_few_images(kept):
    root, folder = kept
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert not names & {"weights.safetensors", "inputs.npy", "inputs.csv"}
    assert not [name for name in names if name.endswith("-windows.csv")]
    assert (folder / TRUNK).stat().st_size < 8000, "the filters of one layer"
    images, there = ({p.name for p in (where / RAW).rglob("*.png")} for where in (folder, root))
    assert images < there
    tested = {row["image"].rpartition("/")[2] for row in Prepared(root / PREPARED).images("test")}
    assert images <= tested
    rows = read_csv(folder / PREPARED / "fold-1" / "images.csv")
    assert {row["part"] for row in rows} == {"test"}


def test_tables_of_a_stage_are_kept_of_every_seed_and_pictures_of_the_drawn_one(project, tmp_path):
    root, finetune = project.root, [("finetune", seed) for seed in (0, 1, 2)]
    for variant, seed in [*finetune, ("scratch", 2)]:
        project.add_usual(variant, seed)
    for seed in (1, 2):
        for name in ("images.csv", "finetune/heat-00.npy"):
            write_text(folder_of(seed, root / RESPONSES) / name, "x")
    write_json(root / FACTS, {"origin": "file", "digest": "s"})
    below = tmp_path / "kept" / RESPONSES
    for keys, drawn in ((finetune, 1), ([*finetune, ("scratch", 2)], 2)):  # 2 has more to compare
        keep(root, tmp_path / "kept", keys)
        found = {path.relative_to(below).as_posix() for path in below.rglob("*") if path.is_file()}
        heat = f"seed-{drawn}/finetune/heat-00.npy"
        assert found == {"seed-1/images.csv", "seed-2/images.csv", heat}


def test_of_experiments_what_is_about_these_data_is_kept(kept):
    root, folder = kept
    digest = Prepared(root / PREPARED).facts["inputs_digest"]
    write_json(root / SEARCH, {digest: {"variants": {}}, "other": {"variants": {}}})
    row = {"inputs_digest": digest, "value": "0.50"}
    write_text(root / SILENCE, to_csv([row, {**row, "inputs_digest": "other"}], [*row]))
    keep(root, folder)
    assert read_json(folder / SEARCH) == {digest: {"variants": {}}}
    assert read_csv(folder / SILENCE) == [row]
    write_json(root / SEARCH, {"other": {}})
    write_text(root / SILENCE, to_csv([{**row, "inputs_digest": "other"}], [*row]))
    keep(root, folder)
    assert not (folder / SEARCH).exists()
    assert not (folder / SILENCE).exists()


def test_results_of_students_of_these_data_are_kept(kept):
    root, folder = kept
    digest = Prepared(root / PREPARED).facts["digest"]
    logs = CLASSES / "none-s0" / "logs"
    write_text(root / logs / "1_2.jsonl", "")
    for data, there in ((digest, True), ("other", False)):
        row = StudentRow(NO_TEACHER, 0, 2, 1, 1, 1, 1, 1, data, {"test/accuracy": 1.0})
        write_students(root / STUDENTS_TABLE, [row])
        keep(root, folder)
        assert (folder / logs / "1_2.jsonl").exists() == there


def test_runs_whose_layers_nobody_measured_have_a_page(kept):
    root, folder = kept
    assert "How far the weights moved" in made(folder)
    shutil.rmtree(root / "reports/layers")
    keep(root, folder)
    page = made(folder)
    assert "Layers were measured of no run." in page
    assert "How far the weights moved" not in page
    assert "Accuracy against iterations" in page


def test_other_numbers_in_what_is_kept_make_another_page(kept):
    _, folder = kept
    before = (folder / REPORT).read_text()
    path = folder / "reports/layers/finetune-s0.csv"
    rows = read_csv(path)
    for row in rows:
        if row["metric"] == "weight_change":
            row["value"] = str(float(row["value"]) * 10)
    path.write_text(to_csv(rows, [*rows[0]]))
    assert made(folder) != before


def test_runs_of_other_data_leave_what_was_kept(kept):
    root, folder = kept
    facts = read_json(root / PREPARED / "facts.json")
    write_json(root / PREPARED / "facts.json", {**facts, "digest": "other"})
    with pytest.raises(UserError, match="trained on other data"):
        keep(root, folder)
    assert (folder / RUNS).exists()


def test_what_was_kept_before_gives_way_and_a_run_that_is_not_finished_leaves_it(kept):
    root, folder = kept
    (folder / "old").touch()
    with pytest.raises(UserError):
        keep(root, folder, [("finetune", 7)])
    assert (folder / "old").exists()
    keep(root, folder, KEYS[1:])
    assert not (folder / "old").exists()
    assert [path.stem for path in (folder / "reports/runs").glob("*.jsonl")] == ["finetune-s0"]


def test_runs_that_are_finished_are_kept_and_the_others_named(kept, monkeypatch):
    root, _ = kept
    shutil.copyfile(ROOT / "params.yaml", root / "params.yaml")
    study = {"variants": ["scratch", "finetune"], "compared": ["finetune"], "seeds": [0, 1]}
    change_params(root / "params.yaml", lambda content: content["study"].update(study))
    monkeypatch.chdir(root)
    said = CliRunner().invoke(app, ["published", "keep", "half"])
    assert said.exit_code == 0, said.exception
    assert "2 runs are kept; not finished yet: scratch-s1, finetune-s1" in said.output
    assert kept_in(root / PUBLISHED / "half") == Kept(KEYS, KEYS[1:])


def test_the_summary_has_a_row_a_variant_and_a_claim(kept, monkeypatch):
    root, folder = kept
    monkeypatch.chdir(root)
    assert CliRunner().invoke(app, ["published", "make", "here"]).exit_code == 0
    runs, claims = (folder / SUMMARY).read_text().split("\n\n")
    assert [line.split(" | ")[0] for line in runs.splitlines()[2:]] == ["| scratch", "| finetune"]
    assert "test accuracy [95 %]" in runs.splitlines()[0]
    decided = read_json(folder / CLAIMS)
    for line, claim in zip(claims.splitlines()[2:], decided, strict=True):
        assert line.startswith(
            f"| {claim['claim']} | {claim['published']} | **{claim['verdict']}**"
        )


def test_nothing_published_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, ["published", "make", "real"]).exception
    assert str(said) == "reports/published/real: nothing is kept there; kept are none"
    said = CliRunner().invoke(app, ["published", "keep", "../up"]).exception
    assert str(said).startswith("'../up' is no name")

"""`dagm predict`, as it is typed."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from inspectors import KEY, small_inspector
from PIL import Image
from shots import SIDE, broken_shots, good_shots, shot
from small import small_network

from dagm_transfer.core.files import write_json
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.opened import open_inspector
from dagm_transfer.inspection.verdict import judge_levels
from dagm_transfer.judging.card import Card, Thresholds, read_card, write_card

COLUMNS = ["image", "group", "score", "decision", "seconds", "error"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """A folder with weights, card and ONNX file, whose threshold lies among the shots' scores."""
    folder = tmp_path_factory.mktemp("exported") / KEY
    inspector = small_inspector(folder)
    write_onnx(inspector, folder / "model.onnx")
    shots = [judge_levels(open_inspector(str(folder), Path()), shot(n)).score for n in range(1, 11)]
    middle = float(np.median(shots))
    changed(folder, thresholds=Thresholds(input=middle, image=middle))
    return folder


def changed(folder: Path, **values: object) -> Card:
    """The card in a folder, with other values."""
    card = read_card(folder / "card.json").model_copy(update=values)
    write_card(card, folder / "card.json")
    return card


def copied(exported: Path, folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names or ("card.json", "model.onnx"):
        (folder / name).write_bytes((exported / name).read_bytes())
    return folder


@pytest.fixture
def dagm(tmp_path, monkeypatch, typed):
    """Runs a command in an empty folder; its exit code, and what it says on the error output."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.delenv("DVC_ROOT", raising=False)

    def run(*command: str | Path) -> tuple[int, str]:
        code, _, said = typed("predict", *command)
        return code, said

    return run


def rows(path: Path = Path("predictions.csv")) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        found = list(table)
    assert table.fieldnames == COLUMNS
    return found


def one_line(said: str) -> str:
    assert said.count("\n") == 1, said
    assert said.startswith("error: "), said
    return said


def test_twenty_images_with_ten_broken_ones_are_ten_predictions_and_ten_named_errors(
    dagm, exported
):
    good_shots(Path("shots"), 10)
    broken = broken_shots(Path("shots"))
    code, said = dagm("shots", "--model", exported)
    assert code == 2
    found = {Path(row["image"]).name: row for row in rows()}
    assert len(found) == 20
    opened, decisions = open_inspector(str(exported), Path()), []
    for number in range(1, 11):
        row, verdict = found[f"{number:02}.png"], judge_levels(opened, shot(number))
        assert (row["group"], row["error"]) == (verdict.group, "")
        assert float(row["score"]) == verdict.score
        assert row["decision"] == ("defective" if verdict.defective else "normal")
        assert float(row["seconds"]) > 0
        decisions.append(row["decision"])
    assert set(decisions) == {"defective", "normal"}
    for name, text in broken.items():
        row = found[name]
        assert text in row["error"], row
        assert "shots/" not in row["error"]
        assert row["group"] == row["score"] == row["decision"] == ""
    assert "10 images, not judged, predictions.csv says why: " in said
    defective = decisions.count("defective")
    assert f"20 images, {defective} defective, {10 - defective} normal, 10 errors; " in said
    assert "images/s" in said


def test_a_run_an_exported_folder_and_an_onnx_file_say_the_same(dagm, exported):
    good_shots(Path("shots"), 4)
    weights = ("card.json", "weights.safetensors")
    copied(exported, Path("models") / KEY, *weights)
    copied(exported, Path("weights-alone"), *weights)
    write_json(Path("reports/champion.json"), {"key": KEY})
    tables = []
    for model in (["--model", KEY], ["--model", "weights-alone"], ["--model", exported],
                  ["--model", exported / "model.onnx"], []):  # fmt: skip
        assert dagm("shots", *model)[0] == 0
        tables.append(rows())
    for table in tables[1:]:
        for one, other in zip(tables[0], table, strict=True):
            assert {**one, "score": "", "seconds": ""} == {**other, "score": "", "seconds": ""}
            assert float(one["score"]) == pytest.approx(float(other["score"]), abs=1e-4)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (["--model", "finetune-s9"], f"no inspector; name a finished run ({KEY})"),
        (["--model", "gone.onnx"], "gone.onnx: not found"),
        (["--model", "alone/model.onnx"], "card.json: not found; model.onnx needs the card"),
        (["--model", "shots"], "shots: no card.json in it"),
        (["--model", ""], "an empty name of a run; name an inspector with --model"),
        ([], "dvc repro` makes it, or name an inspector with --model"),
        (["--model", "torn"], "torn/card.json: not the card of an inspector"),
        (["--model", KEY, "--bits", "9"], "--bits 9: one of 8, 10, 12, 14, 16 is meant"),
        (["--model", KEY, "--out", "shots"], "shots: a folder; name a file with --out"),
        (["--model", KEY, "--out", "/dev/null"], "/dev/null: a device or a pipe; name a file"),
        (["--model", KEY, "--out", "/dev/stdout"], "/dev/stdout: a device or a pipe"),
        (["--model", KEY, "--out", "shots/01.png"], "shots/01.png: one of the images"),
        (["--model", KEY, "--out", "shots/01.png/p.csv"], "cannot be written"),
        (["--model", KEY, "--heatmaps", "shots/01.png"], "shots/01.png: cannot be written to"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line_before_anything_is_judged(dagm, exported, model, said):
    before = {path: path.read_bytes() for path in good_shots(Path("shots"), 1)}
    copied(exported, Path("models") / KEY)
    copied(exported, Path("alone"), "model.onnx")
    copied(exported, Path("torn"))
    Path("torn/card.json").write_text("{}")
    code, text = dagm("shots", *model)
    assert code == 1
    assert said in one_line(text)
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(path.name for path in Path("shots").iterdir()) == ["01.png"]
    assert not Path("predictions.csv").exists()


def test_the_table_goes_into_a_folder_that_is_not_there_yet(dagm, exported):
    good_shots(Path("shots"), 1)
    assert dagm("shots", "--model", exported, "--out", "new/deep/p.csv")[0] == 0
    assert len(rows(Path("new/deep/p.csv"))) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["new", "shots"]


def test_odd_names_are_one_row_each_and_the_table_can_be_read(dagm, exported):
    names = ["a,b.png", "two\nlines.png", "cr\rhere.png", '"quoted".png', os.fsdecode(b"l\xe9.png")]
    Path("shots").mkdir()
    for number, name in enumerate([*names, "-x.png"]):
        Image.fromarray(shot(number)).save(Path("shots") / name)
    os.rename("shots/-x.png", "-x.png")  # noqa: PTH104 - what it is about
    assert dagm("shots", "--model", exported, "--", "-x.png")[0] == 0
    expected = {"a,b.png", "two\\nlines.png", "cr\\rhere.png", '"quoted".png', "l\\udce9.png"}
    assert {row["image"] for row in rows()} == {"-x.png", *(f"shots/{name}" for name in expected)}


def test_what_was_done_to_read_images_is_said_once_with_counts(dagm, exported):
    Path("shots").mkdir()
    for number in range(3):
        coloured = np.dstack([shot(number), shot(number + 10), shot(number + 20)])
        Image.fromarray(coloured).save(f"shots/colour{number}.png")
    Image.fromarray(shot(3)[:, :20]).save("shots/narrow.png")
    Image.fromarray(shot(4).astype(np.uint16) * 16).save("shots/deep.png")
    Image.fromarray(shot(5, side=1)).save("shots/dot.png")
    code, said = dagm("shots", "--model", exported)
    assert code == 2
    assert "3 images: colour is read as grey" in said
    assert "2 images: smaller than a window of 32x32 pixels, mirrored" in said
    assert "more than the 8 bits" in next(r["error"] for r in rows() if r["error"])
    assert "say with --bits" in next(r["error"] for r in rows() if r["error"])
    code, said = dagm("shots", "--model", exported, "--bits", "12")
    assert code == 0
    assert "1 image: stored with 16 bits, read as 12" in said
    scores = {row["image"]: float(row["score"]) for row in rows()}
    verdict = judge_levels(open_inspector(str(exported), Path()), shot(4))
    assert scores["shots/deep.png"] == verdict.score


def test_a_diverged_network_is_an_error_of_each_image_and_no_crash(dagm, tmp_path):
    network = small_network()
    for weights in network.parameters():
        weights.data *= 1e30
    write_onnx(small_inspector(tmp_path / "diverged", network), tmp_path / "diverged/model.onnx")
    good_shots(Path("shots"), 2)
    code, said = dagm("shots", "--model", tmp_path / "diverged", "--heatmaps", "maps")
    assert code == 2
    assert ["diverged" in row["error"] for row in rows()] == [True, True]
    assert "Warning" not in said
    assert [path.name for path in Path("maps").iterdir()] == ["legend.heat.png"]


def test_heat_maps_lie_as_the_images_do_and_are_not_judged_the_next_time(dagm, exported):
    paths = [*good_shots(Path("shots/a"), 2), *good_shots(Path("shots/b"), 1)]
    Path("shots/b/torn.png").write_bytes(b"")
    for _ in range(2):
        code, _ = dagm("shots", "--model", exported, "--heatmaps", "shots/heat")
        assert code == 2
        assert len(rows()) == 4
    maps = {str(p.relative_to("shots/heat")) for p in Path("shots/heat").rglob("*.png")}
    expected = {f"{p.relative_to('shots')}.heat.png" for p in paths}
    assert maps == {*expected, "legend.heat.png"}
    for row, path in zip(rows(), paths, strict=False):
        with (
            Image.open(path) as image,
            Image.open(f"shots/heat/{path.relative_to('shots')}.heat.png") as heat,
        ):
            assert heat.size == image.size
            difference = (np.asarray(heat) != np.asarray(image)[..., None]).any()
        assert difference == (row["decision"] == "defective")


def test_an_inspector_of_whole_images_has_no_heat_maps_and_says_so(dagm, exported):
    copied(exported, Path("whole"))
    changed(Path("whole"), stride=None, input="image")
    good_shots(Path("shots"), 2)
    code, said = dagm("shots", "--model", "whole", "--heatmaps", "maps")
    assert code == 0
    assert f"no heat maps: {KEY} judges each image as a whole" in said
    assert len(rows()) == 2
    assert not Path("maps").exists()


def test_a_heat_map_that_cannot_be_written_costs_no_prediction(dagm, exported):
    Path("shots").mkdir()
    for name in ("a" * 250, "short"):
        Image.fromarray(shot(1)).save(f"shots/{name}.png")
    code, said = dagm("shots", "--model", exported, "--heatmaps", "maps")
    assert code == 2
    assert [row["error"] for row in rows()] == ["", ""]
    assert "1 heat map, not written: shots/aaaa" in said
    assert Path("maps/short.png.heat.png").exists()


def test_ctrl_c_leaves_the_rows_until_then_beside_the_table_of_before(tmp_path, exported):
    good_shots(tmp_path / "shots", 3)
    (tmp_path / "predictions.csv").write_text("of before\n")

    ending = (
        "import os, sys, signal, threading\n"
        "from dagm_transfer.inspection.predicting import predict\n"
        "judge = predict.judge_levels\n"
        "def judged(*given):\n"
        "    judged.count = getattr(judged, 'count', 0) + 1\n"
        "    if judged.count == 3: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return judge(*given)\n"
        "predict.judge_levels = judged\n"
        "from dagm_transfer.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", ending, "predict", "shots", "--model", str(exported)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    line = "interrupted: the rows of 2 of 3 images are in predictions.part.csv; no whole"
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "predictions.csv").read_text() == "of before\n"
    assert len(rows(tmp_path / "predictions.part.csv")) == 2
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"shots", "predictions.csv", "predictions.part.csv"}


def test_shots_are_larger_than_a_window():
    assert SIDE > 32

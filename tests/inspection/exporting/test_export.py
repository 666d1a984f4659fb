"""An export: a folder that judges as the run does, whole or not at all; the same bytes again."""

import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from finished import EACH, WINDOWS, opened, small_finished
from inspectors import KEY
from PIL import Image
from small import NARROW, live_network
from typer.testing import CliRunner

from dagm_transfer.cli.main import app
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.paths import RAW
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.inspection.compaction import smaller
from dagm_transfer.inspection.compaction.fine_tuning import end_of_recipe
from dagm_transfer.inspection.compaction.smaller import compacted, strongest
from dagm_transfer.inspection.exporting import export as exporting
from dagm_transfer.inspection.exporting.export import check_replaceable, export
from dagm_transfer.inspection.exporting.exportable import as_it_is
from dagm_transfer.inspection.exporting.finished_run import CPU, float32_logits
from dagm_transfer.inspection.latency import seconds_in_turn
from dagm_transfer.inspection.opened import Opened, open_onnx
from dagm_transfer.inspection.verdict import judge_levels, taken_in
from dagm_transfer.judging.card import Thresholds
from dagm_transfer.judging.inspector import load_inspector
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.metrics.detection import Costs, cost_of, least_cost_threshold
from dagm_transfer.models.initial import to_input

PLAIN = {"card.json", "model.onnx", "weights.safetensors"}
SMALLER = {*PLAIN, "compaction.csv", "compaction.json"}


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


@contextmanager
def no_bars(label):
    del label
    yield lambda *_: None


def with_dead_channels(head="gap"):
    """Two dead channels at depth 6, and no other."""
    network = live_network(head)
    with torch.no_grad():
        network.conv(6).weight[[1, 5]] = 0
        network.conv(6).bias[[1, 5]] = -1.0
    return network


def names(folder):
    return {path.name for path in folder.iterdir()}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def verdicts(folder, run):
    judging = open_onnx(folder / "model.onnx")
    found = [judge_levels(judging, read_pixels(run.raw / each.image)) for each in run.images]
    return [(each.group, each.defective) for each in found]


def by_torch(run, path):
    logits = float32_logits(run.inspector.network.network, run.card)
    return judge_levels(Opened(run.card, logits), read_pixels(path))


def test_a_plain_export_is_the_run_with_an_onnx_file(tmp_path):
    run, out = small_finished(tmp_path), tmp_path / "out" / "export"
    exported = export(run, as_it_is(run, no_bars), out, [], no_bars)
    assert names(out) == PLAIN
    assert len({path.stat().st_mode for path in out.iterdir()}) == 1  # who may read one may all
    assert exported.onnx.images == 4 * EACH
    assert exported.onnx.windows == 4 * EACH * WINDOWS
    assert exported.onnx.changed == ()
    assert 0 < exported.onnx.largest < 1e-5
    loaded = load_inspector(out)
    assert loaded.card.model_copy(update={"weights": run.card.weights}) == run.card
    for name, tensor in run.inspector.network.state_dict().items():
        assert torch.equal(loaded.network.state_dict()[name], tensor)


@pytest.mark.parametrize(
    ("head", "card"), [("gap", {}), ("fc", {"stride": None, "input": "image"})]
)
def test_a_compacted_export_judges_as_the_run_does(tmp_path, head, card):
    run = small_finished(tmp_path, with_dead_channels(head), head=head, **card)
    out = tmp_path / "small"
    export(run, compacted(run, no_bars), out, [], no_bars)
    assert names(out) == SMALLER
    small = load_inspector(out)
    widths = list(NARROW.convolutions)
    widths[5] = 6
    assert small.card.convolutions == widths
    facts = json.loads((out / "compaction.json").read_text())
    windows = 8 * EACH * (1 if card else WINDOWS)
    assert facts["measured_on"] == {"parts": ["val", "test"], "images": 8 * EACH,
                                    "windows": windows}  # fmt: skip
    assert facts["against_the_run"]["changed_decisions"] == []
    assert facts["against_the_run"]["largest_relative_difference"] <= 1e-5
    rows = {row["layer"]: row for row in read_csv(out / "compaction.csv")}
    assert (rows["06_conv3_2"]["channels"], rows["06_conv3_2"]["channels_kept"]) == ("8", "6")
    parameters = sum(p.numel() for p in small.network.parameters())
    assert int(rows["sum"]["parameters_kept"]) == parameters
    assert facts["bytes"]["after"]["weights.safetensors"] == (
        (out / "weights.safetensors").stat().st_size
    )
    peers = [by_torch(run, run.raw / each.image) for each in run.images]
    assert verdicts(out, run) == [(each.group, each.defective) for each in peers]


def test_what_is_dead_is_measured_on_validation_and_test_images(tmp_path):
    run = small_finished(tmp_path, live_network())
    conv, level = run.inspector.network.network.conv(1), torch.full((1, 1, 1, 1), 252)
    with torch.no_grad():  # a channel that one pixel brighter than 252 wakes
        conv.weight[2] = 0
        conv.weight[2, :, 1, 1] = 1.0
        conv.bias[2] = -to_input(level, "unit").sum()
    assert compacted(run, no_bars).compaction.layers[0]["channels_kept"] == 3
    image = tmp_path / RAW / "val-2-1.png"
    pixels = read_pixels(image).copy()
    pixels[7, 50] = 255
    Image.fromarray(pixels).save(image)
    assert compacted(run, no_bars).compaction.layers[0]["channels_kept"] == 4


def test_a_compaction_that_changes_more_than_rounding_is_refused(tmp_path, monkeypatch):
    run = small_finished(tmp_path, with_dead_channels())
    monkeypatch.setattr(
        smaller, "live_units", lambda maxima: [each[:1].long() * 0 for each in maxima]
    )
    with pytest.raises(UserError, match=f"{KEY}: without its dead channels the logits") as said:
        compacted(run, no_bars)
    assert "\n" not in str(said.value)


def test_logits_that_cancel_out_are_held_against_each_other_in_float64(tmp_path):
    run = small_finished(tmp_path, with_dead_channels("fc"), head="fc", stride=None, input="image")
    network, card = run.inspector.network.network, run.card
    pixels = taken_in(read_pixels(run.raw / run.images[0].image), card).windows.pixels
    *_, last = network.head
    with torch.no_grad():  # sums of large numbers that leave next to nothing
        for layer in (*network.features, *network.head):
            if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
                layer.weight *= 3
        last.bias -= torch.from_numpy(float32_logits(network, card)(pixels)[0]).float()
    facts = compacted(run, no_bars).compaction.facts
    assert facts["against_the_run"]["largest_relative_difference"] > smaller.TOLERANCE
    assert facts["in_float64"]["images"] >= 1
    assert facts["in_float64"]["changed_decisions"] == []
    assert facts["in_float64"]["largest_relative_difference"] < 1e-6


@pytest.mark.parametrize("make", [as_it_is, compacted])
def test_a_network_of_no_numbers_is_refused(tmp_path, make):
    run = small_finished(tmp_path)
    with torch.no_grad():
        run.inspector.network.network.conv(3).bias[1] = float("nan")
    with pytest.raises(UserError, match=f"{KEY}: its logits are no finite numbers"):
        make(run, no_bars)


def test_onnx_runtime_that_decides_otherwise_is_refused_and_nothing_is_left(tmp_path, monkeypatch):
    run, out = small_finished(tmp_path), tmp_path / "out"

    def other(path):
        found = open_onnx(path)
        return type(found)(found.card, lambda pixels: -found.logits(pixels))

    monkeypatch.setattr(exporting, "open_onnx", other)
    before = names(tmp_path)
    with pytest.raises(UserError, match="decisions; nothing is written"):
        export(run, as_it_is(run, no_bars), out, [], no_bars)
    assert names(tmp_path) == before


def test_kept_channels_are_trained_a_little_and_judged_anew(tmp_path):
    run, out = small_finished(tmp_path, with_dead_channels()), tmp_path / "half"
    exportable = strongest(run, 0.5, 3, CPU, no_bars)
    export(run, exportable, out, [], no_bars)
    small = load_inspector(out)
    assert small.card.convolutions == [2, 2, 2, 2, 4, 3, *[4] * 7]
    facts = json.loads((out / "compaction.json").read_text())
    assert (facts["exact"], facts["share"]) == (False, 0.5)
    assert facts["ranked_on"] == {"part": "train", "inputs": 32}
    assert facts["fine_tuned"]["iterations"] == 3
    assert facts["fine_tuned"]["learning_rate"] == 0.05
    assert facts["test"]["before"] == {"image/accuracy": 0.5, "image/dagm_cost": 40.0}
    assert {"test/accuracy", "image/accuracy_at_threshold"} <= facts["test"]["after"].keys()
    # The threshold is that of least cost on the validation images, as this network scores them.
    judging = open_onnx(out / "model.onnx")
    val = run.of("val")
    scores = np.array(
        [judge_levels(judging, read_pixels(run.raw / each.image)).score for each in val]
    )
    defective, costs = np.array([each.label % 2 == 1 for each in val]), Costs(20, 1)
    threshold = least_cost_threshold(scores, defective, costs)
    assert small.card.thresholds.image == pytest.approx(threshold, abs=1e-4)
    assert small.card.validation_cost == cost_of(scores >= threshold, defective, costs)


def test_the_recipe_is_the_end_of_the_runs_own(tmp_path):
    run = small_finished(tmp_path)
    phases = [
        {"trainable_from": 14, "learning_rate": 0.5, "iterations": 4},
        {"trainable_from": 3, "learning_rate": 0.01, "iterations": 9},
    ]
    run.begin.params["variant"]["phases"] = phases
    recipe = end_of_recipe(run.begin, 5)
    assert [phase.model_dump() for phase in recipe.variant.phases] == [
        {"trainable_from": 3, "learning_rate": 0.01, "iterations": 5}
    ]
    assert (recipe.variant.momentum, recipe.train.batch_size, recipe.seed) == (0.9, 4, 0)
    assert recipe.variant.input_scale == "unit"


@pytest.mark.parametrize("share", [None, 0.5])
def test_equal_inputs_give_equal_bytes_and_an_earlier_export_is_replaced(tmp_path, share):
    run, out, found = small_finished(tmp_path, with_dead_channels()), tmp_path / "out", []
    for _ in range(2):
        run = opened(tmp_path)
        made = compacted(run, no_bars) if share is None else strongest(run, share, 2, CPU, no_bars)
        export(run, made, out, [], no_bars)
        found.append(contents(out))
    assert found[0] == found[1]
    assert found[0].keys() == SMALLER


def test_what_is_no_earlier_export_is_not_replaced(tmp_path):
    run = small_finished(tmp_path)
    check_replaceable(tmp_path / "absent" / "folder")
    (tmp_path / "empty").mkdir()
    check_replaceable(tmp_path / "empty")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="file is no folder; name another"):
        check_replaceable(tmp_path / "file" / "below" / "it")
    own = tmp_path / JudgingPaths(KEY).inspector
    for path in (tmp_path / "file", tmp_path / "link", tmp_path / "mine", own, tmp_path):
        before = names(path) if path.is_dir() else path.read_text()
        with pytest.raises(UserError, match="no earlier export; name another") as said:
            export(run, as_it_is(run, no_bars), path, [], no_bars)
        assert "\n" not in str(said.value)
        assert (names(path) if path.is_dir() else path.read_text()) == before


SHAPES = {"a/b/small.PNG": (20, 40), "a/large.png": (70, 90), "c.bmp": (32, 32)}


def test_on_other_images_what_differs_is_counted_and_named(tmp_path):
    always = Thresholds(input=0.0, image=-1e9)  # the run calls everything defective
    run = small_finished(tmp_path, with_dead_channels(), thresholds=always)
    random, others = np.random.default_rng(5), tmp_path / "others"
    for name, shape in SHAPES.items():
        (others / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(others / name)
    (others / "torn.png").write_bytes(b"none")
    (others / "notes.txt").write_text("no image")
    same = export(run, compacted(run, no_bars), tmp_path / "same", [others], no_bars)
    (found,) = same.elsewhere
    assert (found.agreed.images, found.agreed.changed) == (3, ())
    assert found.unread.keys() == {"torn.png"}
    # A threshold amid the scores: what lies below it is decided otherwise.
    exportable = compacted(run, no_bars)
    scores = {name: by_torch(run, others / name).score for name in SHAPES}
    middle = Thresholds(input=0.0, image=sum(sorted(scores.values())[:2]) / 2)
    other = replace(exportable, card=run.card.model_copy(update={"thresholds": middle}))
    exported = export(run, other, tmp_path / "other", [others], no_bars)
    lowest = min(scores, key=scores.__getitem__)
    assert exported.elsewhere[0].agreed.changed == (lowest,)
    facts = json.loads((tmp_path / "other" / "compaction.json").read_text())
    assert facts["other_images"][0]["changed_decisions"] == [lowest]


def call(root, monkeypatch, *command):
    monkeypatch.chdir(root)
    return CliRunner().invoke(app, ["export", *command])


def test_the_command_writes_and_says_what_was_gained(tmp_path, monkeypatch):
    small_finished(tmp_path, with_dead_channels())
    done = call(tmp_path, monkeypatch, KEY, "--compact", "--out", "small",
                "--verify", str(RAW))  # fmt: skip
    assert done.exit_code == 0, done.output
    assert names(tmp_path / "small") == SMALLER
    assert "06_conv3_2" in done.output
    assert "2 of 88 channels are left out" in done.output
    assert "0 decisions change" in done.output
    assert f"0 of {8 * EACH} decisions differ" in done.output
    assert "exported, ONNX Runtime" in done.output


def test_with_a_share_the_command_says_what_it_costs(tmp_path, monkeypatch):
    small_finished(tmp_path, live_network())
    shutil.copy(Path(__file__).parents[3] / "params.yaml", tmp_path)
    done = call(tmp_path, monkeypatch, KEY, "--keep", "0.5", "--iterations", "2",
                "--out", "half")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "44 of 88 channels are left out" in done.output
    assert "fine-tuned for 2 iterations at 0.05" in done.output
    assert re.search(r"image/dagm_cost 40, now \d+", done.output)
    assert json.loads((tmp_path / "half" / "compaction.json").read_text())["share"] == 0.5


def test_timed_calls_take_turns():
    made = []
    seconds = seconds_in_turn({name: partial(made.append, name) for name in "ab"}, rounds=2)
    assert made == ["a", "b"] * 3
    assert {name: len(each) for name, each in seconds.items()} == {"a": 2, "b": 2}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["other-s0", "--out", "x"], f"other-s0: no finished run of this project; there are {KEY}"),
        ([KEY, "--out", "x", "--keep", "0"], "--keep: 0 is no share"),
        ([KEY, "--out", "x", "--keep", "1.5"], "--keep: 1.5 is no share"),
        ([KEY, "--out", "x", "--iterations", "5"], "--iterations: nothing is trained without"),
        ([KEY, "--out", "x", "--verify", "nowhere"], "nowhere: no folder"),
        ([KEY, "--out", "x", "--verify", "models"], "models: no image there"),
        ([KEY, "--out", "data"], "data: is there already and no earlier export"),
    ],
)
def test_what_cannot_be_is_said_before_any_work(tmp_path, monkeypatch, command, said):
    small_finished(tmp_path)
    done = call(tmp_path, monkeypatch, *command)
    assert done.exit_code != 0
    assert isinstance(done.exception, UserError)
    assert said in str(done.exception)
    assert not (tmp_path / "x").exists()

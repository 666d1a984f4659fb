"""The stage `compare`: its tables, made once and again, and what it refuses."""

import math

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from small import SIZE, small_inputs

from dagm_transfer.analysis.meters.features import even_inputs, inputs_table, responses_file
from dagm_transfer.analysis.meters.pooled_at import pooled_responses
from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import COMPARISON, AnalysisPaths, ComparisonPaths
from dagm_transfer.analysis.settings import Compare
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Timing
from dagm_transfer.events.log import write_log
from dagm_transfer.metrics.cka import cka_inside_labels
from dagm_transfer.models.vgg16 import DEPTHS, VGG16, initialise
from dagm_transfer.stages.compare import compare
from dagm_transfer.training.paths import TrainingPaths

CPU = torch.device("cpu")
FACTS = {"labels": ["a", "b", "c", "d"], "input": "patch", "size": SIZE, "digest": "d"}
SCRATCH, SAME, TRANSFER = ("scratch", 0), ("scratch", 1), ("finetune", 0)
SETTINGS = Compare(points=3, inputs=8)
KEPT = 20  # inputs that responses are kept of
PATHS = ComparisonPaths(folder_of(0, COMPARISON))
TABLES = (PATHS.cka, PATHS.line, PATHS.pairs)


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def add_run(root, key, seed, scale="unit", digest="d", per_label=5):
    """A trained run of drawn weights, and what it is said to respond."""
    name = f"{key[0]}-s{key[1]}"
    network, paths = VGG16(4, "gap", SIZE), TrainingPaths(name)
    initialise(network, "he", seed)
    (root / paths.weights).parent.mkdir(parents=True, exist_ok=True)
    state = {k: v.contiguous() for k, v in network.state_dict().items()}
    save_file(state, root / paths.weights)
    begin = Begin(
        identity="ab", environment={}, key=name, variant=key[0], seed=key[1], kind="training",
        data={**FACTS, "digest": digest}, source={}, timing=Timing(0.0),
        params={"variant": {"input_scale": scale, "init": "he"}, "model": {"head": "gap"},
                "train": {"batch_size": 4}, "seed": key[1]},
    )  # fmt: skip
    write_log(paths.log.below(root), [begin, End(5, {}, {"diverged": "false"}, Timing(9.0))])
    folder, random = root / AnalysisPaths(name).features, np.random.default_rng(seed)
    chosen = even_inputs(small_inputs(per_label), 4 * per_label)
    write_text(folder / "inputs.csv", inputs_table({"test": chosen}))
    for when in ("before", "after"):
        for depth in DEPTHS:
            path = responses_file(folder, when, "test", depth)
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, random.standard_normal((len(chosen.labels), 6)).astype(np.float32))


@pytest.fixture
def root(tmp_path):
    """Two runs that ended alike, and one that did not."""
    inputs, folder = small_inputs(5), tmp_path / "prepared"
    rows = [
        {"part": "test", "label": int(label), "image": image}
        for label, image in zip(inputs.labels, inputs.images, strict=True)
    ]
    write_text(folder / "inputs.csv", to_csv(rows, [*rows[0]]))
    np.save(folder / "inputs.npy", inputs.pixels)
    write_json(folder / "facts.json", FACTS)
    for key, seed in ((SCRATCH, 0), (SAME, 0), (TRANSFER, 2)):
        add_run(tmp_path, key, seed)
    return tmp_path


def run(root, *pairs, on_step=lambda *_: None):
    compare(
        pairs,
        0,
        SETTINGS,
        kept=KEPT,
        data=Prepared(root / "prepared"),
        trunk=root / "trunk",
        root=root,
        device=CPU,
        on_step=on_step,
    )


def sums(root):
    return {
        (row["a"], row["b"], row["metric"]): float(row["value"])
        for row in read_csv(root / PATHS.pairs)
    }


def test_runs_that_ended_alike_have_nothing_between_them_and_others_have(root):
    told = []
    run(root, (SCRATCH, SAME), (SCRATCH, TRANSFER), on_step=lambda *done: told.append(done))
    assert told == [(done, 6) for done in range(1, 7)]
    found, alike = sums(root), ("scratch-s0", "scratch-s1")
    metrics = ("barrier_loss", "barrier_accuracy", "distance", "relative_distance")
    assert [found[*alike, metric] for metric in metrics] == [0, 0, 0, 0]
    other = ("scratch-s0", "finetune-s0")
    assert found[*other, "relative_distance"] == pytest.approx(math.sqrt(2), rel=0.01)
    cka = read_csv(root / PATHS.cka)
    assert [*cka[0]] == ["a", "b", "depth", "name", "metric", "value"]
    assert len(cka) == 2 * 2 * 13
    for row in cka:
        value = float(row["value"])
        assert value == pytest.approx(1) if row["b"] == "scratch-s1" else abs(value) < 0.9
    line = read_csv(root / PATHS.line)
    assert [*line[0]] == ["a", "b", "t", "loss", "accuracy"]
    assert [float(row["t"]) for row in line] == [0, 0.5, 1] * 2
    ends = [row["loss"] for row in line]
    assert ends[0] == ends[2] == ends[3], "the first run is the same in both"


def test_twice_is_the_same_bytes(root):
    def tables():
        run(root, (SCRATCH, TRANSFER))
        return [(root / table).read_bytes() for table in TABLES]

    assert tables() == tables()


def test_without_pairs_the_tables_have_no_rows(root):
    run(root)
    assert [read_csv(root / table) for table in TABLES] == [[], [], []]


def test_other_input_scales_leave_the_line_empty(root):
    add_run(root, ("raw", 0), 4, scale="bytes")
    run(root, (SCRATCH, ("raw", 0)))
    assert {row["loss"] for row in read_csv(root / PATHS.line)} == {"nan"}
    found = sums(root)
    assert math.isnan(found["scratch-s0", "raw-s0", "barrier_loss"])
    assert found["scratch-s0", "raw-s0", "distance"] > 0


def test_a_run_of_other_data_or_of_other_inputs_is_one_line(root):
    add_run(root, ("old", 0), 4, digest="e")
    with pytest.raises(UserError, match="old-s0"):
        run(root, (SCRATCH, ("old", 0)))
    add_run(root, ("few", 0), 4, per_label=4)
    with pytest.raises(UserError, match="features/few-s0: of other inputs"):
        run(root, (SCRATCH, ("few", 0)))
    assert not (root / PATHS.pairs).exists()


def test_runs_of_two_folds_are_shown_what_trained_neither(root):
    trunk = VGG16(4, "gap", SIZE)
    initialise(trunk, "he", 9)
    state = trunk.state_dict().items()
    save_file({k: v for k, v in state if k.startswith("features.")}, root / "trunk")
    inputs, folds = small_inputs(16), {}
    for fold, (folder, digest) in enumerate((("prepared", "d"), ("prepared/fold-1", "e"))):
        # Of each label four images are tested and four validate; the rest trains.
        parts = [["test", "val", "train", "train"][(place % 16 // 4 + 3 * fold) % 4]
                 for place in range(len(inputs.labels))]  # fmt: skip
        order = sorted(
            range(len(parts)), key=lambda row: ("test", "train", "val").index(parts[row])
        )
        rows = [{"part": parts[row], "label": int(inputs.labels[row]), "image": inputs.images[row]}
                for row in order]  # fmt: skip
        write_text(root / folder / "inputs.csv", to_csv(rows, [*rows[0]]))
        np.save(root / folder / "inputs.npy", inputs.pixels[order])
        write_json(root / folder / "facts.json", {**FACTS, "digest": digest, "folds": 5})
        folds[fold] = {row["image"] for row in rows if row["part"] != "train"}
    add_run(root, ("scratch", 6), 7, digest="e")
    run(root, (SCRATCH, ("scratch", 6)))
    apart = [place for place, image in enumerate(inputs.images) if image in folds[0] & folds[1]]
    assert len(apart) == 16, "four of each label"
    networks = [VGG16(4, "gap", SIZE) for _ in range(2)]
    for network, seed in zip(networks, (0, 7), strict=True):
        initialise(network, "he", seed)
    ours, theirs = (
        pooled_responses(network, inputs.pixels[apart], [13], scale="unit", device=CPU)[13]
        for network in networks
    )
    found = {
        (int(row["depth"]), row["metric"]): float(row["value"])
        for row in read_csv(root / PATHS.cka)
    }
    expected = cka_inside_labels(ours, theirs, inputs.labels[apart])
    assert found[13, "cka"] == pytest.approx(expected)
    assert math.isfinite(found[13, "cka_before"])
    assert sums(root)["scratch-s0", "scratch-s6", "inputs"] == SETTINGS.inputs
    assert sums(root)["scratch-s0", "scratch-s6", "distance"] > 0


def test_a_run_that_is_missing_is_told_before_any_work(root):
    told = []
    with pytest.raises(UserError, match="late-s0"):
        run(root, (SCRATCH, TRANSFER), (SCRATCH, ("late", 0)), on_step=lambda *_: told.append(1))
    assert told == []

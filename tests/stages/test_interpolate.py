"""The stage `interpolate` on networks of two variants: what it writes, twice, and of odd data."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import INTERPOLATION, InterpolationPaths
from dagm_transfer.analysis.settings import Interpolate
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Timing
from dagm_transfer.events.log import write_log
from dagm_transfer.models.vgg16 import VGG16, initialise
from dagm_transfer.stages.interpolate import interpolate
from dagm_transfer.training.paths import TrainingPaths

SIZE, CPU = 32, torch.device("cpu")
VARIANTS = ["scratch", "finetune"]
INITS = {"frozen": "imagenet", "scratch": "he", "finetune": "imagenet", "finetune_edge": "imagenet"}
PATHS = InterpolationPaths(folder_of(0, INTERPOLATION))


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def settings(**changes) -> Interpolate:
    asked = {"pairs": [{"from": "cloth", "to": "steel"}], "depths": [7, 13], "steps": 3, "ends": 2,
             "inputs": 8, "iterations": 2}  # fmt: skip
    return Interpolate(**{**asked, **changes})


def write_project(root, groups=("cloth", "steel"), head="gap", broken=(), variants=VARIANTS):
    random, labels = np.random.default_rng(0), range(2 * len(groups))
    rows = [
        {"part": part, "label": label, "image": f"{part}-{label}-{n}.png", "left": 0, "top": 0}
        for part, each in (("train", 1), ("val", 6), ("test", 3))
        for label in labels for n in range(each)
    ]  # fmt: skip
    write_text(root / "prepared" / "inputs.csv", to_csv(rows, [*rows[0]]))
    pixels = random.integers(0, 256, (len(rows), SIZE, SIZE), np.uint8)
    np.save(root / "prepared" / "inputs.npy", pixels)
    facts = {"groups": list(groups), "size": SIZE, "digest": "d", "input": "patch",
             "labels": [f"{g} {s}" for g in groups for s in ("normal", "defective")]}  # fmt: skip
    write_json(root / "prepared" / "facts.json", facts)
    write_json(root / "source.json", {"digest": "s"})
    trunk = VGG16(2, "gap", SIZE)
    initialise(trunk, "he", seed=9)
    save_file({k: v for k, v in trunk.state_dict().items() if k.startswith("features.")},
              root / "trunk.safetensors")  # fmt: skip
    for variant in variants:
        network = VGG16(len(labels), head, SIZE)
        initialise(network, "he", seed=5 + len(variant))
        weights = network.state_dict()
        if variant in broken:
            weights["features.14.bias"] = torch.full_like(weights["features.14.bias"], torch.nan)
        key = f"{variant}-s0"
        paths = TrainingPaths(key)
        (root / paths.weights).parent.mkdir(parents=True)
        save_file(weights, root / paths.weights)
        begin = Begin(
            identity="ab", environment={}, key=key, variant=variant, seed=0, kind="training",
            data=facts, source={"digest": "s"}, timing=Timing(0.0),
            params={"variant": {"init": INITS[variant], "input_scale": "unit"}, "seed": 0,
                    "model": {"head": head}, "train": {"batch_size": 4}},
        )  # fmt: skip
        end = End(5, {}, {"diverged": str(variant in broken).lower()}, Timing(9.0))
        write_log(paths.log.below(root), [begin, end])
    return root


def run(root, variants=VARIANTS, frozen=(), **changes):
    told = []
    interpolate(
        variants, 0, settings(**changes), frozen=frozen, data=Prepared(root / "prepared"),
        trunk=root / "trunk.safetensors", trunk_facts=root / "source.json", root=root,
        device=CPU, on_step=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    return told


def values(root):
    return {
        (row["key"], int(row["depth"]), row["network"], row["metric"]): float(row["value"])
        for row in read_csv(root / PATHS.lines)
    }


def digests(root):
    return {path.name: path.read_bytes() for path in (root / PATHS.folder).iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = write_project(tmp_path_factory.mktemp("made"))
    return root, run(root)


def test_a_frozen_trunk_is_told_of_in_numbers_alone(tmp_path):
    root = write_project(tmp_path, variants=[*VARIANTS, "frozen"])
    run(root, frozen=["frozen"], depths=[13], iterations=1)
    found = {key: value for key, value in values(root).items() if key[0] == "frozen-s0"}
    assert math.isfinite(found["frozen-s0", 13, "after", "coexistence_at_margin"])
    assert {network for _, _, network, _ in found} == {"after", "pixels"}
    assert read_json(root / PATHS.facts)["frozen"] == ["frozen-s0"]
    assert not [name for name in load_file(root / PATHS.pictures) if "frozen" in name]


def test_who_judges_began_elsewhere(tmp_path):
    variants = [*VARIANTS, "finetune_edge"]
    root = write_project(tmp_path, variants=variants)
    run(root, variants, depths=[13], iterations=1)
    assert read_json(root / PATHS.facts)["judges"] == {
        "scratch-s0": "finetune-s0", "finetune-s0": "scratch-s0", "finetune_edge-s0": "scratch-s0",
    }  # fmt: skip
    run(root, variants[1:], depths=[13], iterations=1)
    assert read_json(root / PATHS.facts)["judges"] == {}, "both are the source's children"


def test_every_network_has_its_numbers_at_every_depth(made):
    root, told = made
    assert told[-1] == (8, 8)  # 2 runs, 2 depths, 2 iterations
    found = values(root)
    networks = Counter((depth, network) for key, depth, network, _ in found if "scratch" in key)
    assert networks == {
        (7, "after"): 12, (13, "after"): 12, (0, "pixels"): 6, (7, "pixels"): 1,
        (13, "pixels"): 1, (7, "before"): 4, (13, "before"): 4, (7, "judge"): 3,
        (13, "judge"): 3, (0, "judge"): 3,
    }  # fmt: skip
    assert Counter(key for key, *_ in found) == {"scratch-s0": 49, "finetune-s0": 49}
    facts = read_json(root / PATHS.facts)
    assert facts["judges"] == {"scratch-s0": "finetune-s0", "finetune-s0": "scratch-s0"}
    assert facts["pairs"] == [{"name": "cloth to steel", "a": 1, "b": 3, "ends": 2}]
    assert facts["asked"]


def test_what_a_line_shows_at_its_ends_is_what_the_network_says_of_the_images(made):
    root, _ = made
    curves = read_csv(root / PATHS.curves)
    ends = [
        [row for row in curves
         if row["key"] == "scratch-s0" and (row["network"], row["depth"]) == which]
        for which in (("after", "7"), ("after", "13"), ("pixels", "0"))
    ]  # fmt: skip
    for rows in ends:
        assert [float(rows[0]["share"]), float(rows[-1]["share"])] == [0, 1]
        assert sum(float(rows[3][n]) for n in ("p_a", "p_b", "third")) == pytest.approx(1)
    for place in (0, -1):
        shown = [float(rows[place]["p_a"]) for rows in ends]
        assert shown == pytest.approx([shown[0]] * 3, rel=1e-3)


def test_the_controls_are_the_networks_before_training(made):
    found = values(made[0])
    after, before = (
        [found["finetune-s0", depth, when, "off_manifold"] for depth in (7, 13)]
        for when in ("after", "before")
    )
    assert all(map(math.isfinite, [*after, *before]))
    assert after != before


def test_pictures_are_grey_images_of_every_line(made):
    pictures = load_file(made[0] / PATHS.pictures)
    lines = [f"{key}/0/{depth}" for key in ("scratch-s0", "finetune-s0") for depth in (7, 13)]
    assert {*pictures} == {
        *(f"pixels/{variant}-s0/0" for variant in VARIANTS),
        *(f"inverted/{line}" for line in lines), *(f"means/{line}" for line in lines)
    }  # fmt: skip
    assert {image.dtype for image in pictures.values()} == {np.dtype(np.uint8)}
    assert pictures["inverted/scratch-s0/0/7"].shape == (3, SIZE, SIZE)
    test = Prepared(made[0] / "prepared").inputs("test")
    images = [pixels.tobytes() for pixels in test.pixels[test.labels == 1]]
    assert pictures["pixels/finetune-s0/0"][0].tobytes() in images


def test_the_same_bytes_twice(made):
    root, _ = made
    before = digests(root)
    run(root)
    assert digests(root) == before
    assert len(before) == 4


def test_one_group_one_variant_and_the_large_head(tmp_path):
    root = write_project(tmp_path, groups=("cloth",), head="fc")
    run(root, VARIANTS[:1], depths=[13])
    facts = read_json(root / PATHS.facts)
    assert [pair["name"] for pair in facts["pairs"]] == ["cloth, defective to normal"]
    assert not facts["asked"]
    assert facts["judges"] == {}
    assert not [row for row in read_csv(root / PATHS.lines) if row["network"] == "judge"]


def test_a_run_that_diverged_has_no_numbers_and_others_go_on(tmp_path):
    root = write_project(tmp_path, broken=("scratch",))
    run(root)
    found = values(root)
    for metric in ("coexistence", "coexistence_at_margin", "off_manifold", "inversion_error"):
        assert math.isnan(found["scratch-s0", 13, "after", metric])
        assert metric == "coexistence_at_margin" or math.isfinite(
            found["finetune-s0", 13, "after", metric]
        )
    assert math.isfinite(found["scratch-s0", 13, "before", "off_manifold"])


def test_other_data_and_absent_runs_are_refused(made, tmp_path):
    with pytest.raises(UserError, match="no finished log"):
        run(made[0], ["frozen"])
    root = write_project(tmp_path)
    write_json(root / "prepared" / "facts.json", {**Prepared(root / "prepared").facts,
                                                  "digest": "other"})  # fmt: skip
    with pytest.raises(UserError, match="other data"):
        run(root)

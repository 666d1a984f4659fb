"""The published preset, tiny, through every command of the chain in one process.

Whole images as input, the fully connected head, sampling by epochs, several seeds, all variants.
"""

import io
import itertools
import json
from pathlib import Path

import pytest
import torch
from project import ROOT, new_project
from ruamel.yaml import YAML

from dagm_transfer.core.tables import read_csv

SEEDS = (0, 1)
STAGES = ("train", "judge", "features", "layers")


def tiny_published(_text: str) -> str:
    yaml = YAML()
    params = yaml.load((ROOT / "params" / "published.yaml").read_text())
    assert params["data"]["input"] == "image"
    assert params["model"]["head"] == "fc"
    assert params["train"]["sampling"] == "epoch"
    assert params["data"]["split"]["fold"] == "seed"
    assert len(params["study"]["seeds"]) > 1
    assert len(params["study"]["variants"]) == 4
    params["study"]["seeds"] = list(SEEDS)
    # The images themselves cannot be had everywhere.
    drawn = {"kind": "synthetic", "textures": [3, 6], "normal": 14, "defective": 14}
    params["data"]["images"] = {**drawn, "size": 128, "seed": 0}
    params["data"]["size"] = 32
    params["data"]["patch"]["jitter"] = 8
    params["source"]["origin"] = "file"
    assert params["train"]["snapshots"]
    params["train"].update(batch_size=8, train_subset=8, snapshots=[1])
    params["analysis"].update(probe_draws=1)
    params["compare"].update(points=3, inputs=8)
    params["interpolate"].update(steps=3, ends=2, inputs=8, iterations=2)
    for variant in params["variants"].values():
        variant["evaluate_every"] = 1
        variant["phases"][0]["iterations"] = 2
    out = io.StringIO()
    yaml.dump(params, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after all stages."""
    project = new_project(tmp_path_factory.mktemp("published") / "checkout", tiny_published)
    text = (project.root / "params.yaml").read_text()
    variants = YAML(typ="safe").load(text)["study"]["variants"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for stage in ("acquire", "prepare", "source"):
        project.call(stage)
    for stage, variant, seed in itertools.product(STAGES, variants, SEEDS):
        project.call(stage, variant, "--seed", str(seed))
    for stage, seed in itertools.product(("responses", "interpolate", "compare"), SEEDS):
        project.call(stage, "--seed", str(seed))
    for stage in ("embed", "report"):
        project.call(stage)
    torch.set_num_threads(threads)
    return project.root


def images_tested(root: Path, key: str) -> set[str]:
    rows = read_csv(root / f"reports/judged/{key}.csv")
    return {row["image"] for row in rows if row["part"] == "test"}


def keys() -> list[str]:
    variants = ("scratch", "scratch_aug", "finetune", "frozen")
    return [f"{variant}-s{seed}" for variant in variants for seed in SEEDS]


def test_every_run_is_judged_on_whole_images(published):
    for key in keys():
        metrics = json.loads((published / f"reports/runs/{key}.json").read_text())
        assert metrics["iterations"] == 2
        assert {"test/accuracy", "test/dagm_cost", "val/dagm_cost"} <= metrics.keys()
        assert not [name for name in metrics if name.startswith("image/")]
        kinds = {row["kind"] for row in read_csv(published / f"reports/judged/{key}.csv")}
        assert kinds == {"image"}
        card = json.loads((published / f"models/{key}/card.json").read_text())
        assert (card["input"], card["head"], card["stride"]) == ("image", "fc", None)
        assert card["thresholds"]["input"] == card["thresholds"]["image"]


def test_each_seed_is_tested_on_another_fold(published):
    tested = [images_tested(published, f"{variant}-s{seed}") for variant in ("scratch", "finetune")
              for seed in SEEDS]  # fmt: skip
    assert tested[0] == tested[2]
    assert tested[1] == tested[3]
    assert not tested[0] & tested[1]
    page = (published / "reports" / "index.html").read_text()
    assert "Each seed trains and tests on another of 5 folds" in " ".join(page.split())
    for seed, found in zip(SEEDS, tested, strict=False):
        rows = read_csv(published / f"reports/responses/seed-{seed}/images.csv")
        shown = {row["image"] for row in rows if row["key"] == f"finetune-s{seed}"}
        assert shown
        assert shown <= found


def test_seeds_differ_and_frozen_trunks_do_not_move(published):
    weights = {
        key: (published / f"models/{key}/weights.safetensors").read_bytes() for key in keys()
    }
    assert len(set(weights.values())) == len(weights)
    for key in keys():
        rows = read_csv(published / f"reports/layers/{key}.csv")
        changes = [float(row["value"]) for row in rows if row["metric"] == "weight_change"]
        assert len(changes) == 13
        assert (max(changes) == 0) == key.startswith("frozen")


def test_the_course_of_training_is_told_at_the_kept_trunks(published):
    for key in keys():
        rows = read_csv(published / f"reports/course/{key}.csv")
        changes = [row for row in rows if row["metric"] == "weight_change" and row["depth"] == "13"]
        assert [row["iteration"] for row in changes] == ["0", "1", "2"]
        assert float(changes[0]["value"]) == 0
        assert (float(changes[1]["value"]) == 0) == key.startswith("frozen")


def test_seeds_and_the_contrast_are_laid_side_by_side(published):
    found = [
        row for seed in SEEDS
        for row in read_csv(published / f"reports/comparison/seed-{seed}/pairs.csv")
    ]  # fmt: skip
    pairs = {(row["a"], row["b"]) for row in found}
    again = {(f"{variant}-s0", f"{variant}-s1") for variant in dict.fromkeys(variants_of(keys()))}
    beside = (("scratch_aug", "finetune"), ("scratch", "scratch_aug"))  # the latter began alike
    assert pairs == again | {(f"{a}-s{seed}", f"{b}-s{seed}") for a, b in beside for seed in SEEDS}
    values = {(row["a"], row["b"], row["metric"]): float(row["value"]) for row in found}
    assert values["frozen-s0", "frozen-s1", "distance"] == 0
    assert values["scratch-s0", "scratch-s1", "relative_distance"] > 1


def variants_of(run_keys: list[str]) -> list[str]:
    return [key.rpartition("-s")[0] for key in run_keys]


def test_the_page_tells_of_all_runs_with_intervals_over_seeds(published):
    page = (published / "reports" / "index.html").read_text().replace("<wbr>", "")
    for variant in ("scratch", "scratch_aug", "finetune", "frozen"):
        assert variant in page
    assert "2 seeds" in page
    assert "patches" not in page, "these are whole images"
    assert "nan" not in page.lower().split("base64,")[0]
    champion = json.loads((published / "reports" / "champion.json").read_text())["key"]
    assert champion in keys()

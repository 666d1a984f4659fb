"""A folder of photographs as an engineer has it, from `dagm check` to the report."""

import io
import itertools
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from project import Project, new_project
from ruamel.yaml import YAML

from dagm_transfer.core.files import read_json
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.ellipse import Ellipse

KINDS = ("MT_Blowhole", "MT_Crack", "MT_Fray", "MT_Break", "MT_Uneven")
GOOD, EACH = "MT_Free", 8
RUNS = [("scratch", 0), ("finetune", 0)]


def photograph(path: Path, random: np.random.Generator, *, defective: bool) -> None:
    """A JPEG of its own size; beside that of a defect lies its mask, of the same name."""
    height, width = (int(side) for side in random.integers(48, 100, 2))
    pixels = random.integers(60, 120, (height, width), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    if defective:
        x, y = random.uniform(16, width - 16), random.uniform(16, height - 16)
        mask = Ellipse(x, y, 9, 6, 0.4).mask(height, width)
        pixels[mask] = 250
        Image.fromarray(np.uint8(255) * mask).save(path.with_suffix(".png"))
    Image.fromarray(pixels).save(path, quality=95)


def own_settings(text: str) -> str:
    """The tiny parameters, for whatever folder was imported."""
    yaml = YAML()
    params = yaml.load(text)
    params["data"]["images"] = {"kind": "folder", "groups": [], "subject": "tiles"}
    params["data"]["patch"]["jitter"] = 4
    params["judge"]["whole"].update(normal=0, defective=0)
    out = io.StringIO()
    yaml.dump(params, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, str]]:
    """The project after all of it, and what the commands said."""
    base = tmp_path_factory.mktemp("own")
    random = np.random.default_rng(0)
    for kind, number in itertools.product((GOOD, *KINDS), range(EACH)):
        for part in range(5 if kind == GOOD else 1):
            path = base / "tiles" / kind / "Imgs" / f"exp{number}_{part}.jpg"
            photograph(path, random, defective=kind != GOOD)
    project = new_project(base / "checkout", own_settings)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    good = ("--good", GOOD)
    said = {
        "check": project.call("check", str(base / "tiles"), *good),
        "import": project.call("import", str(base / "tiles"), *good),
    }
    for stage in ("acquire", "prepare", "source"):
        project.call(stage)
    for stage, (variant, seed) in itertools.product(("train", "judge", "features", "layers"), RUNS):
        project.call(stage, variant, "--seed", str(seed))
    for stage in ("embed", "responses", "interpolate", "compare", "report"):
        project.call(stage)
    torch.set_num_threads(threads)
    return project, said


def test_check_counts_each_kind_of_defect_and_says_that_training_can_use_it(tiles):
    _, said = tiles
    lines = said["check"].splitlines()
    assert "1 group, 80 images, 40 of them defective" in lines[0]
    for kind in KINDS:
        assert any(re.search(rf"{kind} +{EACH} .*mask {EACH}", line) for line in lines)
    assert any("can be trained with" in line for line in lines)
    assert not [line for line in lines if "cannot" in line]


def test_every_image_and_mask_came_in(tiles):
    project, _ = tiles
    manifest = read_json(project.root / "data" / "imported.json")
    assert manifest["kind"] == "folder"
    (group,) = manifest["groups"].values()
    assert (group["normal"], group["defective"]) == (40, 40)
    assert group["defects"] == dict.fromkeys(sorted(KINDS), EACH)
    rows = read_csv(project.root / "data" / "prepared" / "images.csv")
    assert {row["defect"] for row in rows if row["defective"] == "1"} == set(KINDS)
    assert all(row["x"] for row in rows if row["defective"] == "1")


def test_patches_of_defects_show_them(tiles):
    project, _ = tiles
    folder = project.root / "data" / "prepared"
    pixels, rows = np.load(folder / "inputs.npy"), read_csv(folder / "inputs.csv")
    bright = [bool((block > 200).any()) for block in pixels]
    assert bright == [row["label"] == "1" for row in rows]


def test_the_page_tells_the_kinds_apart_and_speaks_of_tiles(tiles):
    project, _ = tiles
    page = (project.root / "reports" / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))
    assert "Test images by the kind of their defect" in text
    rows = read_csv(project.root / "data" / "prepared" / "images.csv")
    tested = {row["defect"] for row in rows if row["part"] == "test"} - {""}
    assert len(tested) > 2
    assert {kind for kind in KINDS if kind in text} == tested
    assert "all tiles" in text

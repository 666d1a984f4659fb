"""The walk of docs/your-own-images.md, its commands as they stand there: from images to server."""

import base64
import io
import json
import re
import shlex
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from project import ROOT, Project, new_project, stages_run
from ruamel.yaml import YAML
from servers import free_port, served

from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.kinds.elpv.kind import PACKAGE, Elpv
from dagm_transfer.data.paths import Places
from dagm_transfer.inspection.paths import HEAT_MAP

PATH = "/path/to/parts"  # of the page
PRESET = Path("params/folder.yaml")
EACH = 12  # images a group and class


def cells(folder: Path) -> None:
    """Some real solar cells of each type, sorted into folders as a user has them."""
    kind = Elpv(kind="elpv", types=["mono", "poly"])
    places = Places.below(folder.parent / "package")
    kind.acquire(places, 1, lambda _done, _total: None)
    taken: dict[tuple[str, bool], int] = {}
    for record in kind.index(places.raw):
        key = record.group, record.defective
        number = taken[key] = taken.get(key, 0) + 1
        if number <= EACH and not record.defect:
            name = "cracked" if record.defective else "good"
            target = folder / record.group / name / record.path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((places.raw / record.path).read_bytes())


def tiles(folder: Path) -> None:
    """Two groups of drawn tiles; a defect is a bright square."""
    random = np.random.default_rng(0)
    for place, group in enumerate(("floor", "wall")):
        for name, number in ((name, n) for name in ("good", "chipped") for n in range(EACH)):
            pixels = random.integers(90 * place, 90 * place + 60, (64, 72), dtype=np.uint8)
            if name == "chipped":
                top, left = random.integers(8, 40, 2)
                pixels[top : top + 16, left : left + 16] = 250
            path = folder / group / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)


MAKE = {"tiles": (tiles, "patch"), "cells": (cells, "image")}


def tiny_preset(text: str, tiny: str, how: str) -> str:
    """The preset `folder` at the tiny sizes of the tests, of one variant, by patches or whole."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    preset, small = yaml.load(text), yaml.load(tiny)
    small["study"].update(variants=["finetune"], compared=["finetune"])
    own = {"images": preset["data"]["images"], "split": preset["data"]["split"], "input": how}
    out = io.StringIO()
    yaml.dump({**small, "data": {**small["data"], **own}}, out)
    return out.getvalue()


def walk() -> list[str]:
    """The commands of the page, one a line, without what is said beside them."""
    text = (ROOT / "docs" / "your-own-images.md").read_text(encoding="utf-8")
    block = re.search(r"## From a folder to a served inspector.*?```sh\n(.*?)```", text, re.DOTALL)
    assert block
    return [line.split("  #")[0].strip() for line in block[1].splitlines()]


@dataclass(frozen=True)
class Walked:
    """The project after all commands but the server's, and what they said."""

    project: Project
    parts: Path
    said: list[str]


@pytest.fixture(
    scope="module",
    params=[
        "tiles",
        pytest.param(
            "cells",
            marks=pytest.mark.skipif(
                find_spec(PACKAGE) is None,
                reason="elpv-dataset is installed by `make demo-solar` alone",
            ),
        ),
    ],
)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    base = tmp_path_factory.mktemp(f"walk-{request.param}")
    make, how = MAKE[request.param]
    make(base / "parts")
    project = new_project(base / "checkout")
    preset = project.root / PRESET
    tiny = (project.root / "params.yaml").read_text()
    preset.write_text(tiny_preset(preset.read_text(), tiny, how))
    said = [
        project.run(*shlex.split(line.replace(PATH, str(base / "parts")))) for line in walk()[:-1]
    ]
    return Walked(project, base / "parts", said)


@pytest.fixture(scope="module")
def address(walked: Walked) -> Iterator[str]:
    """Of the server that the page's last command starts."""
    port, line = free_port(), walk()[-1]
    assert "--port 5001" in line
    command = f"exec env {line.replace('--port 5001', f'--port {port}')}"
    base = f"http://127.0.0.1:{port}"
    options = {"cwd": walked.project.root, "env": walked.project.environment()}
    with served(["bash", "-c", command], f"{base}/ping", **options):
        yield f"{base}/invocations"


def test_every_image_is_judged(walked):
    rows = read_csv(walked.project.root / "exports" / "predictions.csv")
    assert len(rows) == len([*walked.parts.rglob("*.png")]) > 3 * EACH
    assert {row["error"] for row in rows} == {""}
    assert {row["decision"] for row in rows} <= {"normal", "defective"}
    assert (walked.project.root / "exports" / "inspector" / "model.onnx").exists()


def test_heat_maps_lie_beside_where_images_are_judged_by_windows(walked):
    rows = read_csv(walked.project.root / "exports" / "predictions.csv")
    drawn = {path.name for path in (walked.project.root / "exports" / "heatmaps").rglob("*.png")}
    expected = {f"{Path(row['image']).name}{HEAT_MAP}" for row in rows} | {f"legend{HEAT_MAP}"}
    assert drawn == (expected if "tiles" in str(walked.parts) else set())


def test_other_costs_judge_again_and_train_nothing(walked):
    first, again = (
        stages_run(said)
        for line, said in zip(walk(), walked.said, strict=False)
        if line == "dvc repro"
    )
    assert {stage.partition("@")[0] for stage in first} >= {"train", "judge", "report"}
    assert {stage.partition("@")[0] for stage in again} == {"judge", "report"}


def test_the_pages_are_there_and_the_new_costs_on_them(walked):
    quality = (walked.project.root / "reports" / "quality.html").read_text(encoding="utf-8")
    assert "50" in quality
    assert "miss" in quality


def test_the_server_answers_what_predict_says(walked, address):
    run = json.loads((walked.project.root / "reports" / "champion.json").read_text())["key"]
    out = "served.csv"
    walked.project.run("dagm", "predict", str(walked.parts), "--model", run, "--out", out)
    rows = read_csv(walked.project.root / out)[::5]
    images = [(walked.project.root / row["image"]).read_bytes() for row in rows]
    asked = {
        "dataframe_split": {
            "columns": ["image"],
            "data": [[base64.b64encode(image).decode()] for image in images],
        }
    }
    request = urllib.request.Request(  # noqa: S310 - our own server
        address,
        data=json.dumps(asked).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found = json.load(answer)["predictions"]
    assert [each["group"] for each in found] == [row["group"] for row in rows]
    assert [each["decision"] for each in found] == [row["decision"] for row in rows]
    expected = [float(row["score"]) for row in rows]
    assert [each["score"] for each in found] == pytest.approx(expected, rel=1e-4, abs=1e-4)

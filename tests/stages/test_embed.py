"""The stage `embed` on a small prepared set: what it writes, again and again the same."""

import os
import shutil
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from small import small_inputs

from dagm_transfer.analysis.paths import EMBEDDING, EmbeddingPaths
from dagm_transfer.analysis.settings import Embed
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json, write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.models.vgg16 import VGG16, initialise
from dagm_transfer.stages.embed import embed

GROUPS = ["texture 1", "texture 2"]
AGAIN = """
import sys; from pathlib import Path
import torch
torch.set_num_threads(1)
from dagm_transfer.analysis.settings import Embed
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.stages.embed import embed
root = Path(sys.argv[1])
embed(Embed(photographs=sys.argv[2:], inputs=8, depths=[2, 13]), data=Prepared(root / "prepared"),
      trunk=root / "trunk.safetensors", root=root, device=torch.device("cpu"),
      on_step=lambda *_: None)
"""


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project's root with a trunk; its data and photographs are small."""
    root = tmp_path_factory.mktemp("project")
    network = VGG16(2, "gap", 32)
    initialise(network, "he", seed=7)
    state = network.state_dict().items()
    trunk = {name: value.contiguous() for name, value in state if name.startswith("features.")}
    save_file(trunk, root / "trunk.safetensors")
    inputs = small_inputs(10)
    (root / "prepared").mkdir()
    np.save(root / "prepared" / "inputs.npy", inputs.pixels)
    rows = [
        {"part": "train", "label": int(label), "image": image}
        for label, image in zip(inputs.labels, inputs.images, strict=True)
    ]
    write_text(root / "prepared" / "inputs.csv", to_csv(rows, ["part", "label", "image"]))
    random = np.random.default_rng(0)
    for folder in ("cats", "dogs"):
        (root / folder).mkdir()
        for number in range(9):
            pixels = random.integers(0, 256, (40, 50, 3), np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{number}.jpg")
    return root


def data_of(root, kind="patch", groups=GROUPS):
    facts = {"groups": groups, "input": kind, "size": 32, "resize": "antialias"}
    write_json(root / "prepared" / "facts.json", facts)
    return Prepared(root / "prepared")


def run(root, *photographs, kind="patch", groups=GROUPS, on_step=lambda *_: None):
    embed(
        Embed(photographs=list(photographs), inputs=8, depths=[2, 13]),
        data=data_of(root, kind, groups),
        trunk=root / "trunk.safetensors",
        root=root,
        device=torch.device("cpu"),
        on_step=on_step,
    )
    return EmbeddingPaths(root / EMBEDDING)


@pytest.mark.parametrize("kind", ["patch", "image"])
def test_the_tables_have_every_domain_depth_and_metric(made, kind):
    told = []
    paths = run(made, "cats", str(made / "dogs"), kind=kind, on_step=lambda *d: told.append(d))
    points = read_csv(paths.points)
    counts = Counter((row["method"], row["depth"], row["domain"]) for row in points)
    domains = {"cats": 8, "dogs": 8, "texture 1": 4, "texture 2": 4}
    assert counts == {
        (method, depth, domain): count
        for method in ("pca", "tsne")
        for depth in ("2", "13")
        for domain, count in domains.items()
    }
    rows = read_csv(paths.domains)
    trunks = {(row["trunk"], row["depth"]) for row in rows}
    assert trunks == {(t, d) for t in ("source", "random") for d in ("2", "13")} | {("pixels", "0")}
    assert {row["n"] for row in rows} == {"4"}
    assert all(np.isfinite(float(row["value"])) for row in rows)
    assert len(rows) == 5 * len({(r["trunk"], r["depth"], r["a"], r["b"]) for r in rows})
    facts = read_json(paths.facts)
    assert [(one["name"], one["photographs"]) for one in facts["photographs"]] == [
        ("cats", 8),
        ("dogs", 8),
    ]
    assert (facts["shipped"], facts["input"], facts["n"]) == (False, kind, 4)
    assert facts["groups"] == {"texture 1": 4, "texture 2": 4}
    assert str(made) not in paths.facts.read_text()
    assert told[-1][0] == told[-1][1] == len(told)


@pytest.mark.parametrize("photographs", [(), ("cats",)])
def test_a_new_process_writes_the_same_bytes(made, photographs):
    paths = run(made, *photographs)
    files = (paths.points, paths.domains, paths.facts)
    first = [path.read_bytes() for path in files]
    environment = {**os.environ, "PYTHONHASHSEED": "17", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(
        [sys.executable, "-c", AGAIN, str(made), *photographs], env=environment, check=True
    )
    assert [path.read_bytes() for path in files] == first
    assert read_json(paths.facts)["shipped"] == (not photographs)


def test_one_group_of_whole_images_has_no_pair_of_groups_and_maps_all_the_same(made, tmp_path):
    shutil.copytree(made / "prepared", tmp_path / "prepared")
    (tmp_path / "trunk.safetensors").symlink_to(made / "trunk.safetensors")
    path = tmp_path / "prepared" / "inputs.csv"
    rows = [{**row, "label": int(row["label"]) % 2} for row in read_csv(path)]
    write_text(path, to_csv(rows, [*rows[0]]))
    paths = run(tmp_path, kind="image", groups=["bolt"])
    kinds = {row["pair"] for row in read_csv(paths.domains)}
    assert kinds == {"source and target", "source and one group", "scrambled", "halves"}
    assert {row["domain"] for row in read_csv(paths.points)} == {"photographs", "bolt"}
    assert read_json(paths.facts)["groups"] == {"bolt": 8}


def test_a_group_named_as_the_photographs_that_ship_is_told_of(made):
    with pytest.raises(UserError, match="two domains are named photographs"):
        run(made, groups=["photographs", "texture 2"])


def test_folders_that_will_not_do_are_the_users_to_mend(made):
    with pytest.raises(UserError, match="two domains are named cats"):
        run(made, "cats", "./cats")
    with pytest.raises(UserError, match="no such folder"):
        run(made, "birds")
    (made / "few").mkdir()
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(made / "few" / "1.png")
    with pytest.raises(UserError, match="few: 1 photographs; 8 are needed"):
        run(made, "few", kind="image")
    (made / "few").rename(made / "target")
    with pytest.raises(UserError, match="two domains are named target"):
        run(made, "target")
    (made / "target").rename(made / "texture 1")
    with pytest.raises(UserError, match="two domains are named texture 1"):
        run(made, "texture 1")

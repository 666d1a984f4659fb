"""The stage `source` and the import of a trunk: what they write, and the same bytes every time."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of_file, read_json
from dagm_transfer.source.importing import import_trunk
from dagm_transfer.source.origins import digest_of_trunk
from dagm_transfer.source.paths import FACTS, IMPORTED, INCOMING, TRUNK
from dagm_transfer.source.settings import Source
from dagm_transfer.stages.source import source

STAGE = """\
import sys
from pathlib import Path
from dagm_transfer.source.settings import Source
from dagm_transfer.stages.source import source

source(Source(origin="file"), root=Path(sys.argv[1]))
"""


@pytest.fixture
def project(tmp_path, stored):
    """A root into which the trunk was imported; pytest need not keep what is written there."""
    (tmp_path / INCOMING).parent.mkdir(parents=True)
    (tmp_path / INCOMING).symlink_to(stored)
    yield tmp_path
    for path in tmp_path.rglob("*.safetensors"):
        path.unlink()


def header_of(path: Path) -> dict:
    """What safetensors says of a file's tensors."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length))


def test_the_stage_writes_the_trunk_without_metadata_and_its_facts_beside_it(project, trunk):
    found = source(Source(origin="auto"), root=project)
    written = load_file(project / TRUNK)
    assert written.keys() == trunk.keys()
    assert all(torch.equal(written[name], trunk[name]) for name in trunk)
    assert "__metadata__" not in header_of(project / TRUNK)
    assert read_json(project / FACTS) == {"origin": "file", "digest": digest_of_trunk(trunk)}
    assert (found.origin, found.digest) == ("file", digest_of_trunk(trunk))


def test_two_processes_write_the_same_bytes(project, stored):
    roots = project / "one", project / "two"
    running = []
    for seed, root in enumerate(roots, start=1):
        (root / INCOMING).parent.mkdir(parents=True)
        (root / INCOMING).symlink_to(stored)
        command = [sys.executable, "-c", STAGE, str(root)]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        running.append(subprocess.Popen(command, env=environment))
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    for name in (TRUNK, FACTS):
        assert len({digest_of_file(root / name) for root in roots}) == 1


def test_a_stage_that_finds_no_trunk_writes_nothing(tmp_path):
    with pytest.raises(UserError, match=r"no ImageNet trunk could be had .*dagm import"):
        source(Source(origin="file"), root=tmp_path)
    assert not any(tmp_path.iterdir())


def test_an_imported_trunk_lies_where_the_stage_looks_and_is_described(tmp_path, trunk, stored):
    incoming = tmp_path / INCOMING
    digest = import_trunk(stored, incoming, tmp_path / IMPORTED)
    assert digest == digest_of_trunk(trunk)
    assert read_json(tmp_path / IMPORTED) == {"trunk": digest}
    assert "__metadata__" not in header_of(incoming)
    assert digest_of_file(incoming) == digest_of_file(stored)
    incoming.unlink()


@pytest.mark.parametrize("content", [None, b"no safetensors"])
def test_a_refused_import_leaves_the_old_one(tmp_path, content):
    incoming, manifest = tmp_path / "trunk.safetensors", tmp_path / "imported.json"
    incoming.write_bytes(b"old")
    manifest.write_bytes(b"old")
    brought = tmp_path / "brought.safetensors"
    if content is None:
        expected = "brought.safetensors: not found"
    else:
        brought.write_bytes(content)
        expected = "brought.safetensors: not a safetensors file"
    with pytest.raises(UserError, match=expected):
        import_trunk(brought, incoming, manifest)
    assert (incoming.read_bytes(), manifest.read_bytes()) == (b"old", b"old")


def test_a_trunk_of_another_network_is_not_imported(tmp_path):
    save_file({"features.0.weight": torch.zeros(8, 3, 3, 3)}, tmp_path / "other.safetensors")
    with pytest.raises(UserError, match=r"other\.safetensors: features\.0\.weight has shape"):
        import_trunk(tmp_path / "other.safetensors", tmp_path / INCOMING, tmp_path / IMPORTED)
    assert [path.name for path in tmp_path.iterdir()] == ["other.safetensors"]

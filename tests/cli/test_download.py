"""`dagm download`, from a server to what `dagm import` reads."""

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from downloads import BY_HAND, ONE, TWO, two_files
from file_server import RECORD, Site
from PIL import Image
from typer.testing import CliRunner

from dagm_transfer.cli.main import app
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json


@pytest.fixture
def site() -> Iterator[Site]:
    """A record of two textures, as zips that can be imported."""
    with two_files() as site:
        site.files.update({ONE: zipped(1), TWO: zipped(2)})
        yield site


def zipped(texture: int) -> bytes:
    """A normal and a defective image in the older layout."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for grey, name in ((100, f"Class{texture}/1.png"), (90, f"Class{texture}_def/1.png")):
            image = io.BytesIO()
            Image.new("L", (64, 64), grey + texture).save(image, "PNG")
            written.writestr(name, image.getvalue())
        written.writestr(f"Class{texture}_def/labels.txt", "1\t10\t5\t0.5\t30\t30\n")
    return archive.getvalue()


@pytest.fixture
def call(site, tmp_path, monkeypatch) -> Callable[..., str]:
    """What a command says that finds this site where Zenodo is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dagm_transfer.data.kinds.dagm.download.RECORD", site.record)

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    return run


def test_what_it_brings_can_be_imported_as_it_says(call, tmp_path):
    said = call("download")
    assert "data/downloads: 2 files" in said
    assert "`dagm import data/downloads`" in said
    assert set(read_json(tmp_path / "data" / "downloaded.json")) == {ONE, TWO}
    assert "texture 2: 1 normal, 1 defective" in call("import", "data/downloads")


def test_it_goes_to_a_folder_of_ones_own(site, call, tmp_path):
    assert "`dagm import mine`" in call("download", "--to", "mine")
    assert (tmp_path / "mine" / ONE).read_bytes() == site.files[ONE]


def test_two_into_one_folder_do_not_mix(site, call):
    until = threading.Event()
    site.faults[RECORD].append(lambda _: until.wait(60))
    first = threading.Thread(target=call, args=["download"])
    first.start()
    while not site.asked:
        time.sleep(0.01)
    with pytest.raises(UserError, match="another download goes there"):
        call("download")
    until.set()
    first.join()
    call("download")


def test_a_folder_that_cannot_be_made_is_one_line(call, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file/below: .*name another folder with --to"):
        call("download", "--to", "file/below")


def test_without_a_network_it_is_one_line(tmp_path):
    done = subprocess.run(
        [Path(sys.executable).parent / "dagm", "download"],
        cwd=tmp_path,
        env={**os.environ, "https_proxy": "http://127.0.0.1:9", "no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: zenodo.org: ")
    assert done.stderr.count("\n") == 1
    assert BY_HAND in done.stderr

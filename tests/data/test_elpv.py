"""Solar cells out of their package: labels, what is refused, and the real ones where installed."""

import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.kinds.elpv import kind as elpv
from dagm_transfer.data.kinds.elpv.kind import Elpv
from dagm_transfer.data.paths import Places
from dagm_transfer.data.pixels.images import read_pixels

LABELS = """\
images/cell0001.png  1.0                 mono
images/cell0002.png  0.0                 mono
images/cell0003.png  0.3333333333333333  poly
images/cell0004.png  0.6666666666666666  poly
"""
CELLS = Elpv(kind="elpv", types=["mono", "poly"])


@pytest.fixture
def places(tmp_path) -> Places:
    return Places.below(tmp_path / "project")


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A package of four cells; it cannot be imported, only found."""
    root = tmp_path / "site" / elpv.PACKAGE
    (root / "data" / "images").mkdir(parents=True)
    (root / "__init__.py").write_text("raise RuntimeError('nothing of it may run')\n")
    (root / "data" / "labels.csv").write_text(LABELS)
    for number in range(1, 5):
        pixels = np.full((8, 8), number, np.uint8)
        Image.fromarray(pixels).save(root / "data" / "images" / f"cell000{number}.png")
    monkeypatch.syspath_prepend(root.parent)
    monkeypatch.delitem(sys.modules, elpv.PACKAGE, raising=False)
    return root


def acquire(places: Places, cells: Elpv = CELLS) -> None:
    cells.acquire(places, 1, lambda *_: None)


def as_it_is(monkeypatch, places: Places) -> None:
    """Pin the digest of the package at hand."""
    found: list[str] = []
    digest_of = elpv.digest_of_store

    def keep(root: Path) -> str:
        found.append(digest_of(root))
        return found[-1]

    monkeypatch.setattr(elpv, "digest_of_store", keep)
    with pytest.raises(UserError):
        acquire(places)
    monkeypatch.setattr(elpv, "DIGEST", found[-1])


@pytest.mark.usefixtures("package")
def test_cells_are_defective_from_a_half_on_and_ambiguous_between_the_ends(places, monkeypatch):
    as_it_is(monkeypatch, places)
    acquire(places)
    records = CELLS.index(places.raw)
    assert [(r.group, r.defective, r.defect) for r in records] == [
        ("mono", True, ""),
        ("mono", False, ""),
        ("poly", False, "ambiguous"),
        ("poly", True, "ambiguous"),
    ]
    assert [int(read_pixels(places.raw / r.path).max()) for r in records] == [1, 2, 3, 4]


@pytest.mark.usefixtures("package")
def test_one_type_alone_can_be_asked_for(places, monkeypatch):
    as_it_is(monkeypatch, places)
    acquire(places)
    poly = Elpv(kind="elpv", types=["poly"])
    assert poly.groups(places.raw) == {"poly": 2}
    assert [r.path.name for r in poly.index(places.raw)] == ["cell0003.png", "cell0004.png"]


@pytest.mark.usefixtures("package")
def test_other_images_than_the_known_ones_are_refused_and_nothing_is_left(places):
    with pytest.raises(UserError, match=r"not the images of elpv_dataset 1\.0\.0\.post1"):
        acquire(places)
    assert not places.raw.exists()


@pytest.mark.usefixtures("package")
def test_a_clone_that_pulled_the_cells_needs_no_package(places, monkeypatch):
    as_it_is(monkeypatch, places)
    acquire(places)
    monkeypatch.setattr(elpv, "find_spec", lambda _: None)
    acquire(places)


def test_without_the_package_one_line_says_how_to_get_it(places, monkeypatch):
    monkeypatch.setattr(elpv, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"elpv-dataset, which is not installed; `make demo-solar`"):
        acquire(places)


@pytest.mark.skipif(
    find_spec(elpv.PACKAGE) is None, reason="elpv-dataset is installed by `make demo-solar` alone"
)
def test_the_real_cells_are_those_that_were_published(places):
    acquire(places)
    counted = Counter((r.group, r.defective, r.defect) for r in CELLS.index(places.raw))
    assert counted == {
        ("mono", False, ""): 588,
        ("mono", False, "ambiguous"): 117,
        ("mono", True, "ambiguous"): 56,
        ("mono", True, ""): 313,
        ("poly", False, ""): 920,
        ("poly", False, "ambiguous"): 178,
        ("poly", True, "ambiguous"): 50,
        ("poly", True, ""): 402,
    }

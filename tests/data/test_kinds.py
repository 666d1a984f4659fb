"""The kinds of data behind their registry."""

import shutil
from pathlib import Path
from typing import get_args

import pytest

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json
from dagm_transfer.data.kinds.dagm.importing import describe, digest_of_tree
from dagm_transfer.data.kinds.kind import kinds
from dagm_transfer.data.settings import Data
from dagm_transfer.params import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data() -> Data:
    """Textures 2 and 1 of a release, in this order."""
    demo = load(ROOT / "params" / "demo.yaml").data
    return demo.model_copy(update={"kind": "dagm", "textures": [2, 1], "allow_partial": True})


@pytest.fixture
def imported(dagm, tmp_path) -> Path:
    """A project into which a part of textures 1 and 2 was imported."""
    for texture in (1, 2):
        dagm.half(texture, "Train", [False, True])
    shutil.copytree(dagm.root, tmp_path / "incoming")
    write_json(tmp_path / "imported.json", describe(dagm.root))
    return tmp_path


def kind_of(project: Path, name: str = "dagm"):
    return kinds(project / "incoming", project / "imported.json")[name]


def acquire(project: Path, data: Data) -> None:
    kind_of(project).acquire(data, project / "raw", 1, lambda *_: None)


def test_there_is_a_kind_for_every_name_that_the_settings_allow(tmp_path):
    allowed = get_args(Data.model_fields["kind"].annotation)
    assert set(kinds(tmp_path, tmp_path)) == set(allowed)


@pytest.mark.parametrize("name", ["synthetic", "dagm"])
def test_groups_are_the_textures_in_their_order_each_with_its_number(tmp_path, data, name):
    groups = kind_of(tmp_path, name).groups(data)
    assert list(groups.items()) == [("texture 2", 2), ("texture 1", 1)]


@pytest.mark.parametrize("name", ["synthetic", "dagm"])
def test_the_images_of_every_kind_belong_to_its_groups_in_their_order(imported, data, name):
    kind = kind_of(imported, name)
    records = kind.index(data, imported / "incoming")
    assert [r.group for r in records] == ["texture 2"] * 2 + ["texture 1"] * 2
    assert [kind.weak_label(imported / "incoming", r) is not None for r in records] == [
        r.defective for r in records
    ]


def test_nothing_is_missing_from_images_drawn_here(tmp_path, data):
    assert kind_of(tmp_path, "synthetic").missing(data) == {}


def test_what_a_part_of_the_release_lacks_is_told_by_group(imported, data):
    lacks = "999 of 1000 normal and 149 of 150 defective images are missing"
    assert kind_of(imported).missing(data) == {"texture 2": lacks, "texture 1": lacks}


def test_imported_images_are_copied_as_they_are(imported, data):
    acquire(imported, data)
    assert digest_of_tree(imported / "raw") == digest_of_tree(imported / "incoming")


def test_a_part_of_the_release_has_to_be_allowed(imported, data):
    with pytest.raises(UserError, match=r"texture 2: 999 of 1000 .* data\.allow_partial: true"):
        acquire(imported, data.model_copy(update={"allow_partial": False}))
    assert not (imported / "raw").exists()


def test_a_texture_that_was_not_imported_is_not_acquired(imported, data):
    with pytest.raises(UserError, match="texture 3 was not imported"):
        acquire(imported, data.model_copy(update={"textures": [1, 3]}))


@pytest.mark.parametrize("change", ["an image more", "an image less", "other bytes", "all gone"])
def test_imported_images_that_are_not_those_of_the_manifest_are_refused(imported, data, change):
    image = imported / "incoming" / "Class1" / "Train" / "0001.PNG"
    if change == "an image more":
        shutil.copy(image, image.with_name("0003.PNG"))
    elif change == "an image less":
        image.unlink()
    elif change == "other bytes":
        image.write_bytes(image.read_bytes() + b"\0")
    else:
        shutil.rmtree(imported / "incoming")
    with pytest.raises(UserError, match=r"incoming: is not what .*imported\.json describes"):
        acquire(imported, data)


def test_a_clone_that_pulled_the_raw_images_needs_no_imported_folder(imported, data):
    (imported / "incoming").rename(imported / "raw")
    acquire(imported, data)
    assert (imported / "raw" / "Class1" / "Train" / "0001.PNG").exists()


@pytest.mark.parametrize("where", ["incoming", "raw"])
def test_what_systems_and_editors_leave_is_no_change_of_what_was_imported(imported, data, where):
    acquire(imported, data)
    for name in (".DS_Store", "Thumbs.db", "._0001.PNG", "0001.PNG~", ".0001.PNG.swp"):
        (imported / where / "Class1" / "Train" / name).write_bytes(b"litter")
    if where == "incoming":
        shutil.rmtree(imported / "raw")
    acquire(imported, data)
    assert digest_of_tree(imported / "raw") == digest_of_tree(imported / "incoming")
    assert len(kind_of(imported).index(data, imported / "raw")) == 4

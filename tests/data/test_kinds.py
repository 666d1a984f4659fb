"""The kinds of data behind their registry."""

import shutil
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from planned import planned, stored, tree_of
from pydantic import TypeAdapter, ValidationError

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json
from dagm_transfer.data.kinds.dagm.kind import Dagm
from dagm_transfer.data.kinds.kind import Kind
from dagm_transfer.data.kinds.registry import IMPORTABLE, Images
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import INDEX, digest_of_store, weak_label, write_index
from dagm_transfer.params import load

PRESETS = Path(__file__).resolve().parents[2] / "params"
SETTINGS = {
    "dagm": {"kind": "dagm", "textures": [2, 1], "allow_partial": True},
    "synthetic": {
        "kind": "synthetic", "textures": [2, 1], "normal": 2, "defective": 1, "size": 96, "seed": 0,
    },
    "folder": {"kind": "folder", "groups": [], "subject": "bolts"},
    "elpv": {"kind": "elpv", "types": ["mono", "poly"]},
}  # fmt: skip


def settings(kind: str, **changes: object) -> Kind:
    return TypeAdapter(Images).validate_python(SETTINGS[kind] | changes)


@pytest.fixture
def places(dagm, tmp_path) -> Places:
    """A project into which a part of textures 1 and 2 was imported."""
    for texture in (1, 2):
        dagm.half(texture, "Train", [False, True])
    plan = planned(dagm.root)
    project = Places.below(tmp_path / "project")
    shutil.copytree(dagm.root, project.incoming)
    write_index(project.incoming, [found.record for found in plan.found])
    counts = Counter((found.record.group, found.record.defective) for found in plan.found)
    groups = {
        group: {
            "normal": normal,
            "defective": defective,
            "missing": Dagm.lacking(group, normal, defective),
        }
        for group in ("texture 1", "texture 2")
        for normal, defective in [(counts[group, False], counts[group, True])]
    }
    digest = digest_of_store(project.incoming)
    write_json(project.imported, {"kind": "dagm", "groups": groups, "digest": digest})
    return project


def acquire(places: Places, kind: str = "dagm", **changes: object) -> None:
    settings(kind, **changes).acquire(places, 1, lambda *_: None)


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_every_kind_is_chosen_by_its_name():
    union, _ = get_args(Images)
    assert {type(settings(name)) for name in SETTINGS} == set(get_args(union))


@pytest.mark.parametrize("kind", ["dagm", "synthetic"])
def test_a_texture_named_twice_is_no_setting(kind):
    with pytest.raises(ValidationError, match="a texture stands twice"):
        settings(kind, textures=[1, 1])


def test_every_preset_asks_for_a_kind_there_is():
    kinds = {path.stem: load(path).data.images.kind for path in PRESETS.glob("*.yaml")}
    assert kinds["demo"] == "synthetic"
    assert set(kinds.values()) <= set(SETTINGS)


def test_dagm_is_recognised_by_an_import(dagm):
    dagm.half(1, "Test", [True])
    tree = tree_of(dagm.root)
    (kind,) = [kind for kind in IMPORTABLE.values() if kind.recognise(tree)]
    plan = kind.plan(tree, frozenset({"good"}))
    assert (kind, plan.kind, stored(plan)) == (Dagm, "dagm", ["Class1/Test/0001.PNG"])


@pytest.mark.parametrize("kind", ["dagm", "synthetic"])
def test_groups_are_the_textures_in_their_order_each_with_its_number(places, kind):
    groups = settings(kind).groups(places.raw)
    assert list(groups.items()) == [("texture 2", 2), ("texture 1", 1)]


@pytest.mark.parametrize("kind", ["dagm", "synthetic"])
def test_acquired_images_belong_to_the_groups_in_their_order(places, kind):
    acquire(places, kind)
    records = settings(kind).index(places.raw)
    each = len(records) // 2
    assert [r.group for r in records] == ["texture 2"] * each + ["texture 1"] * each
    assert [weak_label(places.raw, r) is not None for r in records] == [
        r.defective for r in records
    ]


def test_nothing_is_missing_from_images_drawn_here(places):
    assert settings("synthetic").missing(places.imported) == {}


def test_what_a_part_of_the_release_lacks_is_said_by_group(places):
    lacks = "999 of 1000 normal and 149 of 150 defective images are missing"
    missing = settings("dagm").missing(places.imported)
    assert list(missing.items()) == [("texture 2", lacks), ("texture 1", lacks)]


def test_imported_images_are_copied_as_they_are(places):
    acquire(places)
    assert names(places.raw) == names(places.incoming)
    assert digest_of_store(places.raw) == digest_of_store(places.incoming)


def test_a_part_of_the_release_has_to_be_allowed(places):
    with pytest.raises(UserError, match=r"texture 2: 999 of 1000 .* data\.images\.allow_partial"):
        acquire(places, allow_partial=False)
    assert not places.raw.exists()


def test_a_texture_that_was_not_imported_is_not_acquired(places):
    with pytest.raises(UserError, match=r"texture 3 was not imported.*choose from texture 1, text"):
        acquire(places, textures=[1, 3])


@pytest.mark.parametrize("manifest", [None, {"kind": "folder", "groups": {}, "digest": ""}])
def test_images_of_another_kind_are_not_acquired(places, manifest):
    places.imported.unlink()
    if manifest:
        write_json(places.imported, manifest)
    with pytest.raises(UserError, match=r"data\.images\.kind: dagm, but .* was imported"):
        acquire(places)


@pytest.mark.parametrize(
    "change", ["an image less", "a mask less", "other bytes", "another label", "all gone"]
)
def test_imported_images_that_are_not_those_of_the_manifest_are_refused(places, change):
    image = places.incoming / "Class1" / "Train" / "0001.PNG"
    index = places.incoming / INDEX
    if change == "an image less":
        image.unlink()
    elif change == "a mask less":
        (image.parent / "Label" / "0002_label.PNG").unlink()
    elif change == "other bytes":
        image.write_bytes(image.read_bytes() + b"\0")
    elif change == "another label":
        index.write_text(index.read_text().replace("texture 1,0", "texture 1,1"))
    else:
        shutil.rmtree(places.incoming)
    with pytest.raises(UserError, match=r"incoming: is not what .*imported\.json describes"):
        acquire(places)


def test_a_clone_that_pulled_the_raw_images_needs_no_imported_folder(places):
    places.incoming.rename(places.raw)
    acquire(places)
    assert (places.raw / "Class1" / "Train" / "0001.PNG").exists()


@pytest.mark.parametrize("where", ["incoming", "raw"])
def test_what_systems_and_editors_leave_is_no_change_of_what_was_imported(places, where):
    acquire(places)
    for name in (".DS_Store", "Thumbs.db", "._0001.PNG", "0001.PNG~", ".0001.PNG.swp"):
        (getattr(places, where) / "Class1" / "Train" / name).write_bytes(b"litter")
    if where == "incoming":
        shutil.rmtree(places.raw)
    acquire(places)
    assert digest_of_store(places.raw) == digest_of_store(places.incoming)
    assert len(settings("dagm").index(places.raw)) == 4

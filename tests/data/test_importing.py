"""A local DAGM copy, folder or zip, brought in whole and described."""

import shutil
import zipfile
from pathlib import Path

import pytest

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.data.kinds.dagm.importing import (
    describe,
    digest_of_tree,
    import_dagm,
    missing_images,
    read_manifest,
)
from dagm_transfer.data.kinds.dagm.layout import index

LITTER = (".DS_Store", "Thumbs.db", "._0001.PNG", "0001.PNG~", ".0001.PNG.swp")


@pytest.fixture
def bring(tmp_path: Path):
    """Import a folder or zip; the manifest, and where the images went."""
    incoming, manifest = tmp_path / "project" / "incoming", tmp_path / "project" / "imported.json"

    def run(source: Path, told: list[tuple[int, int]] | None = None):
        calls = [] if told is None else told

        def on_file(done: int, total: int) -> None:
            calls.append((done, total))

        return import_dagm(source, incoming, manifest, on_file), incoming

    return run


@pytest.fixture
def official(dagm) -> Path:
    """Textures 1 and 2, both halves."""
    for texture in (1, 2):
        dagm.half(texture, "Train", [False, False, True])
        dagm.half(texture, "Test", [True, False], first=4)
    return dagm.root


def zip_up(folder: Path, archive: Path) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            content.write(path, path.relative_to(folder.parent))
    return archive


def strew(root: Path) -> None:
    """Leave in every folder what file managers and editors do."""
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        for name in LITTER:
            (folder / name).write_bytes(b"litter")


def names(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


def test_an_official_folder_comes_in_as_it_is(official, bring):
    manifest, incoming = bring(official)
    assert names(incoming) == names(official)
    assert len(index(incoming, [1, 2])) == 10
    assert manifest["kind"] == "dagm"
    assert manifest["textures"]["2"] == {
        "normal": 3,
        "defective": 2,
        "normal_missing": 997,
        "defective_missing": 148,
    }


def test_the_manifest_on_disk_is_the_one_returned_and_names_no_path(official, bring, tmp_path):
    manifest, _ = bring(official)
    path = tmp_path / "project" / "imported.json"
    assert read_manifest(path) == manifest
    assert str(tmp_path) not in path.read_text()


def test_without_an_import_the_manifest_has_no_textures(tmp_path):
    assert read_manifest(tmp_path / "imported.json")["textures"] == {}


def test_class_folders_are_found_at_any_level(official, bring, tmp_path):
    plain, _ = bring(official)
    deep = tmp_path / "downloads" / "DAGM_KaggleUpload"
    for texture in (1, 2):
        # As in the Kaggle zip: ClassN/ClassN.
        shutil.copytree(official / f"Class{texture}", deep / f"Class{texture}/Class{texture}")
    nested, incoming = bring(tmp_path / "downloads")
    assert nested == plain
    assert names(incoming) == names(official)


@pytest.mark.parametrize("how", ["one zip", "folder of zips", "nested in the zips"])
def test_zips_come_in_like_the_folder_they_were_made_of(official, bring, tmp_path, how):
    plain, _ = bring(official)
    if how == "one zip":
        source = zip_up(official, tmp_path / "all.zip")
    else:
        source = tmp_path / "zips"
        for texture in (1, 2):
            folder = official / f"Class{texture}"
            if how == "nested in the zips":
                outer = tmp_path / "nested" / folder.name
                shutil.copytree(folder, outer / folder.name)
                folder = outer
            zip_up(folder, source / f"Class{texture}.zip")
    assert bring(source)[0] == plain


@pytest.mark.parametrize("labels", ["txt", "csv"])
@pytest.mark.parametrize("zipped", [False, True])
def test_the_older_layout_comes_in_with_its_ellipses(dagm, bring, tmp_path, labels, zipped):
    dagm.older(3, normal=4, defective=2, labels=labels, padded=labels == "csv")
    source = dagm.root
    if zipped:
        source = tmp_path / "zips"
        for name in ("Class3", "Class3_def"):
            zip_up(dagm.root / name, source / f"{name}.zip")
        for table in dagm.root.glob("*.csv"):
            shutil.copy(table, source)
    manifest, incoming = bring(source)
    counts = manifest["textures"]["3"]
    assert (counts["normal"], counts["defective"]) == (4, 2)
    assert [r.ellipse.x for r in index(incoming, [3]) if r.defective] == [11, 12]


def test_files_that_are_no_images_or_labels_stay_behind(official, bring):
    (official / "readme.pdf").write_bytes(b"stray")
    (official / "Class1" / "Train" / "Thumbs.db").write_bytes(b"stray")
    (official / "notes.txt").write_text("outside of any class folder")
    _, incoming = bring(official)
    assert not [name for name in names(incoming) if not name.endswith((".PNG", "Labels.txt"))]


@pytest.mark.parametrize("zipped", [False, True])
def test_what_systems_and_editors_leave_is_not_imported(official, bring, tmp_path, zipped):
    clean, incoming = bring(official)
    before = names(incoming)
    strew(official)
    source = zip_up(official, tmp_path / "all.zip") if zipped else official
    manifest, incoming = bring(source)
    assert manifest == clean
    assert names(incoming) == before


def test_a_macs_zip_comes_in_without_the_shadows_of_its_files(official, bring, tmp_path):
    clean, _ = bring(official)
    shadows = tmp_path / "archive" / "__MACOSX"
    for name in names(official):
        shadow = (shadows / name).with_name(f"._{Path(name).name}")
        shadow.parent.mkdir(parents=True, exist_ok=True)
        shadow.write_bytes(b"resource fork")
    shutil.copytree(official, tmp_path / "archive" / "dagm")
    assert bring(zip_up(tmp_path / "archive", tmp_path / "mac.zip"))[0] == clean


@pytest.mark.parametrize("layout", ["official", "older"])
def test_what_systems_and_editors_leave_changes_neither_digest_nor_index(dagm, layout):
    if layout == "official":
        dagm.half(1, "Train", [False, True])
        dagm.half(1, "Test", [True, False], first=3)
    else:
        dagm.older(1, normal=2, defective=2, labels="csv")
    digest, records = digest_of_tree(dagm.root), index(dagm.root, [1])
    described = describe(dagm.root)
    strew(dagm.root)
    assert digest_of_tree(dagm.root) == digest
    assert index(dagm.root, [1]) == records
    assert describe(dagm.root) == described


@pytest.mark.parametrize("name", ["0006.PNG", "0006.png", "Labels.txt", "more.csv"])
def test_whatever_counts_changes_the_digest(official, name):
    before = digest_of_tree(official)
    (official / "Class2" / name).write_bytes(b"counts")
    assert digest_of_tree(official) != before


def test_a_new_import_replaces_the_old_one(official, bring):
    first, _ = bring(official)
    shutil.rmtree(official / "Class2")
    second, incoming = bring(official)
    assert set(second["textures"]) == {"1"}
    assert not (incoming / "Class2").exists()
    assert second["digest"] != first["digest"]


def test_progress_counts_every_file(official, bring):
    told: list[tuple[int, int]] = []
    _, incoming = bring(official, told)
    total = len(names(incoming))
    assert told == [(done, total) for done in range(1, total + 1)]


def test_the_digest_sees_contents_and_names_but_no_dates(official, tmp_path):
    copy = Path(shutil.copytree(official, tmp_path / "copy", copy_function=shutil.copyfile))
    assert digest_of_tree(copy) == digest_of_tree(official)
    image = copy / "Class1" / "Train" / "0001.PNG"
    image.rename(image.with_name("0009.PNG"))
    renamed = digest_of_tree(copy)
    image.with_name("0009.PNG").rename(image)
    image.write_bytes(image.read_bytes()[:-1])
    assert len({digest_of_tree(official), renamed, digest_of_tree(copy)}) == 3


def test_a_source_that_is_not_there_is_named(bring, tmp_path):
    with pytest.raises(UserError, match="nowhere: not found"):
        bring(tmp_path / "nowhere")


def test_a_folder_without_classes_is_refused(bring, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_bytes(b"")
    with pytest.raises(UserError, match="photos: no folders Class1"):
        bring(tmp_path / "photos")


@pytest.mark.parametrize("damage", ["cut short", "no zip at all", "an image", "a text"])
def test_a_damaged_zip_is_named(official, bring, tmp_path, damage):
    archive = zip_up(official, tmp_path / "broken.zip")
    content = bytearray(archive.read_bytes())
    if damage == "cut short":
        content = content[: len(content) // 2]
    elif damage == "no zip at all":
        content = bytearray(b"<html>404</html>")
    else:
        # A byte turned over: noise is stored as it is and fails its checksum, text is deflated and
        # does not come out at all.
        name = {"an image": "0001.PNG", "a text": "Label/Labels.txt"}[damage]
        with zipfile.ZipFile(archive) as opened:
            member = opened.getinfo(f"dagm/Class1/Train/{name}")
        data = member.header_offset + 30 + len(member.filename)
        content[data + (200 if damage == "an image" else 0)] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.zip: not a whole zip"):
        bring(archive)


def test_a_refused_import_leaves_the_old_one_in_place(official, bring):
    _, incoming = bring(official)
    before = digest_of_tree(incoming)
    manifest = read_json(incoming.parent / "imported.json")
    (official / "Class1" / "Test" / "Label" / "Labels.txt").unlink()
    with pytest.raises(UserError, match=r"Labels\.txt"):
        bring(official)
    assert digest_of_tree(incoming) == before
    assert read_json(incoming.parent / "imported.json") == manifest
    assert sorted(p.name for p in incoming.parent.iterdir()) == ["imported.json", "incoming"]


def test_a_refused_import_names_no_file_that_is_gone(official, bring):
    (official / "Class1" / "Test" / "Label" / "Labels.txt").unlink()
    with pytest.raises(UserError) as refused:
        bring(official)
    # Images are checked in a scratch folder, which is no place that a user can look into.
    assert ".incoming." not in str(refused.value)
    assert "Class1/Test/Label/Labels.txt" in str(refused.value)


def test_what_is_missing_is_said_for_the_textures_asked_for(official, bring):
    manifest, _ = bring(official)
    assert missing_images(manifest, [2]) == {
        "texture 2": "997 of 1000 normal and 148 of 150 defective images are missing"
    }


def test_nothing_is_missing_from_a_whole_texture():
    whole = {"normal_missing": 0, "defective_missing": 0}
    lacking = {"normal_missing": 0, "defective_missing": 1}
    manifest = {"textures": {"7": whole, "8": lacking}}
    assert missing_images(manifest, [7, 8]) == {
        "texture 8": "0 of 2000 normal and 1 of 300 defective images are missing"
    }


def test_a_texture_that_was_not_imported_is_the_users_to_mend(official, bring):
    manifest, _ = bring(official)
    with pytest.raises(UserError, match=r"texture 5 was not imported.*choose from 1, 2"):
        missing_images(manifest, [1, 5])


def test_real_images_are_described_by_what_they_lack(real_dagm):
    textures = describe(real_dagm)["textures"]
    assert textures == {
        "1": {"normal": 140, "defective": 51, "normal_missing": 860, "defective_missing": 99},
        "8": {"normal": 150, "defective": 150, "normal_missing": 1850, "defective_missing": 150},
    }

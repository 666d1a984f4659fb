"""`dagm check` and `dagm import`, as they are typed."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sources import noise, png, shape

from dagm_transfer.core.files import read_json
from dagm_transfer.data.raw_index import read_index

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture
def dagm(tmp_path, monkeypatch, typed):
    """Runs a command in an empty project."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return typed


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def release(tmp_path) -> Path:
    """Textures 1 and 8 in the official layout, the first half of the images defective."""
    root = tmp_path / "release"
    for texture in (1, 8):
        for half in ("Train", "Test"):
            folder = root / f"Class{texture}" / half
            lines = ["1"]
            for number in range(1, 21):
                name, bad = f"{number:04}", number <= 10
                write(folder / f"{name}.PNG", png(noise(texture, len(half), number)))
                if bad:
                    write(folder / "Label" / f"{name}_label.PNG", png(shape()))
                mask = f"{name}_label.PNG" if bad else "0"
                lines.append(f"{name}\t{int(bad)}\t{name}.PNG\t0\t{mask}")
            write(folder / "Label" / "Labels.txt", "\r\n".join(lines).encode())
    return root


def zipped(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as content:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            content.write(path, path.relative_to(folder.parent))
    return archive


def change(root: Path, pattern: str, how) -> None:
    """Every image that a pattern names, decoded, changed and saved again."""
    for path in root.rglob(pattern):
        with Image.open(path) as image:
            changed = how(image.copy())
        changed.save(path)


def one_line(said: str) -> str:
    assert said.count("\n") == 1, said
    assert said.startswith("error: "), said
    return said


def test_check_shows_what_there_is_and_changes_nothing(dagm, release):
    code, said, _ = dagm("check", release)
    assert code == 0
    assert "2 textures, 4 halves, 80 images, 40 of them defective" in said
    rows = [line.split() for line in said.splitlines() if "40x40" in line]
    assert rows[0] == ["texture", "1", "Train", "normal", "10", "40x40", "8"]
    assert rows[1] == ["Train", "defective", "10", "40x40", "8", "mask", "10"]
    assert len(rows) == 8
    assert "texture 1, texture 8: can be trained with, by any data.split.kind" in said
    assert f"next: `dagm import {release}`" in said
    assert list(Path().iterdir()) == []


def test_real_images_are_counted_by_check_as_their_readme_does(dagm):
    if not (SHARED / "dagm").exists():
        pytest.skip("real DAGM images are not beside this checkout")
    code, said, _ = dagm("check", SHARED / "dagm")
    assert code == 0
    assert "2 textures, 3 halves, 491 images, 201 of them defective" in said
    assert "3 masks, of fewer than 100 pixels" in said
    assert "1502_label.PNG (26 pixels)" in said
    assert "1951_label.PNG (2 pixels)" in said
    assert "texture 1: can be trained with, by data.split.kind holdout or fold" in said
    assert "\nrefused" not in said


def test_what_was_checked_is_imported(dagm, release):
    code, _, said = dagm("import", release)
    assert code == 0
    assert "texture 1: 20 normal, 20 defective (980 of 1000 normal and 130 of 150" in said
    assert "data.images.kind: dagm" in said
    assert len(read_index(Path("data/incoming"))) == 80
    assert read_json(Path("data/imported.json"))["kind"] == "dagm"


def test_textures_that_come_one_by_one_are_what_they_are_together(dagm, release):
    dagm("import", release)
    together = Path("data/imported.json").read_bytes()
    shutil.rmtree("data")
    for texture in (8, 1):
        code, _, _ = dagm("import", zipped(release / f"Class{texture}"))
        assert code == 0
    assert Path("data/imported.json").read_bytes() == together
    _, _, said = dagm("import", release / "Class1.zip")
    assert "texture 1 Train: 20 images replace 20" in said
    assert Path("data/imported.json").read_bytes() == together


def below(root: Path, how: str) -> Path:
    """The release as people have it; where it is now."""
    if how == "a zip":
        return zipped(root)
    for texture in (1, 8):
        folder = root / f"Class{texture}"
        if how == "a folder of zips":
            zipped(folder)
            shutil.rmtree(folder)
        elif how == "deeper":
            shutil.move(folder, root / "DAGM_KaggleUpload" / folder.name / folder.name)
        else:
            for name in (".DS_Store", "Thumbs.db", "._0001.PNG", "0001.PNG~", ".0001.PNG.swp"):
                write(folder / "Train" / name, b"litter")
    return root


@pytest.mark.parametrize("how", ["a zip", "a folder of zips", "deeper", "with litter"])
def test_a_release_is_the_same_however_it_lies(dagm, release, how):
    dagm("import", release)
    plain = Path("data/imported.json").read_bytes()
    shutil.rmtree("data")
    assert dagm("import", below(release, how))[0] == 0
    assert Path("data/imported.json").read_bytes() == plain


def test_a_refused_import_leaves_the_old_one(dagm, release):
    dagm("import", release)
    before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    (release / "Class1/Test/Label/Labels.txt").unlink()
    code, _, said = dagm("import", release)
    assert code == 1
    assert "Class1/Test/Label/Labels.txt: not found" in one_line(said)
    assert {p: p.read_bytes() for p in Path("data").rglob("*") if p.is_file()} == before


def halved(image: Image.Image) -> Image.Image:
    return image.resize((20, 20))


def test_halved_images_under_whole_masks_are_refused(dagm, release):
    change(release, "00??.PNG", halved)
    code, said, _ = dagm("check", release)
    assert code == 1
    assert "40 masks, of another size than the image" in said
    assert "(40x40, its image 20x20)" in said
    code, _, said = dagm("import", release)
    assert code == 1
    assert "of another size" in one_line(said)
    assert not Path("data").exists()


def test_every_refusal_is_listed_by_check_and_the_first_by_import(dagm, release):
    (release / "Class1/Train/0003.PNG").write_bytes(b"")
    shutil.copy(release / "Class8/Test/0001.PNG", release / "Class8/Test/0020.PNG")
    code, said, _ = dagm("check", release)
    assert code == 1
    refused = said.partition("refused:\n")[2]
    assert "Class1/Train/0003.PNG: not a readable image" in refused
    assert "Class8/Test/0020.PNG = release/Class8/Test/0001.PNG" in refused
    assert "not importable: mend what is refused" in said
    code, _, said = dagm("import", release)
    assert code == 1
    assert "Class1/Train/0003.PNG: not a readable image" in one_line(said)
    assert f"(and 1 more: `dagm check {release}` lists them)" in said


@pytest.mark.parametrize("factor", [257, 16])
def test_a_deep_release_is_imported_as_what_it_was(dagm, release, factor):
    dagm("import", release)
    before = read_json(Path("data/imported.json"))
    levels = {}
    for record in read_index(Path("data/incoming")):
        with Image.open(Path("data/incoming") / record.path) as image:
            levels[record.path] = np.asarray(image)

    def deeper(image: Image.Image) -> Image.Image:
        return Image.fromarray(np.asarray(image).astype(np.uint16) * factor)

    change(release, "00??.PNG", deeper)
    _, _, said = dagm("import", release)
    assert "converted: 80 images, of more than 8 bits a pixel" in said
    after = read_json(Path("data/imported.json"))
    assert after["bits"] == {257: 16, 16: 12}[factor]
    assert after["groups"] == before["groups"]
    for path, pixels in levels.items():
        with Image.open(Path("data/incoming") / path) as image:
            assert np.array_equal(np.asarray(image), pixels)


def test_masks_drawn_in_alpha_are_read(dagm, release):
    def in_alpha(image: Image.Image) -> Image.Image:
        drawn = Image.new("RGBA", image.size, (255, 0, 0, 0))
        drawn.putalpha(image.convert("L"))
        return drawn

    change(release, "*_label.PNG", in_alpha)
    code, _, said = dagm("import", release)
    assert code == 0
    assert "converted: 40 masks, in colour, deep or with alpha" in said
    record = next(r for r in read_index(Path("data/incoming")) if r.mask)
    with Image.open(Path("data/incoming") / record.mask) as image:
        assert np.array_equal(np.asarray(image), shape())


def test_images_of_ones_own_take_the_place_of_a_release(dagm, release, tmp_path):
    dagm("import", release)
    own = tmp_path / "own"
    for number in range(10):
        write(own / "bolt" / "fine" / f"{number}.png", png(noise(70, number)))
        write(own / "bolt" / "bent" / f"{number}.png", png(noise(71, number)))
    code, said, _ = dagm("check", own, "--good", "Fine")
    assert code == 0
    assert "1 group, 20 images, 10 of them defective" in said
    assert "bolt: can be trained with, by data.split.kind holdout or fold" in said
    assert f"next: `dagm import {own} --good Fine`" in said
    code, _, said = dagm("import", own, "--good", "fine")
    assert code == 0
    assert "80 images of kind dagm made way for those of kind folder" in said
    assert read_json(Path("data/imported.json"))["groups"] == {
        "bolt": {"normal": 10, "defective": 10}
    }
    together = "all of them are inspected together, unless data.images.groups names some"
    assert together not in said
    shutil.copytree(own, tmp_path / "more")
    for path in (tmp_path / "more").rglob("*.png"):
        write(path, png(noise(72, int(path.stem), ord(path.parent.name[0]))))
    (tmp_path / "more" / "bolt").rename(tmp_path / "more" / "nut")
    assert together in dagm("import", tmp_path / "more", "--good", "fine")[2]


@pytest.mark.parametrize("command", ["check", "import"])
def test_what_is_laid_out_as_nothing_known_is_told_the_layouts(dagm, tmp_path, command):
    write(tmp_path / "photos" / "a.png", png(noise(1)))
    code, _, said = dagm(command, tmp_path / "photos")
    assert code == 1
    assert "photos: " in one_line(said)
    assert "Class1/Train" in said


def test_a_kind_that_there_is_not_is_refused(dagm, release):
    code, _, said = dagm("check", release, "--as", "mvtec")
    assert code == 1
    assert "--as mvtec: no such kind of images; there are dagm" in one_line(said)


@pytest.mark.parametrize("name", ["vgg16.pth", "vgg16.PT", "vgg16.ckpt", "pytorch_model.bin"])
def test_pickled_weights_are_not_read_but_it_is_told_how_they_become_a_trunk(dagm, tmp_path, name):
    code, _, said = dagm("import", tmp_path / name)
    assert code == 1
    assert "weights_only=True" in one_line(said)
    assert f"`dagm import {Path(name).stem}.safetensors`" in said


@pytest.mark.parametrize("name", ["vgg16.onnx", "vgg16.h5"])
def test_weights_of_other_programs_are_told_the_names_of_a_trunk(dagm, name):
    code, _, said = dagm("import", name)
    assert code == 1
    assert "features.0.weight" in one_line(said)

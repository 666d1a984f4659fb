"""DAGM-style images: the same every time and in the official layout."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dagm_transfer.data.kinds.synthetic.draw import draw_image
from dagm_transfer.data.kinds.synthetic.write import (
    OFFICIAL_TEST_DEFECTIVE,
    labels_text,
    write_dataset,
)
from dagm_transfer.data.raw_index import read_index

TEXTURES = range(1, 7)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_small(folder: Path, *, workers: int = 1, seed: int = 3) -> Path:
    write_dataset(
        folder, textures=[2, 6], normal=5, defective=3, seed=seed, size=96, workers=workers
    )
    return folder


@pytest.mark.parametrize("texture", TEXTURES)
def test_the_same_arguments_draw_the_same_image(texture):
    first = draw_image(texture, defective=True, seed=1, index=4, size=128)
    draw_image(texture, defective=False, seed=9, index=0, size=96)
    again = draw_image(texture, defective=True, seed=1, index=4, size=128)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.ellipse == again.ellipse


@pytest.mark.parametrize("texture", TEXTURES)
def test_other_arguments_draw_another_image(texture):
    images = [
        draw_image(texture, defective=flag, seed=seed, index=index, size=96).pixels
        for flag, seed, index in ((True, 1, 1), (False, 1, 1), (True, 2, 1), (True, 1, 2))
    ]
    assert len({image.tobytes() for image in images}) == len(images)


@pytest.mark.parametrize("size", [96, 200, 512])
@pytest.mark.parametrize("texture", TEXTURES)
def test_a_defective_image_has_its_label_on_the_defect(texture, size):
    drawn = draw_image(texture, defective=True, seed=0, index=size, size=size)
    assert drawn.pixels.shape == (size, size)
    assert drawn.pixels.dtype == np.uint8
    assert drawn.ellipse is not None
    assert drawn.defect is not None
    mask = drawn.ellipse.mask(size, size)
    assert mask[drawn.defect].mean() > 0.7
    # The weak label is larger than the defect, and far smaller than the image.
    assert drawn.defect.sum() < mask.sum() < 0.4 * size * size


@pytest.mark.parametrize("texture", TEXTURES)
def test_a_normal_image_has_no_label(texture):
    drawn = draw_image(texture, defective=False, seed=0, index=0, size=96)
    assert drawn.ellipse is None
    assert drawn.defect is None


def test_defects_are_cut_by_the_border_now_and_then():
    drawn = [draw_image(6, defective=True, seed=0, index=i, size=96) for i in range(20)]
    touching = 0
    for image in drawn:
        assert image.defect is not None
        inner = image.defect[1:-1, 1:-1].sum()
        touching += int(inner < image.defect.sum())
    assert 5 <= touching <= 20


@pytest.mark.parametrize("texture", TEXTURES)
def test_only_the_defect_tells_the_sets_apart(texture):
    """No brightness or sharpness that goes with the flag alone: far from labels all is alike."""
    size = 256
    flags: dict[bool, list[float]] = {True: [], False: []}
    for index in range(24):
        bad = draw_image(texture, defective=True, seed=5, index=index, size=size)
        good = draw_image(texture, defective=False, seed=5, index=index, size=size)
        assert bad.ellipse is not None
        outside = ~bad.ellipse.mask(size, size)
        for flag, image in ((True, bad), (False, good)):
            grey = image.pixels.astype(np.float64)
            steps = np.abs(np.diff(grey, axis=1))
            flags[flag].append(float(steps[outside[:, 1:]].mean()))
    spread = np.hypot(*(np.std(v) for v in flags.values())) / np.sqrt(24)
    assert abs(np.mean(flags[True]) - np.mean(flags[False])) < 4 * spread


@pytest.mark.parametrize(
    ("texture", "size", "message"), [(0, 96, r"1\.\.6"), (7, 96, r"1\.\.6"), (1, 95, "at least 96")]
)
def test_impossible_images_are_refused(texture, size, message):
    with pytest.raises(ValueError, match=message):
        draw_image(texture, defective=False, seed=0, index=0, size=size)


def test_labels_text_is_written_as_the_original():
    assert labels_text(575, [False, True]) == (
        b"1\r\n0575\t0\t0575.PNG\t0\t0\t\r\n0576\t1\t0576.PNG\t0\t0576_label.PNG\r\n"
    )


def test_layout_is_the_official_one(tmp_path):
    progress: list[tuple[int, int]] = []
    write_dataset(
        tmp_path / "data",
        textures=[3],
        normal=5,
        defective=3,
        seed=0,
        size=96,
        workers=1,
        on_image=lambda done, total: progress.append((done, total)),
    )
    assert progress == [(i, 8) for i in range(1, 9)]
    numbers = {}
    for half in ("Test", "Train"):
        folder = tmp_path / "data" / "Class3" / half
        lines = (folder / "Label" / "Labels.txt").read_bytes().decode().split("\r\n")
        assert lines[0] == "1"
        assert lines[-1] == ""
        fields = [line.split("\t") for line in lines[1:-1]]
        numbers[half] = [int(f[0]) for f in fields]
        assert [f[2] for f in fields] == sorted(p.name for p in folder.glob("*.PNG"))
        flagged = [f[4] for f in fields if f[1] == "1"]
        assert flagged == sorted(p.name for p in (folder / "Label").glob("*.PNG"))
        assert len(flagged) == {"Test": 1, "Train": 2}[half]
        for name in flagged:
            mask = np.asarray(Image.open(folder / "Label" / name))
            assert mask.shape == (96, 96)
            assert set(np.unique(mask)) == {0, 255}
    assert numbers == {"Test": [1, 2, 3], "Train": [4, 5, 6, 7, 8]}
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_bytes_do_not_depend_on_the_number_of_workers(tmp_path):
    one = digests(write_small(tmp_path / "one"))
    two = digests(write_small(tmp_path / "two", workers=2))
    assert one == two
    assert one != digests(write_small(tmp_path / "three", seed=4))


def test_official_counts_give_the_official_halves(tmp_path, monkeypatch):
    """With 1,000 and 150 images the halves have the original's counts; nothing is drawn."""
    monkeypatch.setattr("dagm_transfer.data.kinds.synthetic.write._write_image", lambda _: None)
    write_dataset(
        tmp_path / "data",
        textures=list(TEXTURES),
        normal=1000,
        defective=150,
        seed=0,
        size=512,
        workers=1,
    )
    for texture in TEXTURES:
        flags = {
            half: [
                line.split(b"\t")[1]
                for line in (tmp_path / "data" / f"Class{texture}" / half / "Label" / "Labels.txt")
                .read_bytes()
                .splitlines()[1:]
            ]
            for half in ("Test", "Train")
        }
        test_defective = OFFICIAL_TEST_DEFECTIVE[texture]
        assert {half: (len(v), v.count(b"1")) for half, v in flags.items()} == {
            "Test": (575, test_defective),
            "Train": (575, 150 - test_defective),
        }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"textures": [1, 7]}, r"1\.\.6"),
        ({"textures": [2, 2]}, "each once"),
        ({"normal": -1}, "negative"),
        ({"normal": 0, "defective": 0}, "both 0"),
        ({"size": 64}, "96"),
        ({"workers": 0}, "workers"),
    ],
)
def test_impossible_data_sets_are_refused(tmp_path, change, message):
    usual = {"textures": [1], "normal": 1, "defective": 1, "seed": 0, "size": 96, "workers": 1}
    with pytest.raises(ValueError, match=message):
        write_dataset(tmp_path / "data", **(usual | change))
    assert not any(tmp_path.iterdir())


def test_other_images_take_the_place_of_those_before(tmp_path):
    for seed in (1, 2):
        write_dataset(
            tmp_path / "data", textures=[seed], normal=1, defective=1, seed=0, size=96, workers=1
        )
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"Class2", "index.csv"}
    assert {record.group for record in read_index(tmp_path / "data")} == {"texture 2"}


@pytest.mark.parametrize("earlier", [[], ["Class5"]])
def test_nothing_half_written_stays_behind(tmp_path, earlier):
    for name in earlier:
        (tmp_path / "data" / name).mkdir(parents=True)

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_dataset(
            tmp_path / "data",
            textures=[2],
            normal=4,
            defective=2,
            seed=0,
            size=96,
            workers=1,
            on_image=stop,
        )
    assert [path.name for path in tmp_path.glob("*/*")] == earlier
    assert len(list(tmp_path.iterdir())) == len(earlier)

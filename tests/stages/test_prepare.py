"""What `prepare` makes of raw images, against their pixels, and the same bytes every time."""

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from memory import peak_above
from PIL import Image

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.data.raw_index import read_index, write_index
from dagm_transfer.data.record import Record
from dagm_transfer.data.resize import resize
from dagm_transfer.data.settings import Data
from dagm_transfer.params import load
from dagm_transfer.stages.prepare import prepare

ROOT = Path(__file__).resolve().parents[2]
SIZE, JITTER, PER_NORMAL, PER_DEFECTIVE = 32, 8, 2, 3
LITTER = (".DS_Store", "Thumbs.db", "._0001.PNG", "0001.PNG~", ".0001.PNG.swp")
SIZES = ((48, 96), (80, 40), (64, 64), (33, 50))  # height, width


def write_grey(path: Path, pixels: np.ndarray) -> None:
    """An image whose bytes depend on no library's compression, whatever its name ends on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = pixels.shape
    path.write_bytes(f"P5 {width} {height} 255\n".encode() + pixels.tobytes())


def write_raw(raw: Path, sizes: tuple[tuple[int, int], ...], each: int = 10) -> None:
    """Textures 2 and 5, in each half so many images of these sizes in turn, two of five defective.

    A weak label is a box whose middle may lie anywhere, so that the border cuts some.
    """
    number = 0
    records: list[Record] = []
    for texture in (2, 5):
        for half in ("Train", "Test"):
            folder = raw / f"Class{texture}" / half
            for place in range(each):
                number += 1
                name, defective = f"{number:04d}", place % 5 < 2
                height, width = sizes[number % len(sizes)]
                random = np.random.default_rng([texture, number])
                pixels = random.integers(0, 256, (height, width), np.uint8)
                write_grey(folder / f"{name}.PNG", pixels)
                label = folder / "Label" / f"{name}_label.PNG"
                path, mask = (file.relative_to(raw) for file in (folder / f"{name}.PNG", label))
                records.append(
                    Record(
                        path,
                        f"texture {texture}",
                        defective,
                        half,
                        mask=mask if defective else None,
                    )
                )
                if defective:
                    x, y = random.integers(0, width), random.integers(0, height)
                    pixels = np.zeros((height, width), np.uint8)
                    pixels[max(0, y - 6) : y + 7, max(0, x - 9) : x + 10] = 255
                    write_grey(label, pixels)
    write_index(raw, records)


@pytest.fixture(scope="module")
def settings():
    """The demo's settings for the raw images of `write_raw`, with some others."""
    demo = load(ROOT / "params" / "demo.yaml").data

    def changed(*, textures=(5, 2), split: dict | None = None, **others) -> Data:
        patch = {"per_normal": PER_NORMAL, "per_defective": PER_DEFECTIVE, "jitter": JITTER}
        return demo.model_copy(
            update={
                "images": demo.images.model_copy(update={"textures": list(textures)}),
                "size": SIZE,
                "patch": demo.patch.model_copy(update=patch),
                "split": demo.split.model_copy(update={"validation": 0.25, **(split or {})}),
                **others,
            }
        )

    return changed


@pytest.fixture(scope="module")
def even(tmp_path_factory) -> Path:
    """A project's root with raw images of one size."""
    root = tmp_path_factory.mktemp("even")
    write_raw(root / "data" / "raw", ((64, 64),))
    return root


@pytest.fixture
def mixed(tmp_path) -> Path:
    """A project's root with raw images of several sizes."""
    write_raw(tmp_path / "data" / "raw", SIZES)
    return tmp_path


def prepared(root: Path, data: Data, workers: int = 2) -> dict:
    return prepare(data, root=root, workers=workers, on_image=lambda *_: None)


def grey(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def inputs_of(root: Path) -> tuple[np.ndarray, list[dict[str, str]]]:
    folder = root / "data" / "prepared"
    return np.load(folder / "inputs.npy"), read_csv(folder / "inputs.csv")


def index_of(root: Path) -> dict[str, dict[str, str]]:
    rows = read_csv(root / "data" / "prepared" / "images.csv")
    by_image = {row["image"]: row for row in rows}
    assert len(by_image) == len(rows)
    return by_image


def middle_of(root: Path, image: str) -> tuple[float, float] | None:
    """The middle of an image's weak label: x and y; None for a normal image."""
    path = root / "data" / "raw" / image
    mask = path.parent / "Label" / f"{path.stem}_label.PNG"
    if not mask.exists():
        return None
    ys, xs = np.nonzero(grey(mask))
    return float(xs.mean()), float(ys.mean())


@pytest.mark.parametrize(
    ("split", "others", "digest"),
    [
        ({}, {}, "9ea4fd91f66b5a1b03ff3e7cb3300efc3b443bf3fd059f11ba479aeb4b5d2581"),
        (
            {"kind": "fold", "fold": 2, "seed": 3},
            {},
            "57db35045356e533dc707d6c0f783b71e276713a8a29143fbc69fc5470d0725c",
        ),
        (
            {"kind": "official"},
            {"input": "image", "resize": "nearest"},
            "0867261a1d3ace462346bb6e4ea20ea80cd3f1b82276f146599eebfecbabc7e7",
        ),
    ],
)
def test_a_release_takes_the_same_inputs_as_those_before(even, settings, split, others, digest):
    # Runs are told apart by this digest: another one trains every run again.
    assert prepared(even, settings(split=split, **others))["inputs_digest"] == digest


def test_every_patch_is_what_lies_in_its_image_at_its_corner(mixed, settings):
    prepared(mixed, settings())
    blocks, rows = inputs_of(mixed)
    assert (blocks.dtype, blocks.shape) == (np.uint8, (len(rows), SIZE, SIZE))
    for block, row in zip(blocks, rows, strict=True):
        left, top = int(row["left"]), int(row["top"])
        pixels = grey(mixed / "data" / "raw" / row["image"])
        assert min(left, top) >= 0
        assert (block == pixels[top : top + SIZE, left : left + SIZE]).all()


def test_a_defective_patch_covers_the_middle_of_the_weak_label_within_the_jitter(mixed, settings):
    prepared(mixed, settings())
    moved = []
    for row in inputs_of(mixed)[1]:
        if (middle := middle_of(mixed, row["image"])) is None:
            continue
        height, width = grey(mixed / "data" / "raw" / row["image"]).shape
        for corner, at, length in (("left", middle[0], width), ("top", middle[1], height)):
            start = int(row[corner])
            assert start <= round(at) < start + SIZE
            wanted = round(at) - SIZE // 2
            nearest, farthest = (
                min(max(wanted + move, 0), length - SIZE) for move in (-JITTER, JITTER)
            )
            assert nearest <= start <= farthest
            if farthest - nearest == 2 * JITTER:  # the border leaves room
                moved.append(start - wanted)
    assert min(moved) < -JITTER / 2
    assert max(moved) > JITTER / 2


def test_every_image_gives_its_count_of_patches_by_its_flag(mixed, settings):
    facts = prepared(mixed, settings())
    counted = Counter(row["image"] for row in inputs_of(mixed)[1])
    assert counted == {
        image: PER_DEFECTIVE if middle_of(mixed, image) else PER_NORMAL for image in index_of(mixed)
    }
    assert len(counted) == 40
    assert sum(facts["inputs"].values()) == 24 * PER_NORMAL + 16 * PER_DEFECTIVE


def test_inputs_and_images_lie_part_by_part_and_patches_in_the_part_of_their_image(mixed, settings):
    facts = prepared(mixed, settings())
    index, rows = index_of(mixed), inputs_of(mixed)[1]
    for found, counts in ((list(index.values()), facts["images"]), (rows, facts["inputs"])):
        parts = [row["part"] for row in found]
        assert parts == [part for part in ("train", "val", "test") for _ in range(counts[part])]
    assert [row["part"] for row in rows] == [index[row["image"]]["part"] for row in rows]
    # Patches of an image lie together, and images in the order of the index.
    assert list(dict.fromkeys(row["image"] for row in rows)) == list(index)


@pytest.mark.parametrize("mode", ["patch", "image"])
def test_labels_are_the_place_of_the_group_and_the_flag(mixed, settings, mode):
    facts = prepared(mixed, settings(input=mode))
    index = index_of(mixed)
    assert facts["groups"] == ["texture 5", "texture 2"]
    for row in [*index.values(), *inputs_of(mixed)[1]]:
        defective = middle_of(mixed, row["image"]) is not None
        group = {"Class5": "texture 5", "Class2": "texture 2"}[row["image"].split("/")[0]]
        assert index[row["image"]]["group"] == group
        assert index[row["image"]]["defective"] == str(int(defective))
        assert int(row["label"]) == 2 * (group == "texture 2") + defective
        state = "defective" if defective else "normal"
        assert facts["labels"][int(row["label"])] == f"{group} {state}"


def test_the_index_has_the_middles_of_the_weak_labels(mixed, settings):
    prepared(mixed, settings())
    for image, row in index_of(mixed).items():
        middle = middle_of(mixed, image)
        ellipse = [row[key] for key in ("x", "y", "semi_major", "semi_minor", "angle")]
        if middle is None:
            assert ellipse == [""] * 5
        else:
            assert [float(cell) for cell in ellipse[:2]] == pytest.approx(middle, abs=0.005)
            assert float(ellipse[2]) >= float(ellipse[3]) > 0


@pytest.mark.parametrize("kind", ["antialias", "nearest"])
def test_whole_images_of_any_size_are_resized_one_an_image(mixed, settings, kind):
    facts = prepared(mixed, settings(input="image", resize=kind))
    blocks, rows = inputs_of(mixed)
    assert [row["image"] for row in rows] == list(index_of(mixed))
    assert facts["inputs"] == facts["images"]
    for block, row in zip(blocks, rows, strict=True):
        pixels = grey(mixed / "data" / "raw" / row["image"])
        assert (block == resize(pixels, SIZE, kind)).all()
        assert (row["left"], row["top"]) == ("0", "0")


def test_facts_tell_the_settings_and_count_what_there_is(even, settings):
    facts = prepared(even, settings(split={"kind": "official"}))
    rows = inputs_of(even)[1]
    for part in ("train", "val", "test"):
        labels = [int(row["label"]) for row in rows if row["part"] == part]
        assert facts["inputs"][part] == len(labels)
        assert facts["trivial_accuracy"][part] == np.mean([label % 2 == 0 for label in labels])
    assert facts["images"]["test"] == 20
    told = {
        key: facts[key]
        for key in ("kind", "subject", "input", "size", "resize", "bits", "split", "missing")
    }
    assert told == {
        "kind": "synthetic", "subject": "textures", "input": "patch", "size": SIZE,
        "resize": "antialias", "bits": 8, "split": "official", "missing": {},
    }  # fmt: skip
    assert facts["folds"] == 1


def test_with_a_fold_for_each_seed_every_image_is_tested_once(even, settings, tmp_path):
    facts = prepared(even, settings(split={"kind": "fold", "fold": "seed"}))
    assert facts["folds"] == 5
    shutil.move(even / "data" / "prepared", tmp_path / "all")
    everything = Prepared(tmp_path / "all")
    folds = [everything.for_seed(seed) for seed in range(5)]
    assert everything.for_seed(5) == everything == folds[0]
    tested = [row["image"] for fold in folds for row in fold.images("test")]
    rows = read_csv(everything.folder / "images.csv")
    assert sorted(tested) == sorted(row["image"] for row in rows)
    assert len({fold.facts["digest"] for fold in folds}) == 5
    for place, fold in enumerate(folds):
        alone = prepared(even, settings(split={"kind": "fold", "fold": place}))
        same = Prepared(even / "data" / "prepared")
        assert {**fold.facts, "folds": 1} == alone, "the data of a fold are those of it alone"
        for part in ("train", "val", "test"):
            one, other = fold.inputs(part), same.inputs(part)
            assert one.images == other.images
            assert (one.pixels == other.pixels).all()
            assert (one.labels == other.labels).all()


def test_data_without_folds_are_the_same_for_every_seed(even, settings):
    prepared(even, settings())
    data = Prepared(even / "data" / "prepared")
    assert [data.for_seed(seed) for seed in range(7)] == [data] * 7


def test_an_image_that_holds_no_patch_is_named_with_its_size(mixed, settings):
    path = mixed / "data" / "raw" / "Class5" / "Train" / "0025.PNG"
    write_grey(path, np.zeros((SIZE - 1, 200), np.uint8))
    with pytest.raises(UserError) as refused:
        prepared(mixed, settings())
    assert str(refused.value) == (
        "Class5/Train/0025.PNG: 200x31 pixels hold no patch of 32; set a smaller data.size"
    )
    prepared(mixed, settings(input="image"))


def test_an_empty_weak_label_leaves_the_image_without_patches(mixed, settings):
    image = "Class2/Train/0001.PNG"
    label = mixed / "data" / "raw" / "Class2" / "Train" / "Label" / "0001_label.PNG"
    write_grey(label, np.zeros((50, 33), np.uint8))
    prepared(mixed, settings())
    assert index_of(mixed)[image]["defective"] == "1"
    assert index_of(mixed)[image]["x"] == ""
    assert image not in {row["image"] for row in inputs_of(mixed)[1]}


def test_patches_of_two_defects_show_one_each(mixed, settings):
    raw = mixed / "data" / "raw" / "Class2" / "Train"
    pixels, mask = np.zeros((200, 300), np.uint8), np.zeros((200, 300), np.uint8)
    for box in (np.s_[5:25, 5:25], np.s_[170:190, 270:290]):
        pixels[box] = mask[box] = 255
    write_grey(raw / "0001.PNG", pixels)
    write_grey(raw / "Label" / "0001_label.PNG", mask)
    prepared(mixed, settings())
    blocks, rows = inputs_of(mixed)
    shown = [
        (block > 0).sum() > 100
        for block, row in zip(blocks, rows, strict=True)
        if row["image"] == "Class2/Train/0001.PNG"
    ]
    assert shown == [True] * PER_DEFECTIVE


def test_where_no_defect_is_marked_patches_lie_on_a_grid_and_have_the_label_of_their_image(
    mixed, settings
):
    raw = mixed / "data" / "raw"
    bare = [replace(r, mask=None) if r.group == "texture 2" else r for r in read_index(raw)]
    write_index(raw, bare)
    facts = prepared(mixed, settings(textures=(2, 5)))
    assert facts["unmarked"] == ["texture 2"]
    corners: dict[str, list[tuple[int, int]]] = {}
    for row in inputs_of(mixed)[1]:
        corners.setdefault(row["image"], []).append((int(row["left"]), int(row["top"])))
    defective = [r for r in bare if r.group == "texture 2" and r.defective]
    assert defective
    for record in defective:
        found = corners[record.path.as_posix()]
        shape = grey(raw / record.path).shape
        starts = [{*range(0, side - SIZE, SIZE), side - SIZE} for side in shape]
        assert all(left in starts[1] and top in starts[0] for left, top in found)
        assert len(found) == min(PER_DEFECTIVE, len(starts[0]) * len(starts[1]))
    # Of a group with some masks an image without one gives none.
    parts = {image: row["part"] for image, row in index_of(mixed).items()}
    marked = [r for r in bare if r.group == "texture 5" and r.defective]
    one = next(r for r in marked if parts[r.path.as_posix()] == "train")
    write_index(raw, [replace(r, mask=None) if r is one else r for r in bare])
    assert prepared(mixed, settings(textures=(2, 5)))["unmarked"] == ["texture 2"]
    assert one.path.as_posix() not in {row["image"] for row in inputs_of(mixed)[1]}


@pytest.mark.parametrize("seed", range(4))
def test_equal_pixels_in_files_of_other_bytes_stay_in_one_part(mixed, settings, seed):
    raw = mixed / "data" / "raw"
    records = [record for record in read_index(raw) if not record.defective]
    copies = [replace(record, path=record.path.with_suffix(".bmp")) for record in records]
    for record, copy in zip(records, copies, strict=True):
        Image.fromarray(grey(raw / record.path)).save(raw / copy.path)
    write_index(raw, [*read_index(raw), *copies])
    prepared(mixed, settings(split={"seed": seed}))
    parts = {image: row["part"] for image, row in index_of(mixed).items()}
    for record, copy in zip(records, copies, strict=True):
        assert parts[copy.path.as_posix()] == parts[record.path.as_posix()]


def test_a_group_without_defects_is_refused(mixed, settings):
    raw = mixed / "data" / "raw"
    write_index(raw, [r for r in read_index(raw) if r.group == "texture 2" or not r.defective])
    with pytest.raises(UserError, match=r"^texture 5: no defective images, .* needs both labels"):
        prepared(mixed, settings())


def test_where_nearly_all_masks_are_missing_it_is_refused(mixed, settings):
    raw = mixed / "data" / "raw"
    keep = next(record for record in read_index(raw) if record.mask)
    write_index(raw, [keep if r == keep else replace(r, mask=None) for r in read_index(raw)])
    with pytest.raises(
        UserError, match=r"^texture 2: no patch of its defective images in (val|te)"
    ):
        prepared(mixed, settings(textures=[2]))
    prepared(mixed, settings(textures=[2], input="image"))


def test_other_images_leave_the_patches_of_an_image_as_they_were(mixed, settings):
    def corners() -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for row in inputs_of(mixed)[1]:
            found.setdefault(row["image"], []).append((row["left"], row["top"]))
        return found

    prepared(mixed, settings())
    before = corners()
    prepared(mixed, settings(textures=[2]))
    alone = corners()
    assert len(alone) == 20
    assert alone == {image: before[image] for image in alone}


def test_an_error_leaves_the_prepared_data_as_they_were(mixed, settings):
    facts = prepared(mixed, settings())
    (mixed / "data" / "raw" / "Class5" / "Test" / "0040.PNG").write_bytes(b"torn")
    with pytest.raises(UserError, match=r"0040\.PNG: not a readable image"):
        prepared(mixed, settings())
    assert sorted(path.name for path in (mixed / "data").iterdir()) == ["prepared", "raw"]
    assert len(index_of(mixed)) == sum(facts["images"].values())


def test_progress_counts_both_readings_of_every_image(even, settings):
    told: list[tuple[int, int]] = []
    prepare(settings(), root=even, workers=2, on_image=lambda *calls: told.append(calls))
    assert told == [(done, 80) for done in range(1, 81)]


@pytest.mark.parametrize("place", [1, 40, 41, 60, 80])
def test_an_interrupt_leaves_the_prepared_data_as_they_were(even, settings, place):
    def stop(done: int, _: int) -> None:
        if done == place:
            raise KeyboardInterrupt

    prepared(even, settings())
    folder = even / "data" / "prepared"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt) as stopped:
        prepare(settings(split={"seed": 1}), root=even, workers=2, on_image=stop)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(path.name for path in (even / "data").iterdir()) == ["prepared", "raw"]
    assert threading.active_count() == threads, f"{stopped.value!r} left some running"


def test_the_same_settings_give_the_same_digest_and_others_another(even, settings):
    data = settings()
    digests = {
        prepared(even, changed)["digest"]
        for changed in (
            data,
            settings(size=64),
            settings(input="image"),
            settings(textures=[2, 5]),
            settings(split={"seed": 1}),
            settings(patch=data.patch.model_copy(update={"seed": 1})),
        )
    }
    assert len(digests) == 6
    assert prepared(even, data, workers=1)["digest"] in digests


@pytest.mark.parametrize("mode", ["patch", "image"])
def test_what_systems_and_editors_leave_among_the_raw_images_changes_nothing(
    even, tmp_path, settings, mode
):
    clean = prepared(even, settings(input=mode))
    raw = shutil.copytree(even / "data" / "raw", tmp_path / "data" / "raw")
    for folder in [raw, *(path for path in Path(raw).rglob("*") if path.is_dir())]:
        for name in LITTER:
            (Path(folder) / name).write_bytes(b"litter")
    assert prepared(tmp_path, settings(input=mode)) == clean
    for name in ("inputs.npy", "inputs.csv", "images.csv"):
        first, second = (root / "data" / "prepared" / name for root in (even, tmp_path))
        assert first.read_bytes() == second.read_bytes()


PREPARE = """\
import sys
from pathlib import Path
from dagm_transfer.data.settings import Data
from dagm_transfer.stages.prepare import prepare

prepare(Data.model_validate_json(sys.argv[2]), root=Path(sys.argv[1]), workers=int(sys.argv[3]),
        on_image=lambda *_: None)
"""


def test_two_processes_prepare_the_same_bytes(mixed, tmp_path_factory, settings):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(mixed / "data" / "raw", other / "data" / "raw")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PREPARE, str(root), settings().model_dump_json(), workers],
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for root, seed, workers in ((mixed, "1", "1"), (other, "2", "3"))
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    first, second = (
        {path.name: path.read_bytes() for path in (root / "data" / "prepared").iterdir()}
        for root in (mixed, other)
    )
    assert first.keys() == {"inputs.npy", "inputs.csv", "images.csv", "facts.json"}
    assert first == second


IMPORTS = """\
from pathlib import Path
from dagm_transfer.data.settings import Data
from dagm_transfer.stages.prepare import prepare
root, data = Path(sys.argv[1]), Data.model_validate_json(sys.argv[2])
"""
RUN = "prepare(data, root=root, workers=2, on_image=lambda *_: None)"


def test_memory_does_not_grow_with_the_number_of_images(tmp_path, settings):
    data, taken, written = settings(size=512), {}, {}
    for count in (40, 400):
        root = tmp_path / str(count)
        write_raw(root / "data" / "raw", ((520, 530),), each=count // 4)
        taken[count] = peak_above(IMPORTS, RUN, root, data.model_dump_json())
        written[count] = (root / "data" / "prepared" / "inputs.npy").stat().st_size
        shutil.rmtree(root)
    assert taken[400] - taken[40] < (written[400] - written[40]) / 10

"""Images as they lie in the project once they were brought in, alone and beside others."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sources import Source, noise, shape
from trees import as_nobody

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.data.bringing.bring import bring
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.paths import Places
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.pixels.masks import read_mask
from dagm_transfer.data.raw_index import digest_of_store, read_index
from dagm_transfer.data.record import Half

NOBODY_LACKS = {"bolt": "9 are missing"}


@pytest.fixture
def places(tmp_path) -> Places:
    return Places.below(tmp_path / "project")


@pytest.fixture
def source(tmp_path) -> Source:
    return Source(tmp_path / "source")


def brought(source: Source, places: Places, kind: str = "folder", on_image=lambda *_: None):
    plan, looked = source.plan(kind), source.looked()
    return bring(plan, looked, places, lambda group, *_: NOBODY_LACKS.get(group), 2, on_image)


def files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def halves(root: Path, *units: tuple[str, Half | None], labels=(False, True), seed: int = 0):
    """A source of units of two images a label."""
    source = Source(root)
    for number, (group, half) in enumerate(units):
        for bad in labels:
            for n in range(2):
                name = f"{group}/{half}/{int(bad)}{n}.png"
                pixels = noise(seed, number, bad, n)
                source.add(name, pixels, group=group, half=half, defective=bad)
    return source


def test_plain_files_are_copied_byte_for_byte(source, places):
    coloured = Image.fromarray(np.stack([noise(1), noise(2), noise(3)], axis=-1))
    source.add("good/1.png", noise(1))
    source.add("good/2.jpg", coloured)
    source.add("bad/3.bmp", noise(3), defective=True, mask=shape())
    brought(source, places)
    index = (places.incoming / "index.csv").read_bytes()
    assert files(places.incoming) == {**files(source.root), "index.csv": index}


def test_the_index_is_what_the_plan_said(source, places):
    source.add("1.png", noise(1), half="Test")
    source.add("2.png", noise(2), half="Test", defective=True, ellipse=Ellipse(9, 8, 7.5, 5, 0.25))
    source.add("3.png", noise(3), half="Test", defective=True, defect="bent", mask=shape())
    brought(source, places)
    assert read_index(places.incoming) == [found.record for found in source.found]


def test_the_manifest_counts_and_names_no_path(source, places, tmp_path):
    source.fill(3, 2).add("x.png", noise(77), defective=True, defect="bent")
    source.fill(2, 1, group="nut")
    manifest = brought(source, places).manifest
    assert manifest == {
        "kind": "folder",
        "groups": {
            "bolt": {
                "normal": 3,
                "defective": 3,
                "defects": {"bent": 1, "defective": 2},
                "missing": "9 are missing",
            },
            "nut": {"normal": 2, "defective": 1},
        },
        "bits": 8,
        "digest": digest_of_store(places.incoming),
    }
    assert read_json(places.imported) == manifest
    assert str(tmp_path) not in places.imported.read_text()


@pytest.mark.parametrize(("factor", "bits"), [(257, 16), (16, 12)])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_images_saved_deeper_than_they_were_are_what_they_were(
    source, places, factor, bits, suffix
):
    pixels = [noise(n) for n in range(4)]
    for number, each in enumerate(pixels):
        source.add(f"{number}.{suffix}", each.astype(np.uint16) * factor, defective=number > 1)
    assert brought(source, places).manifest["bits"] == bits
    records = read_index(places.incoming)
    assert [record.path.suffix for record in records] == [".png"] * 4
    for record, before in zip(records, pixels, strict=True):
        assert np.array_equal(read_pixels(places.incoming / record.path), before)


def turned(pixels: np.ndarray, path: Path) -> bytes:
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(path, exif=exif)
    return path.read_bytes()


def test_what_readers_disagree_about_is_stored_as_grey_png(source, places, tmp_path):
    source.add("turned.png", turned(noise(1), tmp_path / "t.png"))
    clear = Image.fromarray(noise(2)).convert("LA")
    clear.putalpha(Image.fromarray(noise(3)))
    source.add("clear.tif", clear)
    source.add("few.gif", Image.fromarray(noise(4)).quantize(8))
    brought(source, places)
    assert set(files(places.incoming)) == {
        "turned.png",
        "clear.tif.png",
        "few.gif.png",
        "index.csv",
    }
    for name in ("turned.png", "clear.tif.png", "few.gif.png"):
        with Image.open(places.incoming / name) as image:
            assert (image.format, image.mode) == ("PNG", "L")
            assert not image.getexif()
    assert np.array_equal(read_pixels(places.incoming / "turned.png"), np.rot90(noise(1), -1))
    assert np.array_equal(read_pixels(places.incoming / "clear.tif.png"), noise(2))


def in_alpha(mask: np.ndarray) -> Image.Image:
    image = Image.new("RGBA", mask.shape[::-1], (255, 0, 0, 0))
    image.putalpha(Image.fromarray(mask))
    return image


def deep(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.uint16) * 257


@pytest.mark.parametrize("as_drawn", [in_alpha, deep, lambda m: Image.fromarray(m > 0)])
def test_masks_of_any_make_mark_the_same_once_stored(source, places, as_drawn):
    source.add("1.png", noise(1), defective=True, mask=as_drawn(shape()))
    brought(source, places)
    (record,) = read_index(places.incoming)
    assert np.array_equal(read_mask(places.incoming / record.mask), shape() > 0)
    with Image.open(places.incoming / record.mask) as image:
        assert image.mode in ("L", "1")


def test_a_normal_image_has_no_mask_once_stored(source, places):
    source.add("1.png", noise(1), mask=shape())
    brought(source, places)
    (record,) = read_index(places.incoming)
    assert record.mask is None
    assert set(files(places.incoming)) == {"1.png", "index.csv"}


def test_more_of_a_kind_is_added(tmp_path, places):
    both = [("bolt", "Train"), ("bolt", "Test"), ("nut", None)]
    at_once = Places.below(tmp_path / "other")
    whole = halves(tmp_path / "all", *both)
    brought(whole, at_once)
    for unit in reversed(both):
        part = Source(whole.root)
        part.found = [f for f in whole.found if (f.record.group, f.record.half) == unit]
        assert brought(part, places).said == ()
    assert files(places.incoming) == files(at_once.incoming)
    assert read_json(places.imported) == read_json(at_once.imported)


def test_a_label_that_comes_later_is_where_it_is_when_both_come_at_once(tmp_path, places):
    at_once = Places.below(tmp_path / "other")
    brought(halves(tmp_path / "all", ("bolt", None)), at_once)
    for bad in (True, False):
        brought(halves(tmp_path / "all", ("bolt", None), labels=[bad]), places)
    assert files(places.incoming) == files(at_once.incoming)


def test_a_half_that_comes_again_replaces_itself_and_that_is_said(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", "Train"), ("bolt", "Test")), places)
    again = brought(halves(tmp_path / "b", ("bolt", "Test"), ("nut", None), seed=1), places)
    assert again.said == ("bolt Test: 4 images replace 4",)
    counts = [(r.group, r.half) for r in read_index(places.incoming)]
    assert counts == [("bolt", "Train")] * 4 + [("bolt", "Test")] * 4 + [("nut", None)] * 4
    stored = read_pixels(places.incoming / "bolt/Test/00.png")
    assert np.array_equal(stored, noise(1, 0, 0, 0))


def test_one_label_alone_leaves_the_other(tmp_path, places):
    # ClassN.zip and ClassN_def.zip, one after the other, and the second once more.
    brought(halves(tmp_path / "a", ("bolt", None), labels=[False]), places)
    brought(halves(tmp_path / "b", ("bolt", None), labels=[True]), places)
    again = brought(halves(tmp_path / "c", ("bolt", None), labels=[True], seed=2), places)
    assert again.manifest["groups"]["bolt"]["normal"] == 2
    assert again.manifest["groups"]["bolt"]["defective"] == 2
    replaced, stays = again.said
    assert replaced == "bolt: 2 images replace 2"
    assert stays.startswith("bolt: 2 normal images of an earlier import stay, as no others came; ")


def test_an_undivided_group_and_halves_do_not_mix(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None), ("nut", None)), places)
    again = brought(halves(tmp_path / "b", ("bolt", "Test"), labels=[True]), places)
    assert again.said == ("bolt: 4 images made way; a group has halves or it has none",)
    assert [r.half for r in read_index(places.incoming) if r.group == "bolt"] == ["Test"] * 2
    assert "nut" in again.manifest["groups"]


def test_another_kind_replaces_everything_and_that_is_said(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places, kind="dagm")
    again = brought(halves(tmp_path / "b", ("nut", None)), places, kind="folder")
    assert again.said == ("4 images of kind dagm made way for those of kind folder",)
    assert set(again.manifest["groups"]) == {"nut"}
    assert not (places.incoming / "bolt").exists()


def test_imports_of_two_depths_are_told_of(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    deep = Source(tmp_path / "b")
    deep.add("nut.png", noise(1, levels=4096), group="nut")
    more = brought(deep, places)
    assert more.manifest["bits"] == 12
    (said,) = more.said
    assert said.startswith("images of 8 and 12 bits a pixel lie together now")


def test_a_clone_that_has_the_raw_images_alone_adds_to_them(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    places.incoming.rename(places.raw)
    raw = files(places.raw)
    more = brought(halves(tmp_path / "b", ("nut", None)), places)
    assert set(more.manifest["groups"]) == {"bolt", "nut"}
    assert files(places.raw) == raw


def test_images_that_are_gone_are_said_to_be(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    (places.incoming / "bolt/None/00.png").unlink()
    more = brought(halves(tmp_path / "b", ("nut", None)), places)
    assert set(more.manifest["groups"]) == {"nut"}
    (said,) = more.said
    assert "named images of bolt that are not at" in said


def test_a_place_that_another_group_has_is_refused(tmp_path, source, places):
    source.add("good/1.png", noise(1), group="bolt")
    brought(source, places)
    other = Source(tmp_path / "b")
    other.add("good/1.png", noise(2), group="nut")
    before = files(places.incoming)
    with pytest.raises(UserError, match=r"good/1\.png: belongs to bolt, and an image of nut"):
        brought(other, places)
    assert files(places.incoming) == before


@pytest.mark.parametrize(("first", "then"), [("bolt", "Bolt"), ("caf\u00e9", "cafe\u0301")])
def test_a_group_that_is_called_nearly_like_another_is_refused(tmp_path, places, first, then):
    brought(halves(tmp_path / "a", (first, None)), places)
    other = Source(tmp_path / "b")
    other.add("x.png", noise(9), group=then)
    with pytest.raises(UserError, match="was imported before, which differs in capitals"):
        brought(other, places)


def test_a_project_that_may_not_be_written_to_is_one_line(tmp_path, source):
    source.fill(1, 1)
    with pytest.raises(UserError, match=r"Permission denied; mend that and import again"):
        as_nobody(brought, source, Places.below(tmp_path / "project"))


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}", "[]", "{}", '{"kind": "folder"}', "\0", ""])
def test_a_manifest_that_no_import_wrote_is_refused(source, places, text):
    source.fill(1, 1)
    places.imported.parent.mkdir(parents=True)
    places.imported.write_text(text)
    with pytest.raises(UserError, match=r"imported\.json: not as `dagm import` writes it"):
        brought(source, places)


@pytest.mark.parametrize("text", ["image;group\n1.png;bolt\n", "image\n1.png\n", "\0"])
def test_an_index_that_a_program_saved_anew_is_no_store(tmp_path, places, text):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    (places.incoming / "index.csv").write_text(text)
    more = brought(halves(tmp_path / "b", ("nut", None)), places)
    assert "named images of bolt that are not at" in more.said[0]


def test_groups_stand_as_people_count(tmp_path, places):
    units = [(f"texture {n}", None) for n in (10, 9, 1)]
    manifest = brought(halves(tmp_path / "a", *units), places).manifest
    assert list(manifest["groups"]) == ["texture 1", "texture 9", "texture 10"]


def test_an_import_that_breaks_leaves_the_old_one(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    before = files(places.incoming.parent)

    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brought(halves(tmp_path / "b", ("nut", None)), places, on_image=interrupt)
    assert files(places.incoming.parent) == before


def test_a_killed_import_leaves_the_old_one(tmp_path, places):
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    before, manifest = files(places.incoming), places.imported.read_bytes()
    halves(tmp_path / "b", ("nut", None))
    script = f"""
import sys, time
from pathlib import Path
sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}
from test_bring import brought, halves, Places
def wait(done, total):
    print("half", flush=True)
    time.sleep(60)
brought(halves(Path({str(tmp_path / "b")!r}), ("nut", None)), Places.below(
    Path({str(places.incoming.parents[1])!r})), on_image=wait)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"half\n"
        running.send_signal(signal.SIGKILL)
    assert files(places.incoming) == before
    assert places.imported.read_bytes() == manifest
    assert set(brought(halves(tmp_path / "b", ("nut", None)), places).manifest["groups"]) == {
        "bolt",
        "nut",
    }


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 300 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_line_and_leaves_the_old_import(tmp_path, small_disk):
    places = Places.below(small_disk)
    brought(halves(tmp_path / "a", ("bolt", None)), places)
    before = files(small_disk)
    large = Source(tmp_path / "b")
    for number in range(8):
        large.add(f"{number}.png", noise(number, size=256))
    with pytest.raises(UserError, match=r"data/incoming: No space left on device; make room"):
        brought(large, places)
    assert files(small_disk) == before

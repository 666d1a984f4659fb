"""Labels, masks and names that contradict each other."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from dagm_transfer.data.raw_index import read_index, weak_label
from faulty import sets
from faulty.archives import class_zip, holds
from faulty.fault import Fault

Make = Callable[[Path], list[Path]]


def after(change: Callable[[Path], None], halves: tuple[str, ...] = ("Train", "Test")) -> Make:
    """A texture below the folder, changed."""

    def make(root: Path) -> list[Path]:
        change(sets.official(root, halves=halves))
        return [root]

    return make


def listed(root: Path) -> Path:
    return root / "Class1" / "Train" / "Label" / "Labels.txt"


def edited(change: Callable[[str], str]) -> Make:
    def edit(root: Path) -> None:
        text = listed(root).read_bytes().decode()
        listed(root).write_bytes(change(text).encode())

    return after(edit)


def one_mask(change: Callable[[sets.Pixels], sets.Pixels]) -> Make:
    def edit(root: Path) -> None:
        sets.rewrite(sets.masks_of(root)[:1], lambda p: Image.fromarray(change(p)))

    return after(edit)


def all_masks(change: Callable[[sets.Pixels], Image.Image]) -> Make:
    return after(lambda root: sets.rewrite(sets.masks_of(root), change))


def alpha_only(mask: sets.Pixels) -> Image.Image:
    black = np.zeros_like(mask)
    return Image.fromarray(np.dstack([black, black, black, mask]))


def speck(mask: sets.Pixels) -> sets.Pixels:
    small = np.zeros_like(mask)
    small[30, 30:32] = 255
    return small


def masks_are_whole(project: Path) -> None:
    raw = project / "data" / "incoming"
    found = [weak_label(raw, record) for record in read_index(raw) if record.defective]
    assert len(found) == 2 * sets.EACH
    assert {
        (round(e.x, 1), round(e.y, 1)) for label in found if label and (e := label.ellipse)
    } == {(31.5, 31.5)}


def copies(*, turned: bool) -> Make:
    def make(root: Path) -> list[Path]:
        shutil.copytree(sets.official(root / "a"), root / "b")
        if turned:
            sets.rewrite(sets.images_of(root / "b"), lambda p: Image.fromarray(np.rot90(p).copy()))
        return [root]

    return make


def both_layouts(root: Path) -> list[Path]:
    sets.official(root / "official")
    sets.older(root / "older")
    return [root]


def ellipses_outside(root: Path) -> list[Path]:
    return [sets.older(root, centre=900.0)]


def duplicate(source: str, target: str) -> Make:
    def copy(root: Path) -> None:
        shutil.copy(root / "Class1" / source, root / "Class1" / target)

    return after(copy)


def mixed_case(root: Path) -> None:
    (root / "Class1").rename(root / "class1")
    for path in sets.images_of(root):
        path.rename(path.with_suffix(".png"))


def odd_names(root: Path) -> list[Path]:
    sets.folders(root / "bolt & nut", ("good", "bent"))
    names = ("a b.png", "line\nbreak.png", "<script>alert(1)</script>.png", "Schräubchen ✓.png")
    for place, name in enumerate(name.replace("/", "_") for name in names):
        sets.save(root / "bolt & nut" / "bent" / name, sets.grey(7, place))
    return [root / "bolt & nut"]


def lone(kinds: tuple[str, ...]) -> Make:
    return lambda root: [sets.folders(root / "bolt", kinds)]


def stray_mask(root: Path) -> None:
    sets.save(root / "Class1" / "Train" / "Label" / "0999_label.PNG", sets.blob())


def again(root: Path) -> list[Path]:
    archive = class_zip(root)
    other = root / "later"
    other.mkdir()
    return [archive, class_zip(other)]


FAULTS = [
    Fault("masks whose shape lies in the alpha channel alone", "converted", "mask",
          all_masks(alpha_only), masks_are_whole),
    Fault("every mask empty", "refused", "empty",
          all_masks(lambda p: Image.fromarray(np.zeros_like(p)))),
    Fault("one mask empty", "warning", "empty", one_mask(np.zeros_like)),
    Fault("a mask of two pixels", "warning", "speck|pixels", one_mask(speck)),
    Fault("a mask that covers nearly all of its image", "warning", "swapped",
          one_mask(lambda p: np.full_like(p, 255))),
    Fault("a defective image without its mask", "refused", "missing",
          after(lambda root: sets.masks_of(root)[0].unlink())),
    Fault("a mask without its image", "warning", "0999_label", after(stray_mask)),
    Fault("ellipses whose middle lies outside the image", "refused", "outside", ellipses_outside),
    Fault("`Labels.txt` absent", "refused", r"Labels\.txt", after(lambda r: listed(r).unlink())),
    Fault("an image that `Labels.txt` does not list", "refused", "not in|not listed",
          edited(lambda text: text.replace("0003\t", "0903\t").replace("0003.PNG", "0903.PNG"))),
    Fault("images that `Labels.txt` lists and that are not here", "warning", r"Labels\.txt lists",
          after(lambda root: (root / "Class1" / "Train" / "0001.PNG").unlink())),
    Fault("a mask of an image that `Labels.txt` calls normal", "warning", "0002",
          edited(lambda text: text.replace("0002\t1\t0002.PNG\t0\t0002_label.PNG",
                                           "0002\t0\t0002.PNG\t0\t0\t"))),
    Fault("a byte order mark in `Labels.txt`", "taken", "",
          edited(lambda text: "\ufeff" + text), holds(1)),
    Fault("`class1/`, and `.png` images with `.PNG` masks", "taken", "", after(mixed_case),
          holds(1)),
    Fault("two copies of a texture, one turned by 90 degrees", "refused", "a/Class1.*b/Class1",
          copies(turned=True)),
    Fault("two copies of a texture, equal", "left out", "byte for byte", copies(turned=False),
          holds(1)),
    Fault("both layouts of one texture", "refused", "layout", both_layouts),
    Fault("an image in Train and in Test", "warning", "Train.*Test|Test.*Train",
          duplicate("Train/0001.PNG", "Test/0021.PNG")),
    Fault("an image that is both normal and defective", "refused", "normal.*defective",
          duplicate("Train/0001.PNG", "Train/0002.PNG")),
    Fault("a texture that was imported before", "taken", "replace", again, holds(1)),
    Fault("names with blanks, line breaks, `<script>`, Unicode", "converted", "percent-encoded",
          odd_names),
    Fault("images without defects alone", "warning", "both labels", lone(("good",))),
    Fault("no class that is called good, ok, normal or free", "refused", "--good",
          lone(("fine", "bent"))),
]  # fmt: skip

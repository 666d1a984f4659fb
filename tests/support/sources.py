"""Images as an import finds them, written one by one, with what each of them is."""

from io import BytesIO
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from dagm_transfer.data.bringing.converted import converted
from dagm_transfer.data.bringing.look import Looked, look
from dagm_transfer.data.bringing.plan import Found, Plan, stored_name
from dagm_transfer.data.bringing.refused import refused
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.bringing.warned import warned
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.record import Half, Record

SIZE = 40
Content = np.ndarray | Image.Image | bytes


def noise(*seed: int, size: int = SIZE, levels: int = 256) -> np.ndarray:
    """An image of its own for each seed."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, levels, (size, size), dtype=np.uint16)
    return pixels.astype(np.uint8) if levels <= 256 else pixels


def shape(size: int = SIZE) -> np.ndarray:
    """A mask as bytes: a block of 12 x 12 pixels."""
    mask = np.zeros((size, size), np.uint8)
    mask[4:16, 20:32] = 255
    return mask


class Source:
    """A folder that grows, and the plan of it."""

    def __init__(self, root: Path):
        self.root, self.found = root, list[Found]()

    def add(
        self,
        name: str,
        content: Content,
        *,
        group: str = "bolt",
        defective: bool = False,
        half: Half | None = None,
        defect: str = "",
        mask: Content | None = None,
        ellipse: Ellipse | None = None,
    ) -> None:
        """An image, and its mask as PNG."""
        image = self._file(name, content)
        marks = None if mask is None else self._file(f"masks/{PurePosixPath(name).stem}.png", mask)
        record = Record(
            path=stored_name(image.name),
            group=group,
            defective=defective,
            half=half,
            defect=defect,
            ellipse=ellipse,
            mask=None if marks is None else stored_name(marks.name),
        )
        self.found.append(Found(record, image, marks))

    def fill(self, normal: int = 10, defective: int = 10, group: str = "bolt") -> "Source":
        """A group that nothing is wrong with."""
        seed = len(self.found)
        for number in range(normal + defective):
            bad = number >= normal
            self.add(
                f"{group}/{number:02}.png",
                noise(seed, number),
                group=group,
                defective=bad,
                mask=shape() if bad else None,
            )
        return self

    def plan(self, kind: str = "folder") -> Plan:
        return Plan(kind, "a test says so", tuple(self.found))

    def looked(self) -> Looked:
        return look(self.plan(), 2, lambda *_: None)

    def said(self) -> list[str]:
        """Everything to be said of it, `kind: text`."""
        plan, looked = self.plan(), self.looked()
        notes = [*refused(plan, looked), *warned(plan, looked), *converted(plan, looked)]
        assert not [note.text for note in notes if not note.text.isprintable()]
        return [f"{note.kind}: {note.text}" for note in notes]

    def _file(self, name: str, content: Content) -> File:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, np.ndarray):
            content = Image.fromarray(content)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path)
        return File(PurePosixPath(name), path)


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG."""
    made = BytesIO()
    Image.fromarray(pixels).save(made, "PNG")
    return made.getvalue()

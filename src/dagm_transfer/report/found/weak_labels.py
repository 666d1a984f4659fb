"""Where a defect lies, as the index of images has it."""

from collections.abc import Mapping

from dagm_transfer.data.ellipse import Ellipse

SHAPE = ("x", "y", "semi_major", "semi_minor", "angle")


def weak_label(row: Mapping[str, str]) -> Ellipse | None:
    """That of an image; None where the data have none.

    Args:
        row: of `images.csv`.

    >>> weak_label({"image": "a.png"}) is None
    True
    >>> weak_label({"x": "3", "y": "4", "semi_major": "2", "semi_minor": "1", "angle": "0"}).x
    3.0
    """
    numbers = [row.get(name, "") for name in SHAPE]
    return Ellipse(*map(float, numbers)) if all(numbers) else None

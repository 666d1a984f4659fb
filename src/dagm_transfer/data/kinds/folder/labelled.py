"""One image of the user's own with what its folders or its table say of it."""

from dataclasses import dataclass

from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.record import Half


@dataclass(frozen=True)
class Labelled:
    """One image and what is said of it.

    Attributes:
        image: the file.
        group: its name.
        good: whether it is of the class without defects.
        defect: the name of its kind; empty for good images.
        half: None where none is said.
        mask: the file of its mask, where it has one.
    """

    image: File
    group: str
    good: bool
    defect: str
    half: Half | None
    mask: File | None

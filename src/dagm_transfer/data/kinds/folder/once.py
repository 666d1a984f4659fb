"""Files that lie there twice under one name, as in a folder beside a zip of it."""

import filecmp
from collections.abc import Sequence

from dagm_transfer.data.bringing.notes import Note, listed
from dagm_transfer.data.bringing.tree import File


def once(files: Sequence[File]) -> tuple[list[File], list[Note]]:
    """The first of each name, and what is to be said of the others.

    Those of the same bytes are left out; of others it cannot be told which one is meant.
    """
    first: dict[str, File] = {}
    same: list[str] = []
    different: list[str] = []
    for file in files:
        name = str(file.name)
        kept = first.setdefault(name, file)
        if kept is not file:
            equal = filecmp.cmp(kept.origin, file.origin, shallow=False)
            (same if equal else different).append(name)
    notes: list[Note] = []
    if same:
        text = listed("file", "there once more in a zip, the same byte for byte", same)
        notes.append(Note("left out", text))
    if different:
        text = "unpacked and in a zip, and not the same; bring one of the two alone"
        notes.append(Note("refused", listed("file", text, different)))
    return list(first.values()), notes

"""What an import would bring in: every image with its labels, before any is read."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from dagm_transfer.data.bringing.notes import Note
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.record import Record

# What Windows, macOS or a table of names cannot hold: control characters, half a code point, and
# the percent sign that stands for them.
UNSTORABLE = re.compile(r'[\x00-\x1f\x7f-\x9f\ud800-\udfff<>:"|?*\\%]|[ .]$')


@dataclass(frozen=True)
class Found:
    """One image that an import found.

    Attributes:
        record: what it is, named as it will be stored.
        image: the file.
        mask: the file of its mask, where it has one.
    """

    record: Record
    image: File
    mask: File | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that an import would bring in.

    Attributes:
        kind: of data, as params.yaml calls it.
        why: the files are taken for this kind, in words.
        found: the images, in the order of their index.
        notes: what is refused, warned of, converted or left out, as far as names and labels tell.
    """

    kind: str
    why: str
    found: tuple[Found, ...]
    notes: tuple[Note, ...] = ()


def stored_name(name: PurePosixPath) -> Path:
    r"""What a file is called in the project: its own name, odd characters percent-encoded.

    >>> stored_name(PurePosixPath("bolt 1/a\nb<script>.png")).as_posix()
    'bolt 1/a%0Ab%3Cscript%3E.png'
    """
    return Path(*(UNSTORABLE.sub(_encoded, part) for part in name.parts))


def _encoded(match: re.Match[str]) -> str:
    return quote(match[0], safe="", errors="surrogateescape").replace(".", "%2E")

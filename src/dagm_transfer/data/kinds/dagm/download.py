"""DAGM 2007 from its Zenodo record, file by file, each known by its checksums.

A record is asked for as `GET https://zenodo.org/api/records/NUMBER`. Of the JSON that comes, this
is read, for each file of the record:

    {"files": [{"key": "Class1.zip", "size": 123, "checksum": "md5:0f...",
                "links": {"self": "https://zenodo.org/.../Class1.zip/content"}}]}

The address `.../NUMBER/files` tells the same in another form (`entries`), which is not read.
"""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.core.files import read_json, sync, write_json
from dagm_transfer.data.kinds.dagm.fetch import (
    Patience,
    Say,
    Unreachable,
    bytes_in,
    fetch_file,
    read_url,
)

RECORD = "https://zenodo.org/api/records/8086136"
BY_HAND = (
    "if it stays so, fetch the zips by a browser from https://doi.org/10.5281/zenodo.8086136 "
    "(or take another copy of DAGM 2007) and `dagm import FOLDER`"
)
LONGEST_RECORD = 1 << 24  # bytes
BLOCK = 1 << 20

Progress = Callable[[int, int], None]  # bytes done of those that this call has to bring


class Links(BaseModel):
    """Where a file is had."""

    content: Annotated[str, Field(alias="self", pattern=r"^https?://[!-~]+$")]


class Listed(BaseModel):
    """A file as the record lists it; its name is one below a folder, and leads nowhere else."""

    key: Annotated[str, Field(pattern=r"^\w[\w .()+-]*$", max_length=200)]
    size: Annotated[int, Field(gt=0)]
    checksum: Annotated[str, Field(pattern=r"^md5:[0-9a-f]{32}$")]
    links: Links

    @property
    def md5(self) -> str:
        """In hexadecimal digits."""
        return self.checksum.removeprefix("md5:")


class Listing(BaseModel):
    """What is read of a record."""

    files: Annotated[list[Listed], Field(min_length=1)]


def download_dagm(
    record: str, folder: Path, pins: Path, patience: Patience, on_bytes: Progress, say: Say
) -> list[Path]:
    """Bring every file of a record to `folder`; those there already are checked, not fetched.

    Args:
        record: its address at Zenodo's API.
        folder: where the files go; `NAME.part` is one that is not whole yet, and goes on.
        pins: sha256 of each file by name, as it first came; one that is not there yet is added.
        patience: how long the server is waited for.
        on_bytes: told how much came.
        say: told what is waited for.

    Returns:
        The files, in the record's order.

    Raises:
        UserError: the record or a file cannot be had, is not what the record or `pins` say, or
            finds no room.
    """
    read_pins(pins)  # one that cannot be read is told before the first byte
    files = _listing(record, patience, say).files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [file for file in files if not _is_there(folder, file, pins)]
        _room_for(missing, folder)
        done = 0
        for place, file in enumerate(missing):
            after = sum(_rest_of(folder, later) for later in missing[place + 1 :])
            told = _counting(on_bytes, done, after)
            done += _bring(file, folder, pins, patience, told, say)
    except OSError as error:
        raise UserError(
            f"{error.filename or folder}: {error.strerror}; mend that and run this again, "
            "it goes on where it stood"
        ) from error
    return [folder / file.key for file in files]


def read_pins(path: Path) -> dict[str, str]:
    """Sha256 of each file by name, as it first came; empty where nothing did."""
    if not path.exists():
        return {}
    try:
        pins = read_json(path)
    except ValueError as error:
        raise UserError(f"{path}: not readable ({reason(error)}); restore it from git") from error
    if not isinstance(pins, dict) or not all(isinstance(pin, str) for pin in pins.values()):
        raise UserError(f"{path}: not a sha256 for each file by name; restore it from git")
    return pins


def _listing(record: str, patience: Patience, say: Say) -> Listing:
    try:
        return Listing.model_validate_json(read_url(record, LONGEST_RECORD, patience, say))
    except Unreachable as error:
        raise UserError(f"{error}; {BY_HAND}") from error
    except ValidationError as error:
        worst = error.errors()[0]
        place = ".".join(["record", *map(str, worst["loc"])])
        raise UserError(
            f"{record}: not a record with its files ({place}: {worst['msg'].lower()}); {BY_HAND}"
        ) from error


def _is_there(folder: Path, file: Listed, pins: Path) -> bool:
    """Whether a file lies there whole. One of the same name with other bytes is replaced."""
    path = folder / file.key
    if bytes_in(path) != file.size:
        return False
    md5, sha256 = _digests(path)
    if md5 != file.md5:
        return False
    _pin(path, sha256, pins)
    return True


def _room_for(files: list[Listed], folder: Path) -> None:
    wanted, free = sum(_rest_of(folder, file) for file in files), shutil.disk_usage(folder).free
    if wanted > free:
        raise UserError(
            f"{folder}: {wanted >> 20} MiB are to come and {free >> 20} MiB are free; "
            "make room, or name another folder with --to"
        )


def _rest_of(folder: Path, file: Listed) -> int:
    return max(file.size - bytes_in(_part(folder, file)), 0)


def _part(folder: Path, file: Listed) -> Path:
    return folder / f"{file.key}.part"


def _counting(on_bytes: Progress, before: int, after: int) -> Progress:
    """Counts one file's bytes among those of all."""

    def told(received: int, missing: int) -> None:
        on_bytes(before + received, before + received + missing + after)

    return told


def _bring(
    file: Listed, folder: Path, pins: Path, patience: Patience, on_bytes: Progress, say: Say
) -> int:
    """Fetch one file, and give it its name once it is what it should be; the bytes that came."""
    path, part = folder / file.key, _part(folder, file)
    try:
        came = fetch_file(file.links.content, part, file.size, patience, on_bytes, say)
    except Unreachable as error:
        raise UserError(
            f"{path}: {error}; run this again, it goes on where it stood; {BY_HAND}"
        ) from error
    md5, sha256 = _digests(part)
    if md5 != file.md5:
        part.unlink()
        raise UserError(
            f"{path}: md5 is {md5}, not {file.md5} as the record says; what came is removed, "
            "run this again"
        )
    try:
        _pin(path, sha256, pins)
    except UserError:
        part.unlink()
        raise
    sync(part)
    part.replace(path)
    sync(folder)
    return came


def _pin(path: Path, sha256: str, pins: Path) -> None:
    """Hold a file against what first came under its name, which later ones have to be.

    Raises:
        UserError: it is another.
    """
    known = read_pins(pins)
    if known.get(path.name, sha256) != sha256:
        raise UserError(
            f"{path}: sha256 is {sha256[:12]}, not {known[path.name][:12]} as {pins} has it: "
            "either the release changed or the transfer was tampered with; delete the entry there "
            "to accept it"
        )
    if path.name not in known:
        write_json(pins, {**known, path.name: sha256})


def _digests(path: Path) -> tuple[str, str]:
    """Md5 and sha256 of a file."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            md5.update(block)
            sha256.update(block)
    return md5.hexdigest(), sha256.hexdigest()

"""Zips and folders as they are really packed."""

import shutil
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from dagm_transfer.core.files import read_json
from faulty import sets
from faulty.fault import Fault

DEFLATE64 = 9
ENCRYPTED = 1


def members(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield path, path.relative_to(folder).as_posix()


def zip_of(folder: Path, archive: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        for path, name in members(folder):
            content.write(path, prefix + name)
    return archive


def class_zip(root: Path, texture: int = 1) -> Path:
    """`ClassN.zip`, made inside the class folder."""
    source = sets.official(root / "unpacked", texture) / f"Class{texture}"
    archive = zip_of(source, root / f"Class{texture}.zip")
    shutil.rmtree(root / "unpacked")
    return archive


def with_entry(root: Path, entry: zipfile.ZipInfo | str, content: bytes = b"x") -> list[Path]:
    """A sound zip with one entry more."""
    archive = class_zip(root)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(entry, content)
    return [archive]


def backslashes(root: Path) -> list[Path]:
    source = sets.official(root / "unpacked") / "Class1"
    archive = root / "Class1.zip"
    with zipfile.ZipFile(archive, "w") as content:
        for path, name in members(source):
            info = zipfile.ZipInfo("x")
            info.filename = name.replace("/", "\\")
            content.writestr(info, path.read_bytes())
    shutil.rmtree(root / "unpacked")
    return [archive]


def zip_in_zip(root: Path) -> list[Path]:
    inner = class_zip(root)
    outer = root / "download.zip"
    with zipfile.ZipFile(outer, "w") as content:
        content.write(inner, inner.name)
    inner.unlink()
    return [outer]


def patched(root: Path, *, method: int | None = None, flag: int = 0) -> list[Path]:
    """A zip whose entries claim another compression, or to be encrypted."""
    archive = class_zip(root)
    content = bytearray(archive.read_bytes())
    for signature, flags_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            flags, was = struct.unpack_from("<HH", content, place + flags_at)
            now = was if method is None else method
            struct.pack_into("<HH", content, place + flags_at, flags | flag, now)
            place = content.find(signature, place + 4)
    archive.write_bytes(content)
    return [archive]


def broken_beside(root: Path) -> list[Path]:
    sets.official(root / "images")
    (root / "images" / "backup.zip").write_bytes(b"<html>404</html>")
    return [root / "images"]


def cut_short(root: Path) -> list[Path]:
    archive = class_zip(root)
    archive.write_bytes(archive.read_bytes()[:5000])
    return [archive]


def link_in_zip(root: Path) -> list[Path]:
    info = zipfile.ZipInfo("Train/0099.PNG")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return with_entry(root, info, b"/etc/passwd")


def bomb(root: Path) -> list[Path]:
    """An entry that says it holds a terabyte."""
    archive = with_entry(root, "Train/9999.PNG", b"0" * 1000)[0]
    content = bytearray(archive.read_bytes())
    place = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, place + 24, 0xFFFFFFF0)
    archive.write_bytes(content)
    return [archive]


def linked(root: Path) -> list[Path]:
    sets.official(root / "disk")
    (root / "images").mkdir()
    (root / "images" / "Class1").symlink_to(root / "disk" / "Class1")
    return [root / "images"]


def looping(root: Path) -> list[Path]:
    sets.official(root / "images")
    (root / "images" / "Class1" / "again").symlink_to(root / "images")
    return [root / "images"]


def textures(project: Path) -> set[str]:
    return set(read_json(project / "data" / "imported.json")["groups"])


def holds(*numbers: int):
    """A check that these textures were imported."""

    def check(project: Path) -> None:
        assert textures(project) == {f"texture {number}" for number in numbers}

    return check


def inside(root: Path) -> list[Path]:
    return [sets.official(root) / "Class1"]


FAULTS = [
    Fault("the path does not exist", "refused", "not found|no such", lambda r: [r / "nowhere"]),
    Fault("an empty folder", "refused", "no image", lambda r: [r]),
    Fault("the folder named is the texture's own, `Class1`", "taken", "", inside, holds(1)),
    Fault(
        "a zip made inside the class folder, `Class1.zip` holding `Train/`", "taken", "",
        lambda r: [class_zip(r)], holds(1),
    ),
    Fault(
        "`Class1.zip`, and later `Class8.zip`", "taken", "",
        lambda r: [class_zip(r, 1), class_zip(r, 8)], holds(1, 8),
    ),
    Fault("a zip with backslashes in its names", "taken", "", backslashes, holds(1)),
    Fault("a zip in a zip", "taken", "", zip_in_zip, holds(1)),
    Fault(
        "a zip with compression Deflate64", "refused", "zip it anew",
        lambda r: patched(r, method=DEFLATE64),
    ),
    Fault(
        "an encrypted zip", "refused", "encrypted|password", lambda r: patched(r, flag=ENCRYPTED),
    ),
    Fault("half a zip", "refused", r"Class1\.zip.*zip", cut_short),
    Fault("a broken zip beside sound images", "warning", r"backup\.zip", broken_beside, holds(1)),
    Fault(
        "a zip with a path that climbs out", "refused", r"\.\./",
        lambda r: with_entry(r, "../../climbed.png"),
    ),
    Fault("a zip with a symbolic link", "refused", "link", link_in_zip),
    Fault(
        "a zip with one name twice", "refused", "twice", lambda r: with_entry(r, "Train/0001.PNG"),
    ),
    Fault("a zip that unpacks to gigabytes of nothing", "refused", r"Class1\.zip", bomb),
    Fault("class folders that are symbolic links", "taken", "", linked, holds(1)),
    Fault("a symbolic link that loops", "left out", "loop|again", looping, holds(1)),
]  # fmt: skip

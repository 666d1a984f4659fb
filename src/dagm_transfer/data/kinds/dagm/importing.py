"""A local DAGM copy brought into the project, and described by a manifest that git tracks.

The manifest, not the folder, is what the pipeline depends on: it names counts and digests, and no
path outside the project.
"""

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, digest_of, digest_of_file, read_json, write_json
from dagm_transfer.data.kinds.dagm.layout import group_name, index, whole_texture

CLASS_FOLDER = re.compile(r"Class(\d+)(_def)?")
KEPT = {".png", ".txt", ".csv"}

Manifest = dict[str, Any]
Progress = Callable[[int, int], None]


def import_dagm(source: Path, incoming: Path, manifest: Path, on_file: Progress) -> Manifest:
    """Copy a DAGM folder or zip to `incoming`, replacing what was there, and describe it.

    `source` may hold the class folders at any level, or their zips, in either layout.

    Raises:
        UserError: nothing like DAGM lies there, or what lies there contradicts itself.
    """
    if not source.exists():
        raise UserError(
            f"{source}: not found; name a folder or a zip that holds Class1, Class2, ..."
        )
    with ExitStack() as opened:
        files = sorted(_kept_files(_unpacked(source, opened)))
        if not files:
            raise UserError(f"{source}: no folders Class1, Class2, ... with PNG images in it")
        with beside(incoming) as draft:
            for done, (target, origin) in enumerate(files, start=1):
                (draft / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(origin, draft / target)
                on_file(done, len(files))
            try:
                described = describe(draft)
            except UserError as error:
                # The draft is gone when this is read: name the folder that the user knows.
                raise UserError(str(error).replace(str(draft), str(source))) from error
    write_json(manifest, described)
    return described


def describe(root: Path) -> Manifest:
    """Counts and digests of the images below `root`."""
    textures = sorted({int(m[1]) for p in root.iterdir() if (m := CLASS_FOLDER.fullmatch(p.name))})
    counts: dict[str, dict[str, int]] = {}
    for texture in textures:
        records = index(root, [texture])
        defective = sum(record.defective for record in records)
        normal_whole, defective_whole = whole_texture(texture)
        counts[str(texture)] = {
            "normal": len(records) - defective,
            "defective": defective,
            "normal_missing": normal_whole - (len(records) - defective),
            "defective_missing": defective_whole - defective,
        }
    return {"kind": "dagm", "textures": counts, "digest": digest_of_tree(root)}


def digest_of_tree(root: Path) -> str:
    """Sha256 of the images and labels below `root`: names and contents.

    What file managers and editors leave there is no part of it.
    """
    files = sorted(
        p
        for p in root.rglob("*")
        if p.suffix.lower() in KEPT and p.is_file() and not is_litter(p.relative_to(root))
    )
    return digest_of({p.relative_to(root).as_posix(): digest_of_file(p) for p in files})


def is_litter(path: Path) -> bool:
    """Whether a file or a folder above it is a trace of a file manager or an editor.

    >>> [is_litter(Path(name)) for name in ("Class1/._1.png", "__MACOSX/1.png", "Class1/1.png")]
    [True, True, False]
    """
    return any(
        part.startswith((".", "~", "#", "@", "__")) or part.endswith("~") for part in path.parts
    )


def read_manifest(path: Path) -> Manifest:
    """The manifest of what was imported; without textures where nothing was."""
    content: Manifest = read_json(path) if path.exists() else {"textures": {}}
    return content


def missing_images(manifest: Manifest, textures: list[int]) -> dict[str, str]:
    """What the textures lack against the whole release, in words; empty where they are whole.

    >>> counts = {"normal_missing": 860, "defective_missing": 99}
    >>> missing_images({"textures": {"1": counts}}, [1])
    {'texture 1': '860 of 1000 normal and 99 of 150 defective images are missing'}
    """
    missing: dict[str, str] = {}
    for texture in textures:
        counts = manifest["textures"].get(str(texture))
        if counts is None:
            raise UserError(
                f"data.textures: texture {texture} was not imported; run `dagm import PATH` or "
                f"choose from {', '.join(manifest['textures']) or 'none'}"
            )
        normal, defective = whole_texture(texture)
        if counts["normal_missing"] or counts["defective_missing"]:
            missing[group_name(texture)] = (
                f"{counts['normal_missing']} of {normal} normal and "
                f"{counts['defective_missing']} of {defective} defective images are missing"
            )
    return missing


def _unpacked(source: Path, opened: ExitStack) -> list[Path]:
    """The folders to look in: `source` itself, and what its zips hold."""
    zips = [source] if source.is_file() else sorted(source.rglob("*.[zZ][iI][pP]"))
    folders = [] if source.is_file() else [source]
    for archive in zips:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        try:
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise UserError(f"{archive}: not a whole zip file ({error}); bring it again") from error
        folders.append(folder)
    return folders


def _kept_files(folders: list[Path]) -> Iterator[tuple[Path, Path]]:
    """Images and labels of class folders: where each goes, and where it lies."""
    for folder in folders:
        for path in folder.rglob("*"):
            if (
                not path.is_file()
                or path.suffix.lower() not in KEPT
                or is_litter(path.relative_to(folder))
            ):
                continue
            parts = path.relative_to(folder).parts
            places = [i for i, part in enumerate(parts[:-1]) if CLASS_FOLDER.fullmatch(part)]
            if places:
                yield Path(*parts[places[-1] :]), path
            elif re.fullmatch(r"def_\d+\.csv", path.name):
                yield Path(path.name), path

"""Images that `dagm import` brought: copied for the pipeline once they are what the manifest says.

The manifest, not the folder, is what the pipeline depends on: git tracks it, and it names counts
and digests, and no path outside the project.
"""

import shutil
from pathlib import Path
from typing import Any

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, read_json
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import is_store

Manifest = dict[str, Any]


def read_manifest(path: Path) -> Manifest:
    """The manifest of what was imported: kind, groups, digest; without groups where nothing was.

    Raises:
        UserError: it is not what an import wrote, as after a merge that git left undecided.
    """
    if not path.exists():
        return {"kind": None, "groups": {}}
    try:
        content: Manifest = read_json(path)
        known = content["kind"] is None or isinstance(content["digest"], str)
        if known and all(isinstance(group, dict) for group in content["groups"].values()):
            return content
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise UserError(
        f"{path}: not as `dagm import` writes it; restore it by `git checkout`, or delete it and "
        "import again"
    )


def imported_groups(path: Path, kind: str) -> dict[str, dict[str, Any]]:
    """What the manifest says of each group: `normal`, `defective`, and what is `missing` in words.

    Raises:
        UserError: images of this kind were not imported.
    """
    manifest = read_manifest(path)
    if manifest["kind"] != kind:
        was = "nothing" if manifest["kind"] is None else f"images of kind {manifest['kind']}"
        raise UserError(
            f"data.images.kind: {kind}, but {was} was imported; run `dagm import PATH`, or set "
            "the kind that was"
        )
    groups: dict[str, dict[str, Any]] = manifest["groups"]
    return groups


def imported_bits(path: Path) -> int:
    """Bits a pixel that the images had before they were imported."""
    bits: int = read_manifest(path).get("bits", 8)
    return bits


def acquire_imported(places: Places) -> None:
    """Copy what was imported to where the pipeline takes images from.

    Raises:
        UserError: the images are not those of the manifest.
    """
    digest = read_manifest(places.imported)["digest"]
    # A clone that pulled the raw images needs no imported folder.
    if is_store(places.raw, digest):
        return
    if not is_store(places.incoming, digest):
        raise UserError(
            f"{places.incoming}: is not what {places.imported} describes; run `dagm import PATH` "
            "again, or `dvc pull` the raw images"
        )
    with beside(places.raw) as draft:
        shutil.copytree(places.incoming, draft)

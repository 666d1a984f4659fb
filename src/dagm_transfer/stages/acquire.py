"""Stage `acquire`: raw images under DVC, drawn here or taken from what was imported."""

import shutil
from collections.abc import Callable
from pathlib import Path

from dagm_transfer.config.data import Data
from dagm_transfer.data.importing import digest_of_tree, missing_images, read_manifest
from dagm_transfer.data.synthetic.write import write_dataset
from dagm_transfer.errors import UserError
from dagm_transfer.files import beside

Progress = Callable[[int, int], None]


def acquire(
    data: Data, *, raw: Path, incoming: Path, imported: Path, workers: int, on_image: Progress
) -> None:
    """Put the raw images at `raw`.

    Raises:
        UserError: imported images are missing, incomplete or changed.
    """
    if data.kind == "synthetic":
        write_dataset(
            raw,
            textures=data.textures,
            normal=data.synthetic.normal,
            defective=data.synthetic.defective,
            seed=data.synthetic.seed,
            size=data.synthetic.size,
            workers=workers,
            on_image=on_image,
        )
        return
    manifest = read_manifest(imported)
    missing = missing_images(manifest, data.textures)
    if missing and not data.allow_partial:
        texture, said = next(iter(missing.items()))
        raise UserError(
            f"texture {texture}: {said}; import the rest, or set data.allow_partial: true"
        )
    # A clone that pulled the raw images needs no imported folder.
    if raw.exists() and digest_of_tree(raw) == manifest["digest"]:
        return
    if not incoming.exists() or digest_of_tree(incoming) != manifest["digest"]:
        raise UserError(
            f"{incoming}: is not what {imported} describes; run `dagm import PATH` again, "
            "or `dvc pull` the raw images"
        )
    with beside(raw) as draft:
        shutil.copytree(incoming, draft)

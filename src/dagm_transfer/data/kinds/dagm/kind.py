"""Images of DAGM 2007 that were imported, whole or in part."""

import shutil
from collections.abc import Callable
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.data.kinds.dagm import layout
from dagm_transfer.data.kinds.dagm.importing import digest_of_tree, missing_images, read_manifest
from dagm_transfer.data.kinds.record import Record
from dagm_transfer.data.settings import Data


class DagmLayout:
    """Images that lie as DAGM's do, in whichever of its layouts."""

    def groups(self, data: Data) -> dict[str, int]:
        """A group a texture."""
        return {layout.group_name(texture): texture for texture in data.textures}

    def index(self, data: Data, raw: Path) -> list[Record]:
        """Every image, in a fixed order."""
        return layout.index(raw, data.textures)

    def weak_label(self, raw: Path, record: Record) -> Ellipse | None:
        """From its mask, or as the older release lists it."""
        return layout.weak_label(raw, record)


class Dagm(DagmLayout):
    """What `dagm import` brought.

    Args:
        incoming: where it lies.
        imported: the manifest that describes it.
    """

    title = "DAGM 2007 images"

    def __init__(self, incoming: Path, imported: Path):
        self._incoming, self._imported = incoming, imported

    def acquire(
        self, data: Data, raw: Path, workers: int, on_image: Callable[[int, int], None]
    ) -> None:
        """Copy what was imported.

        Raises:
            UserError: images are missing, incomplete or changed.
        """
        del workers, on_image
        manifest = read_manifest(self._imported)
        missing = missing_images(manifest, data.textures)
        if missing and not data.allow_partial:
            group, said = next(iter(missing.items()))
            raise UserError(f"{group}: {said}; import the rest, or set data.allow_partial: true")
        # A clone that pulled the raw images needs no imported folder.
        if raw.exists() and digest_of_tree(raw) == manifest["digest"]:
            return
        incoming = self._incoming
        if not incoming.exists() or digest_of_tree(incoming) != manifest["digest"]:
            raise UserError(
                f"{incoming}: is not what {self._imported} describes; run `dagm import PATH` "
                "again, or `dvc pull` the raw images"
            )
        with beside(raw) as draft:
            shutil.copytree(incoming, draft)

    def missing(self, data: Data) -> dict[str, str]:
        """Against the release."""
        return missing_images(read_manifest(self._imported), data.textures)

"""A local trunk brought into the project, and described by a manifest that git tracks."""

from pathlib import Path

from safetensors.torch import save_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, write_json
from dagm_transfer.source.origins import Unreachable, digest_of_trunk, from_file


def import_trunk(path: Path, incoming: Path, manifest: Path) -> str:
    """Copy a trunk to where the stage `source` looks for it; the digest of its tensors.

    Raises:
        UserError: the file is missing, or holds no VGG16 trunk.
    """
    try:
        trunk = from_file(path)
    except Unreachable:
        raise UserError(f"{path}: not found; name a safetensors file of VGG16 weights") from None
    with beside(incoming) as draft:
        save_file(trunk, draft)
    digest = digest_of_trunk(trunk)
    write_json(manifest, {"trunk": digest})
    return digest

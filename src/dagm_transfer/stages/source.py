"""Stage `source`: the ImageNet-trained trunk as a safetensors file, and where it came from."""

from pathlib import Path

from safetensors.torch import save_file

from dagm_transfer.errors import UserError
from dagm_transfer.files import beside, write_json
from dagm_transfer.models.source import (
    Source,
    Unreachable,
    digest_of_trunk,
    find_source,
    from_file,
)


def source(origin: str, *, incoming: Path, trunk: Path, facts: Path) -> Source:
    """Write the trunk and its facts: the origin that served, and the digest of the tensors."""
    found = find_source(origin, incoming)
    with beside(trunk) as draft:
        save_file(found.trunk, draft, {"origin": found.origin, "digest": found.digest})
    write_json(facts, {"origin": found.origin, "digest": found.digest})
    return found


def import_trunk(path: Path, incoming: Path, manifest: Path) -> str:
    """Copy a trunk to where the stage looks for it; the digest of its tensors.

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

"""Stage `source`: the ImageNet-trained trunk as a safetensors file, and where it came from."""

from pathlib import Path

from safetensors.torch import save_file

from dagm_transfer.core.files import beside, write_json
from dagm_transfer.source.origins import Found, find_source
from dagm_transfer.source.paths import FACTS, INCOMING, TRUNK
from dagm_transfer.source.settings import Source


def source(settings: Source, *, root: Path) -> Found:
    """Write the trunk and its facts: the origin that served, and the digest of the tensors.

    The file has no metadata: safetensors writes it in the order of Python's hashes, other bytes in
    every process.
    """
    found = find_source(settings.origin, root / INCOMING)
    with beside(root / TRUNK) as draft:
        save_file(found.trunk, draft)
    write_json(root / FACTS, {"origin": found.origin, "digest": found.digest})
    return found

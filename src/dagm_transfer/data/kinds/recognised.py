"""Which kind of data lies in a tree of files."""

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.notes import shown
from dagm_transfer.data.bringing.tree import IMAGE_SUFFIXES, Tree
from dagm_transfer.data.kinds.folder.near_miss import near_miss
from dagm_transfer.data.kinds.kind import Importable
from dagm_transfer.data.kinds.registry import IMPORTABLE


def recognised(tree: Tree, good: frozenset[str]) -> type[Importable]:
    """The last kind that these files are of.

    Args:
        tree: the files.
        good: names of the class without defects, in lower case.

    Raises:
        UserError: they are of none.
    """
    for kind in reversed([*IMPORTABLE.values()]):
        if kind.recognise(tree, good):
            return kind
    raise unrecognised(tree)


def kind_called(name: str) -> type[Importable]:
    """The kind that params.yaml calls so.

    Raises:
        UserError: no kind whose images are imported is called so.
    """
    if name not in IMPORTABLE:
        raise UserError(f"--as {name}: no such kind of images; there are {', '.join(IMPORTABLE)}")
    return IMPORTABLE[name]


def unrecognised(tree: Tree) -> UserError:
    """What to say of files that are laid out as no kind is."""
    if not any(file.name.suffix.lower() in IMAGE_SUFFIXES for file in tree.files):
        return UserError(f"{shown(tree.source)}: holds no image (PNG, JPEG, BMP or TIFF)")
    layouts = "; or ".join(kind.layouts for kind in IMPORTABLE.values())
    near = near_miss(tree)
    nearly = f" ({near})" if near else ""
    return UserError(
        f"{shown(tree.source)}: not laid out as images can be imported{nearly}: {layouts}"
    )

"""What is nearly folders of classes, or a table of labels: what to do so that it is."""

from dagm_transfer.data.bringing.notes import NAMED, shown
from dagm_transfer.data.bringing.tree import Tree
from dagm_transfer.data.kinds.folder.label_table import COLUMNS, unread_headers
from dagm_transfer.data.kinds.folder.mask_files import tell_apart
from dagm_transfer.data.kinds.folder.placed import place
from dagm_transfer.data.kinds.folder.scan import DAGM


def near_miss(tree: Tree) -> str | None:
    """The header of a table that names no path or no label, or folders of which one may be good.

    Args:
        tree: files that are laid out as no kind is.
    """
    for name, header in unread_headers(tree.files).items():
        path, label = (", ".join(COLUMNS[column]) for column in ("path", "label"))
        columns = ", ".join(shown(cell) for cell in header)
        return (
            f"{shown(name)} has the columns {columns}, but needs one for the path ({path}) and one "
            f"for the label ({label})"
        )
    if any(DAGM.search(f"/{file.name}") for file in tree.files):
        return None
    images, _, _ = tell_apart(place(tree.files))
    folders = sorted({image.folders[-1] for image in images if image.folders})
    if len(folders) < 2:
        return None
    first = ", ".join(shown(name) for name in folders[:NAMED])
    more = f" and {len(folders) - NAMED} more" if len(folders) > NAMED else ""
    return f"if one of the folders {first}{more} holds the good ones, say so with --good NAME"

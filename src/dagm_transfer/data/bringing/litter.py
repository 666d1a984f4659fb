"""What file managers, editors and file systems leave in folders: nobody's data."""

from pathlib import PurePath

LITTER = {
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__pycache__", "lost+found",
    "system volume information", "$recycle.bin", "@eadir", "@recycle", "@recently-snapshot", "@tmp",
    "#recycle", "#snapshot",
}  # fmt: skip


def is_litter(path: PurePath) -> bool:
    """Whether a file or a folder above it is a trace of a file manager or an editor.

    >>> [is_litter(PurePath(name)) for name in ("Class1/._1.png", "__MACOSX/1.png", "Class1/1.png")]
    [True, True, False]

    Names of people's own, however odd, are none:

    >>> [is_litter(PurePath(name)) for name in ("#3/1.png", "@2x.png", "__a/1.png", "#1.png#")]
    [False, False, False, True]
    """
    return any(
        part.startswith((".", "~$"))
        or part.endswith("~")
        or (part.startswith("#") and part.endswith("#"))
        or part.lower() in LITTER
        for part in path.parts
    )

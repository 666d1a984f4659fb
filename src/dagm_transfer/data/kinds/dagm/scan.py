"""What of a tree of files is DAGM 2007."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.plan import Found, Plan
from dagm_transfer.data.bringing.tree import File, Tree
from dagm_transfer.data.kinds.dagm.copies import each_once
from dagm_transfer.data.kinds.dagm.official import read_half
from dagm_transfer.data.kinds.dagm.older import read_texture
from dagm_transfer.data.kinds.dagm.places import (
    HALF_FOLDERS,
    OLDER,
    ClassFolder,
    Place,
    Sorted,
    class_folder,
    home_of,
    parts_of,
    sort,
)

HALVES = tuple(HALF_FOLDERS.values())
NAMED = 4  # folders that a reason names

Placed = Mapping[Place, list[File]]


def recognise(tree: Tree) -> str | None:
    """Why these files are DAGM's, in words; None where they are not."""
    return _reason(sort(tree.files))


def plan(tree: Tree) -> Plan:
    """Every texture in the tree, in whichever layout."""
    files = sort(tree.files)
    found: list[Found] = []
    notes: list[Note] = []
    used: set[File] = set()
    for texture in sorted({place.texture for place in files.placed}):
        placed = {place: own for place, own in files.placed.items() if place.texture == texture}
        images, said, of_it = _texture(texture, placed)
        found += images
        notes += said
        used |= of_it
    notes += _of_no_texture(tree, files, used)
    if not found and not any(note.kind == "refused" for note in notes):
        text = f"{shown(tree.source)}: no images of DAGM's in it; name a folder or zip of Class1, "
        notes.append(Note("refused", f"{text}Class2, ... with images and labels"))
    return Plan("dagm", _reason(files) or "", tuple(found), tuple(notes))


def _texture(texture: int, placed: Placed) -> tuple[list[Found], list[Note], set[File]]:
    """The images of a texture, what is to be said of it, and the files that this is all of."""
    first = {place.part: own[0].name for place, own in placed.items() if place.role == "image"}
    official = [first[half] for half in HALVES if half in first]
    if official and "defective" in first:
        new, old = shown(home_of(official[0])), shown(home_of(first["defective"]))
        text = f"{new} is texture {texture} in the official layout, {old} in the older one"
        note = Note("refused", f"{text}; bring one of them alone")
        return [], [note], {file for own in placed.values() for file in own}
    # Without defective images, numbered ones beside an official texture are no release.
    layout = OLDER if first and not official else HALVES
    placed = {place: own for place, own in placed.items() if place.part in layout}
    once, notes = each_once(placed)
    parts = parts_of(once)
    if layout == OLDER:
        found, said = read_texture(texture, parts["normal"], parts["defective"])
    else:
        halves = [read_half(texture, half, parts[half]) for half in HALVES]
        found = [image for images, _ in halves for image in images]
        said = [note for _, of_half in halves for note in of_half]
    return found, notes + said, {file for own in placed.values() for file in own}


def _of_no_texture(tree: Tree, files: Sorted, used: set[File]) -> Iterator[Note]:
    """What is to be said of files that are of no texture, or of none that DAGM has."""
    for path, question in files.unplaced.items():
        yield Note("refused", f"{shown(path)}: {question}")
    for folder, foreign in files.foreign.items():
        what = f"in {shown(folder.path)}, and DAGM has textures 1 to 10"
        yield Note("left out", listed("file", what, [file.name for file in foreign]))
    said = used.union(*files.foreign.values())
    strays: dict[ClassFolder | None, list[File]] = defaultdict(list)
    for file in tree.files:
        if file not in said and not files.unplaced.keys() & {*file.name.parents}:
            strays[class_folder(file.name)].append(file)
    for home, own in strays.items():
        what = f"no part of the release in {shown(home.path)}" if home else "in no class folder"
        yield Note("left out", listed("file", what, [file.name for file in own]))


def _reason(files: Sorted) -> str | None:
    halves = {place for place in files.placed if place.part in HALVES}
    older = {place for place in files.placed if place.part in OLDER and place.role == "image"}
    reasons: list[str] = []
    if halves:
        labels = any(place.role == "labels" for place in halves)
        names = [f"Class{texture}" for texture in sorted({place.texture for place in halves})]
        inside = "Labels.txt" if labels else "Train or Test"
        reasons.append(f"{_folders(names)} with {inside}, as in the official release")
    if older and not _are_others(files):
        kinds = sorted({(place.texture, place.part == "defective") for place in older})
        names = [f"Class{texture}{'_def' * defective}" for texture, defective in kinds]
        reasons.append(f"{_folders(names)} of numbered images, as in the older release")
    if files.unplaced and not reasons:
        folder = next(iter(files.unplaced))
        reasons.append(f"{_folders([folder.name])} with Label, as in the official release")
    return "; ".join(reasons) or None


def _are_others(files: Sorted) -> bool:
    """Whether `class1` and the like are people's own classes: normal images below train or test."""
    placed = files.placed.items()
    homes = [class_folder(file.name) for place, own in placed for file in own]
    return all(
        home is not None
        and not home.defective
        and any(part.lower() in HALF_FOLDERS for part in home.path.parts)
        for home in homes
    )


def _folders(names: list[str]) -> str:
    more = ", ..." if len(names) > NAMED else ""
    return f"folder{'' if len(names) == 1 else 's'} {', '.join(names[:NAMED])}{more}"

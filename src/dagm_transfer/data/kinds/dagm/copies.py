"""One file for each place of the release, where a source holds some twice."""

import filecmp
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePosixPath

from dagm_transfer.data.bringing.notes import Note, listed, shown
from dagm_transfer.data.bringing.tree import File
from dagm_transfer.data.kinds.dagm.places import Place, home_of

Pairs = dict[tuple[PurePosixPath, PurePosixPath], list[tuple[File, File]]]


def each_once(placed: Mapping[Place, list[File]]) -> tuple[dict[Place, File], list[Note]]:
    """The first file of each place, and what is to be said of the others.

    Those of the same bytes are left out; of others it cannot be told which one is meant.
    """
    same: Pairs = defaultdict(list)
    different: Pairs = defaultdict(list)
    for first, *others in placed.values():
        for other in others:
            equal = filecmp.cmp(first.origin, other.origin, shallow=False)
            folders = home_of(first.name), home_of(other.name)
            (same if equal else different)[folders].append((first, other))
    notes = [Note("left out", _same(pairs)) for pairs in same.values()]
    notes += [Note("refused", _different(pairs)) for pairs in different.values()]
    return {place: files[0] for place, files in placed.items()}, notes


def _same(pairs: list[tuple[File, File]]) -> str:
    first, other = pairs[0]
    what = f"the same byte for byte as what lies in {shown(home_of(first.name))}"
    if first.name == other.name:
        what = "there once more in a zip, the same byte for byte"
    return listed("file", what, [other.name for _, other in pairs])


def _different(pairs: list[tuple[File, File]]) -> str:
    first, other = (shown(file.name) for file in pairs[0])
    two = f"{first} and {other}" if first != other else f"{first}, unpacked and in a zip"
    more = f" (and {len(pairs) - 1} more such pairs)" if len(pairs) > 1 else ""
    return f"{two}: two different files for one in the release{more}; bring one of them alone"

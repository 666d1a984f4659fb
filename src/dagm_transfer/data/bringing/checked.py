"""All that is known of images before they are brought in."""

from collections.abc import Callable
from dataclasses import dataclass

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.converted import converted
from dagm_transfer.data.bringing.look import Looked, look
from dagm_transfer.data.bringing.notes import Note, shown
from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.refused import refused
from dagm_transfer.data.bringing.tree import Tree
from dagm_transfer.data.bringing.warned import warned
from dagm_transfer.data.kinds.kind import Importable
from dagm_transfer.data.kinds.recognised import unrecognised

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Checked:
    """Images of a source: what they are, and what is to be said of them.

    Attributes:
        tree: the files.
        kind: of data.
        plan: what would be brought in.
        looked: what reading it found.
        notes: of the files, their names and labels, and their content.
    """

    tree: Tree
    kind: type[Importable]
    plan: Plan
    looked: Looked
    notes: tuple[Note, ...]

    def said(self, kind: str) -> list[str]:
        """The texts of the notes of one kind."""
        return [note.text for note in self.notes if note.kind == kind]

    def importable(self, words: str) -> None:
        """Nothing, where the images can be brought in.

        Args:
            words: what is to be typed after `dagm check` to see every reason.

        Raises:
            UserError: they cannot; the first reason of all.
        """
        if reasons := self.said("refused"):
            more = len(reasons) - 1
            rest = f" (and {more} more: `dagm check {words}` lists them)" if more else ""
            raise UserError(f"{shown(self.tree.source)}: {reasons[0]}{rest}")


def checked(
    tree: Tree, kind: type[Importable], good: frozenset[str], workers: int, on_image: Progress
) -> Checked:
    """Read every image of a tree that is of a kind.

    Args:
        tree: the files.
        kind: of data, that they are taken for.
        good: names of the class without defects, in lower case.
        workers: threads.
        on_image: told how many images were read.

    Raises:
        UserError: no file is an image of this kind.
    """
    plan = kind.plan(tree, good)
    looked = look(plan, workers, on_image)
    seen = (*refused(plan, looked), *warned(plan, looked), *converted(plan, looked))
    notes = (*tree.notes, *plan.notes, *seen)
    if not plan.found and not any(note.kind == "refused" for note in notes):
        raise unrecognised(tree)
    return Checked(tree, kind, plan, looked, notes)

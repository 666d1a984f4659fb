"""What of a tree of files is DAGM 2007."""

import re

from dagm_transfer.data.bringing.plan import Plan
from dagm_transfer.data.bringing.tree import Tree

CLASS_FOLDER = re.compile(r"Class(\d+)(_def)?", re.IGNORECASE)


def recognise(tree: Tree) -> str | None:
    """Why these files are DAGM's, in words; None where they are not."""
    raise NotImplementedError


def plan(tree: Tree) -> Plan:
    """Every texture in the tree, in whichever layout."""
    raise NotImplementedError

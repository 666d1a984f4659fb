"""Names that a user gives and a folder bears."""

import re

from dagm_transfer.core.errors import UserError


def checked_name(name: str, option: str = "") -> str:
    """The name.

    Raises:
        UserError: it could lead elsewhere, or is none.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        raise UserError(f"{option}{name!r} is no name; letters, digits, '_', '-' and '.' make one")
    return name

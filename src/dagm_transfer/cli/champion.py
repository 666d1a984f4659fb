"""The run that the report found best, as the commands know it."""

from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.report.paths import CHAMPION


def champion_key(root: Path) -> str | None:
    """Its key; None where there is no report, or no run that ended with a finite loss.

    Raises:
        UserError: what the report left is damaged.
    """
    path = root / CHAMPION
    if not path.exists():
        return None
    try:
        key: str | None = read_json(path)["key"]
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{path}: not as the stage report writes it; `dvc repro` does") from error
    return key


def key_or_champion(key: str | None, root: Path, name_one: str) -> str:
    """What was named, or else the champion.

    Args:
        key: that was named.
        root: where the pipeline runs.
        name_one: how another is named, in words.

    Raises:
        UserError: neither is there.
    """
    if key == "":
        raise UserError(f"an empty name of a run; {name_one}")
    if key is None and not (root / CHAMPION).exists():
        raise UserError(f"{CHAMPION}: not there yet; `dvc repro` makes it, or {name_one}")
    found = key or champion_key(root)
    if found is None:
        raise UserError(f"{CHAMPION}: no run ended with a finite loss; {name_one}")
    return found

"""What stages that are run seed by seed left: a folder for each seed, of which some are there."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.training.paths import seed_of

Runs = Mapping[int, Sequence[str]]  # the keys of runs that are laid side by side, by seed


def folder_of(seed: int, below: Path) -> Path:
    """The folder of a seed, below that of a stage.

    >>> folder_of(2, Path("reports/responses")).as_posix()
    'reports/responses/seed-2'
    """
    return below / f"seed-{seed}"


def folders_there(below: Path, seeds: Iterable[int]) -> dict[int, Path]:
    """Those of these seeds that are there; others, of seeds that a study has no more, are not."""
    folders = {seed: folder_of(seed, below) for seed in seeds}
    return {seed: folder for seed, folder in folders.items() if folder.exists()}


def by_seed(keys: Iterable[str]) -> dict[int, list[str]]:
    """Keys of runs by their seeds, the least first.

    >>> by_seed(["finetune-s1", "scratch_aug-s0", "finetune-s0"])
    {0: ['scratch_aug-s0', 'finetune-s0'], 1: ['finetune-s1']}
    """
    found: dict[int, list[str]] = {}
    for key in keys:
        found.setdefault(seed_of(key), []).append(key)
    return dict(sorted(found.items()))


def drawn_seed(there: Iterable[int], runs: Runs) -> int:
    """Of which of the seeds that are there pictures are shown: the first that has most runs.

    >>> drawn_seed([0, 1, 2], {0: ["a-s0"], 1: ["a-s1", "b-s1"], 2: ["a-s2", "b-s2"]})
    1
    """
    return max(there, key=lambda seed: (len(runs.get(seed, ())), -seed))


def check_whole(folder: Path, found: Iterable[str], wanted: Iterable[str], stage: str) -> None:
    """That a folder tells of all runs of its seed.

    Raises:
        UserError: it was made before one of them was laid beside the others.
    """
    if missing := sorted({*wanted} - {*found}):
        raise UserError(f"{folder}: nothing of {missing[0]}; `dvc repro {stage}` makes it anew")

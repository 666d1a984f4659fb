"""A run from the parameters, and the lock that one process holds on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.params import Params
from dagm_transfer.source.paths import FACTS, TRUNK

if TYPE_CHECKING:
    from dagm_transfer.training.run import Run


def run_of(params: Params, variant: str, seed: int) -> "Run":
    """The run of a variant and a seed over what lies in the project.

    Raises:
        UserError: there is no such variant, or no data or trunk yet.
    """
    from dagm_transfer.data.prepared import Prepared
    from dagm_transfer.training.run import Run

    if variant not in params.variants:
        raise UserError(f"no variant {variant}; params.yaml has {', '.join(params.variants)}")
    for path in (PREPARED / "facts.json", TRUNK):
        if not path.exists():
            raise UserError(f"{path}: not there yet; `dvc repro` makes it")
    return Run(
        variant=variant,
        seed=seed,
        settings=params.variants[variant],
        model=params.model,
        train=params.train,
        data=Prepared(PREPARED).for_seed(seed),
        trunk=TRUNK,
        trunk_facts=FACTS,
    )


@contextmanager
def locked(lock: Path, key: str) -> Iterator[None]:
    """Alone at this run: a killed DVC can leave its training alive."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout:
        raise UserError(
            f"{key}: another process is training this run; wait for it, or end it, and start again"
        ) from None

"""Working files: what outlives a stage but is no output of it; and the checkout they belong to."""

import os
from dataclasses import dataclass
from pathlib import Path


def project_root() -> Path:
    """The checkout that the store and the working files belong to.

    DVC runs queued experiments in a temporary copy and names the real checkout in DVC_ROOT;
    elsewhere it is the nearest folder above that holds dvc.yaml and params.yaml.
    """
    if named := os.environ.get("DVC_ROOT"):
        return Path(named).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "params.yaml").exists() and (folder / "dvc.yaml").exists():
            return folder
    return here


@dataclass(frozen=True)
class WorkPaths:
    """Checkpoints, growing logs, caches and locks, below `.work/` of a checkout.

    A `name` is that of a run: its identity and its environment, shortened (see `events.identity`).
    """

    root: Path

    @property
    def folder(self) -> Path:
        """All of it."""
        return self.root / ".work"

    def run(self, name: str) -> Path:
        """The folder in which one run grows."""
        return self.folder / "runs" / name

    def lock(self, name: str) -> Path:
        """Held by the process that trains this run."""
        return self.locks / f"{name}.lock"

    @property
    def cache(self) -> Path:
        """Outputs of frozen layers that trials share."""
        return self.folder / "cache"

    @property
    def locks(self) -> Path:
        """Files that living processes hold."""
        return self.folder / "locks"

    @property
    def logs(self) -> Path:
        """Every finished log."""
        return self.folder / "logs"

    def finished_log(self, name: str, kind: str) -> Path:
        """A finished log, kept after another run has taken its place among the outputs."""
        return self.logs / f"{name}.{kind}.jsonl"

    @property
    def store_lock(self) -> Path:
        """Held while the tracking store is created."""
        return self.locks / "store.lock"

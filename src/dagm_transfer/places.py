"""Where things lie: the names of the pipeline's files, and the roots they hang from."""

import os
from dataclasses import dataclass
from pathlib import Path

RAW = Path("data/raw")
INCOMING = Path("data/incoming")
IMPORTED = Path("data/imported.json")
PREPARED = Path("data/prepared")
SOURCE = Path("models/source.safetensors")
SOURCE_FACTS = Path("reports/source.json")
SOURCE_INCOMING = Path("models/incoming/trunk.safetensors")
SOURCE_IMPORTED = Path("models/imported.json")
REPORT = Path("reports/index.html")
FIGURES = Path("reports/figures")


@dataclass(frozen=True)
class RunPlaces:
    """The outputs of one run, below the folder that the pipeline runs in."""

    key: str

    @property
    def model(self) -> Path:
        """The trained weights."""
        return Path(f"models/{self.key}.safetensors")

    @property
    def metrics(self) -> Path:
        """The final metrics."""
        return Path(f"reports/runs/{self.key}.json")

    @property
    def log(self) -> Path:
        """The event log of the training."""
        return Path(f"reports/runs/{self.key}.jsonl")

    @property
    def curve(self) -> Path:
        """One row an evaluation."""
        return Path(f"reports/curves/{self.key}.csv")

    @property
    def judged(self) -> Path:
        """One row a judged image."""
        return Path(f"reports/judged/{self.key}.csv")

    @property
    def layers(self) -> Path:
        """One row a depth."""
        return Path(f"reports/layers/{self.key}.csv")

    @property
    def layers_log(self) -> Path:
        """The event log of the analysis."""
        return Path(f"reports/layers/{self.key}.jsonl")


@dataclass(frozen=True)
class SweepPlaces:
    """The files of one study, below the folder that the pipeline runs in."""

    study: str

    @property
    def folder(self) -> Path:
        """The page and its figures."""
        return Path("reports/sweeps") / self.study

    @property
    def journal(self) -> Path:
        """The study itself, where no other storage is named."""
        return self.folder / "journal.log"

    @property
    def logs(self) -> Path:
        """The event logs of its trials."""
        return self.folder / "logs"


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
class WorkPlaces:
    """What outlives a stage but is no output of it: checkpoints, growing logs, locks."""

    root: Path

    def run(self, identity: str) -> Path:
        """The folder in which one run grows."""
        return self.root / ".work" / "runs" / identity[:16]

    @property
    def cache(self) -> Path:
        """Outputs of frozen layers that trials share."""
        return self.root / ".work" / "cache"

    @property
    def locks(self) -> Path:
        """Files that living processes hold."""
        return self.root / ".work" / "locks"

    def lock(self, identity: str) -> Path:
        """Held by the process that trains this run."""
        return self.locks / f"{identity[:16]}.lock"

    @property
    def logs(self) -> Path:
        """Every finished log."""
        return self.root / ".work" / "logs"

    def finished_log(self, identity: str, kind: str) -> Path:
        """A finished log, kept after another run has taken its place among the outputs."""
        return self.logs / f"{identity[:16]}.{kind}.jsonl"

    @property
    def store_lock(self) -> Path:
        """Held while the tracking store is created."""
        return self.locks / "store.lock"

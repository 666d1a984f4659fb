"""What a sweep writes, and where its study is kept."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.work import WorkPaths
from dagm_transfer.report.paths import SWEEPS


@dataclass(frozen=True)
class SweepPaths:
    """The files of one study, below the folder that the pipeline runs in."""

    study: str

    @property
    def folder(self) -> Path:
        """The page and its figures."""
        return SWEEPS / self.study

    @property
    def table(self) -> Path:
        """One row a trial."""
        return self.folder / "trials.csv"

    @property
    def logs(self) -> Path:
        """The event logs of its trials."""
        return self.folder / "logs"

    def log(self, number: int) -> Path:
        """The event log of one trial."""
        return self.logs / f"trial-{number:04d}.jsonl"

    def database(self, work: WorkPaths) -> Path:
        """The study itself, where no storage is named: it outlives the outputs."""
        return work.folder / "sweeps" / f"{self.study}.db"

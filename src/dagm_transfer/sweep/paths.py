"""What a sweep writes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SweepPaths:
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

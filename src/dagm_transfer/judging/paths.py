"""What the stage `judge` writes."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JudgingPaths:
    """What is known of one run's worth, below the folder that the pipeline runs in."""

    key: str

    @property
    def metrics(self) -> Path:
        """The final metrics."""
        return Path(f"reports/runs/{self.key}.json")

    @property
    def table(self) -> Path:
        """One row a judged input or image."""
        return Path(f"reports/judged/{self.key}.csv")

    @property
    def log(self) -> Path:
        """The event log of the judging; it has no timings of its own."""
        return Path(f"reports/judged/{self.key}.jsonl")

    @property
    def card(self) -> Path:
        """What the inspector is, beside its weights."""
        return Path(f"models/{self.key}/card.json")

"""What the stage `judge` writes."""

from dataclasses import dataclass
from pathlib import Path

CARD = "card.json"  # beside the weights
MODELS = Path("models")  # a folder for each run


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
    def windows(self) -> Path:
        """One row a window of a judged whole image."""
        return Path(f"reports/judged/{self.key}-windows.csv")

    @property
    def log(self) -> Path:
        """The event log of the judging; it has no timings of its own."""
        return Path(f"reports/judged/{self.key}.jsonl")

    @property
    def inspector(self) -> Path:
        """The folder that holds the weights, and the card that says how they judge."""
        return MODELS / self.key

    @property
    def card(self) -> Path:
        """What the inspector is, beside its weights."""
        return self.inspector / CARD


def judged_keys(root: Path) -> list[str]:
    """The keys of the runs below a project's root that have a card, sorted."""
    return sorted(card.parent.name for card in (root / MODELS).glob(f"*/{CARD}"))

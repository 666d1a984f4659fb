"""What the stage `train` writes."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.events.log import LogFiles

WEIGHTS = "weights.safetensors"  # in the folder of a trained network


def run_key(variant: str, seed: int) -> str:
    """The name of a run's files.

    >>> run_key("finetune", 0)
    'finetune-s0'
    """
    return f"{variant}-s{seed}"


def seed_of(key: str) -> int:
    """The seed of a run by its key.

    >>> seed_of("lp-s_ft-s12")
    12
    """
    return int(key.rpartition("-s")[2])


@dataclass(frozen=True)
class TrainingPaths:
    """The outputs of one training, below the folder that the pipeline runs in."""

    key: str

    @property
    def weights(self) -> Path:
        """The trained weights."""
        return Path(f"models/{self.key}/{WEIGHTS}")

    @property
    def snapshots(self) -> Path:
        """The trunk at the iterations that `train.snapshots` names."""
        return Path(f"models/{self.key}/snapshots.safetensors")

    @property
    def log(self) -> LogFiles:
        """The event log, and its timings."""
        return LogFiles(
            Path(f"reports/runs/{self.key}.jsonl"), Path(f"reports/timings/{self.key}.json")
        )

    @property
    def curve(self) -> Path:
        """One row an evaluation."""
        return Path(f"reports/curves/{self.key}.csv")

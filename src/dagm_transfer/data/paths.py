"""Where images lie: downloaded, imported, and as the stages `acquire` and `prepare` write them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

DOWNLOADS = Path("data/downloads")
DOWNLOADED = Path("data/downloaded.json")
INCOMING = Path("data/incoming")
IMPORTED = Path("data/imported.json")
RAW = Path("data/raw")
PREPARED = Path("data/prepared")


@dataclass(frozen=True)
class Places:
    """Where images lie before they are prepared.

    Attributes:
        incoming: what `dagm import` brought.
        imported: the manifest that describes it.
        raw: where the pipeline takes images from.
    """

    incoming: Path
    imported: Path
    raw: Path

    @classmethod
    def below(cls, root: Path) -> Self:
        """Those of the project at `root`."""
        return cls(root / INCOMING, root / IMPORTED, root / RAW)

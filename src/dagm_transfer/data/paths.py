"""Where images lie: what is imported, and what the stages `acquire` and `prepare` write."""

from pathlib import Path

INCOMING = Path("data/incoming")
IMPORTED = Path("data/imported.json")
RAW = Path("data/raw")
PREPARED = Path("data/prepared")

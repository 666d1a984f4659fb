"""Where images lie: downloaded, imported, and as the stages `acquire` and `prepare` write them."""

from pathlib import Path

DOWNLOADS = Path("data/downloads")
DOWNLOADED = Path("data/downloaded.json")
INCOMING = Path("data/incoming")
IMPORTED = Path("data/imported.json")
RAW = Path("data/raw")
PREPARED = Path("data/prepared")

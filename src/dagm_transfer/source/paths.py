"""Where the trunk lies: what is imported, and what the stage `source` writes."""

from pathlib import Path

INCOMING = Path("models/incoming/trunk.safetensors")
IMPORTED = Path("models/imported.json")
TRUNK = Path("models/source.safetensors")
FACTS = Path("reports/source.json")

"""What the stage `report` writes, below the folder that the pipeline runs in."""

from pathlib import Path

REPORT = Path("reports/index.html")
FIGURES = Path("reports/figures")
CHAMPION = Path("reports/champion.json")
CLAIMS = Path("reports/claims.json")

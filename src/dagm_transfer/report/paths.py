"""What the stage `report` writes, below the folder that the pipeline runs in."""

from pathlib import Path

REPORT = Path("reports/index.html")
QUALITY = Path("reports/quality.html")
FIGURES = Path("reports/figures")
SHOWN = FIGURES / "runs.json"  # the keys of the runs that are laid side by side in the figures
TILES = FIGURES / "quality"  # the pictures of the page on quality
CHAMPION = Path("reports/champion.json")
CLAIMS = Path("reports/claims.json")
SEARCH = Path("experiments/results/fair_start.json")
SILENCE = Path("experiments/results/sparsity.csv")
SWEEPS = Path("reports/sweeps")  # a folder each

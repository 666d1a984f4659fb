"""What the stages that look inside write, `features` and `layers` first."""

from dataclasses import dataclass
from pathlib import Path

EMBEDDING = Path("reports/embedding")  # the folder of the stage `embed`
TARGET = "target"  # what its tables call all inspected inputs together

INPUTS = "layers.inputs"  # the tag of their log that says how many test inputs they are of

# Below these each seed has a folder of its own (see analysis/of_seeds.py).
RESPONSES = Path("reports/responses")  # see analysis/responses/stored.py
INTERPOLATION = Path("reports/interpolation")
COMPARISON = Path("reports/comparison")  # of pairs of runs: the other may be of the seed before


@dataclass(frozen=True)
class AnalysisPaths:
    """What is known of the layers of one run, below the folder that the pipeline runs in."""

    key: str

    @property
    def features(self) -> Path:
        """The folder of what each depth responds (see analysis/meters/features.py)."""
        return Path(f"reports/features/{self.key}")

    @property
    def layers(self) -> Path:
        """One row a depth and metric."""
        return Path(f"reports/layers/{self.key}.csv")

    @property
    def course(self) -> Path:
        """One row an iteration, depth and metric: none where the run kept no snapshots."""
        return Path(f"reports/course/{self.key}.csv")

    @property
    def flatness(self) -> Path:
        """One row a depth, label and metric."""
        return Path(f"reports/flatness/{self.key}.csv")

    @property
    def weight_change(self) -> Path:
        """One row a depth: what `dvc plots` draws."""
        return Path(f"reports/weight_change/{self.key}.csv")

    @property
    def log(self) -> Path:
        """The event log of the layer metrics; it has no timings of its own."""
        return Path(f"reports/layers/{self.key}.jsonl")


@dataclass(frozen=True)
class EmbeddingPaths:
    """What lies in a folder of the stage `embed`."""

    folder: Path

    @property
    def points(self) -> Path:
        """One row a point of a map."""
        return self.folder / "points.csv"

    @property
    def domains(self) -> Path:
        """One row a trunk, depth, pair of domains and metric."""
        return self.folder / "domains.csv"

    @property
    def facts(self) -> Path:
        """What the domains are."""
        return self.folder / "facts.json"


@dataclass(frozen=True)
class InterpolationPaths:
    """What the stage `interpolate` writes of the compared runs of a seed, in a folder."""

    folder: Path

    @property
    def lines(self) -> Path:
        """A row for each number: key, pair, depth, network, metric, value."""
        return self.folder / "lines.csv"

    @property
    def curves(self) -> Path:
        """A row for each place on each line: the probabilities of both ends and of the rest."""
        return self.folder / "curves.csv"

    @property
    def pictures(self) -> Path:
        """Grey images by name; see `analysis/lines/run_lines.py`."""
        return self.folder / "pictures.safetensors"

    @property
    def facts(self) -> Path:
        """Which pairs, depths, ends and judges there are."""
        return self.folder / "facts.json"


@dataclass(frozen=True)
class ComparisonPaths:
    """What the stage `compare` writes of pairs of runs, in a folder."""

    folder: Path

    @property
    def cka(self) -> Path:
        """One row a pair, depth and metric."""
        return self.folder / "cka.csv"

    @property
    def line(self) -> Path:
        """One row a pair and place on the line between their weights."""
        return self.folder / "line.csv"

    @property
    def pairs(self) -> Path:
        """One row a pair and metric that sums it up."""
        return self.folder / "pairs.csv"

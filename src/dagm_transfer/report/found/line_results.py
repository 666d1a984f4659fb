"""What the stage `interpolate` left, as the page asks for it: by variant, depth and network."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from dagm_transfer.analysis.paths import INTERPOLATION, InterpolationPaths, folder_of
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import read_json
from dagm_transfer.core.tables import read_csv
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.contents import Study
from dagm_transfer.training.paths import seed_of


@dataclass(frozen=True)
class LineResults:
    """The lines of all compared runs.

    Attributes:
        paths: of the tables, for each seed that there are any of.
        keys: the runs of each variant, of those seeds.
    """

    paths: dict[int, InterpolationPaths]
    keys: dict[str, list[str]]

    @classmethod
    def of(cls, study: Study) -> "LineResults":
        """The lines of a study's compared variants.

        Raises:
            UserError: the stage has not run.
        """
        keys = {name: [run.begin.key for run in runs] for name, runs in study.pair.items()}
        return cls.below(study.root, keys)

    @classmethod
    def below(cls, root: Path, keys: dict[str, list[str]]) -> "LineResults":
        """What lies below a project's root.

        Raises:
            UserError: nothing does.
        """
        seeds = sorted({seed_of(key) for of in keys.values() for key in of})
        paths = {seed: InterpolationPaths(folder_of(seed, root / INTERPOLATION)) for seed in seeds}
        there = {seed: of_seed for seed, of_seed in paths.items() if of_seed.facts.exists()}
        if not there:
            raise UserError(f"{root / INTERPOLATION}: nothing of these runs; `dvc repro` makes it")
        found = {name: [k for k in of if seed_of(k) in there] for name, of in keys.items()}
        return cls(there, found)

    @property
    def drawn_seed(self) -> int:
        """The one that pictures are shown of."""
        return min(self.paths)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Which pairs, depths, ends and judges there are; of several seeds the fewest ends."""
        each = [read_json(paths.facts) for paths in self.paths.values()]
        pairs = [
            {**of_seeds[0], "ends": min(pair["ends"] for pair in of_seeds)}
            for of_seeds in zip(*(facts["pairs"] for facts in each), strict=True)
        ]
        judges = {key: judge for facts in each for key, judge in facts["judges"].items()}
        frozen = [key for facts in each for key in facts["frozen"]]
        return {**each[0], "pairs": pairs, "judges": judges, "frozen": frozen}

    @property
    def between_defects(self) -> bool:
        """Whether both ends of every line are defective."""
        return all(pair["a"] % 2 and pair["b"] % 2 for pair in self.facts["pairs"])

    def layer(self, depth: int) -> str:
        """The name of a convolution that lines were drawn behind."""
        return str(self.facts["layers"][str(depth)])

    @cached_property
    def _values(self) -> dict[tuple[str, int, str, str], list[float]]:
        found: dict[tuple[str, int, str, str], list[float]] = {}
        for row in (row for of_seed in self.paths.values() for row in read_csv(of_seed.lines)):
            where = (row["key"], int(row["depth"]), row["network"], row["metric"])
            found.setdefault(where, []).append(float(row["value"]))
        return found

    def of_run(self, key: str, depth: int, network: str, metric: str) -> float:
        """The mean over pairs; NaN where there is none."""
        return finite_mean(self._values.get((key, depth, network, metric), []))

    def mean(self, variant: str, depth: int, network: str, metric: str) -> float:
        """Over seeds and pairs; NaN where there is none."""
        return finite_mean(
            [
                value
                for key in self.keys[variant]
                for value in self._values.get((key, depth, network, metric), [])
            ]
        )

    def seen(self, key: str, pair: str, depth: int) -> NDArray[np.float64] | None:
        """What the judge sees along a line [steps, 3]; None where nobody judged."""
        where = {"key": key, "pair": pair, "depth": str(depth), "network": "judge"}
        rows = [
            [float(row[name]) for name in ("p_a", "p_b", "third")]
            for row in self._curves
            if where.items() <= row.items()
        ]
        return np.array(rows) if rows else None

    @cached_property
    def _curves(self) -> list[dict[str, str]]:
        return [row for of_seed in self.paths.values() for row in read_csv(of_seed.curves)]

    @cached_property
    def pictures(self) -> dict[str, NDArray[np.uint8]]:
        """Those of one seed, by the names that the stage gave them."""
        return load_file(self.paths[self.drawn_seed].pictures)

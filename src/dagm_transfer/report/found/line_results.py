"""What the stage `interpolate` left, as the page asks for it: by variant, depth and network."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from dagm_transfer.analysis.of_seeds import Runs, by_seed, check_whole, drawn_seed, folders_there
from dagm_transfer.analysis.paths import INTERPOLATION, InterpolationPaths
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
            UserError: the stage has not run for any of their seeds, or nothing is compared.
        """
        keys = {name: [run.begin.key for run in runs] for name, runs in study.pair.items()}
        return cls.below(study.root, keys)

    @classmethod
    def below(cls, root: Path, keys: dict[str, list[str]]) -> "LineResults":
        """What lies below a project's root.

        Raises:
            UserError: nothing does.
        """
        runs = by_seed(key for of in keys.values() for key in of)
        there = folders_there(root / INTERPOLATION, runs)
        if not there:
            raise UserError(f"{root / INTERPOLATION}: nothing of these runs; `dvc repro` makes it")
        found = {name: [k for k in of if seed_of(k) in there] for name, of in keys.items()}
        paths = {seed: InterpolationPaths(folder) for seed, folder in there.items()}
        return cls(paths, {name: of for name, of in found.items() if of})

    @cached_property
    def drawn(self) -> dict[str, str]:
        """The runs that pictures are shown of, by variant: all are of one seed."""
        of_seed = self._runs[self.drawn_seed]
        return {name: key for name, of in self.keys.items() for key in of if key in of_seed}

    @cached_property
    def drawn_seed(self) -> int:
        """Of those."""
        return drawn_seed(self.paths, self._runs)

    @cached_property
    def _runs(self) -> Runs:
        return by_seed(key for of in self.keys.values() for key in of)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Which pairs, depths, ends and judges there are; of several seeds the fewest ends."""
        each = {paths.folder: read_json(paths.facts) for paths in self.paths.values()}
        (first, *_) = each.values()
        for folder, facts in each.items():
            if _of_all_seeds(facts) != _of_all_seeds(first):
                raise UserError(
                    f"{folder}: of other lines than those of other seeds; `dvc repro interpolate` "
                    "makes all anew"
                )
        pairs = [
            {**of_seeds[0], "ends": min(pair["ends"] for pair in of_seeds)}
            for of_seeds in zip(*(facts["pairs"] for facts in each.values()), strict=True)
        ]
        judges = {key: judge for facts in each.values() for key, judge in facts["judges"].items()}
        frozen = [key for facts in each.values() for key in facts["frozen"]]
        return {**first, "pairs": pairs, "judges": judges, "frozen": frozen}

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
        for seed, paths in self.paths.items():
            rows = read_csv(paths.lines)
            told = (row["key"] for row in rows)
            check_whole(paths.folder, told, self._runs[seed], "interpolate")
            for row in rows:
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


def _of_all_seeds(facts: dict[str, Any]) -> dict[str, Any]:
    """What the facts of all seeds have to have in common."""
    pairs = [{**pair, "ends": None} for pair in facts["pairs"]]
    return {**facts, "pairs": pairs, "judges": None, "frozen": None}

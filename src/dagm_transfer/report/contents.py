"""What the page is made of: sections with figures and tables, over all that was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagm_transfer.analysis.of_seeds import by_seed
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.figures.base import Figure
from dagm_transfer.report.found.results import Groups, Result, all_runs, overlap_of
from dagm_transfer.report.tables.html_tables import Table

NOT_COMPARED = "No run is compared: name variants under study.compared."


@dataclass(frozen=True)
class Drawing:
    """A figure and its texts."""

    name: str  # of its PNG
    figure: Figure
    alt: str
    caption: str


@dataclass(frozen=True)
class Section:
    """One figure or table of the study, or a thing that it lacks.

    Attributes:
        anchor: of the link in the contents.
        title: what it is about.
        study: where the study shows it, with both numberings; empty where it does not.
        note: how to read what follows.
        published: what the study says, in a sentence; empty where it says nothing.
        found: what we found, in a sentence made from the numbers.
        control: what the control says, in a sentence made from the numbers.
        drawings: the figures, in their order.
        tables: below them.
        terms: that it uses, each with what it means.
    """

    anchor: str
    title: str
    study: str = ""
    note: str = ""
    published: str = ""
    found: str = ""
    control: str = ""
    drawings: Sequence[Drawing] = ()
    tables: Sequence[Table] = ()
    terms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """All that a section may draw on.

    Attributes:
        results: the finished runs by variant.
        compared: the variants that the study lays side by side, among those of `results`.
        best: the champion; None where there is none.
        data: that they were trained on.
        trunk: the source trunk.
        raw: where the raw images lie.
        root: where the pipeline runs: what the stages wrote lies below it.
    """

    results: Groups
    compared: Sequence[str]
    best: Result | None
    data: Prepared
    trunk: Path
    raw: Path
    root: Path

    @property
    def seeds(self) -> list[int]:
        """Of the runs, the least first."""
        return sorted({run.begin.seed for run in all_runs(self.results)})

    @property
    def compared_runs(self) -> dict[int, list[str]]:
        """The keys of the compared variants' runs, by seed."""
        return by_seed(run.begin.key for run in all_runs(self.pair))

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the data are; where each seed tests another fold, those of the first run's."""
        runs = all_runs(self.results)
        return self.data_of(runs[0]).facts if runs else self.data.facts

    @property
    def of_fold(self) -> str:
        """Whose data were counted, where seeds test others; else empty."""
        if self.folds == 1:
            return ""
        seed = all_runs(self.results)[0].begin.seed
        return f"of seed {seed}"

    @property
    def folds(self) -> int:
        """How many the seeds have by turns; 1 where all have the same data."""
        found: int = self.facts.get("folds", 1)
        return found

    @property
    def overlap(self) -> float:
        """Of the data of the seeds."""
        return overlap_of(self.facts)

    def data_of(self, run: Result) -> Prepared:
        """What a run was trained, validated and tested on."""
        return self.data.for_seed(run.begin.seed)

    @property
    def unit(self) -> str:
        """What the network takes in."""
        return "patches" if self.facts["input"] == "patch" else "images"

    @property
    def told(self) -> Groups:
        """Whose numbers stand in sentences: the compared variants' runs, or all if none are."""
        return self.pair or self.results

    @property
    def pair(self) -> Groups:
        """The compared variants' runs."""
        return {name: runs for name, runs in self.results.items() if name in self.compared}

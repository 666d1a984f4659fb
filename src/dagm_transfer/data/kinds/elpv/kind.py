"""The ELPV set: 2,624 cells of 44 solar modules, seen by electroluminescence.

Deitsch et al. 2019, doi 10.1016/j.solener.2019.02.067; Buerhop-Lutz et al. 2018; CC BY-NC-SA 4.0.
300x300 pixels, 8-bit grey, out of the Python package `elpv-dataset`, of which nothing is executed.
Experts gave each cell a probability of being defective: 0, 1/3, 2/3 or 1.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside
from dagm_transfer.core.section import Section
from dagm_transfer.data.kinds.kind import Progress
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import digest_of_store, is_store, records_of, write_index
from dagm_transfer.data.record import Record

PACKAGE = "elpv_dataset"
VERSION = "1.0.0.post1"
# Of the store that its images make.
DIGEST = "b427d34103319f13e89d32685c7b93bf5659647b2b89910f08a5bde305b85384"
NUMBERS = {"mono": 1, "poly": 2}  # seed the drawings of each group
DEFECTIVE = 0.5  # from this probability on
AMBIGUOUS = "ambiguous"  # experts were not sure: 1/3 and 2/3, a sixth of all cells

CellType = Literal["mono", "poly"]


class Elpv(Section):
    """Solar cells of monocrystalline and of polycrystalline silicon, functional or defective."""

    title: ClassVar[str] = "ELPV images of solar cells"
    subject: ClassVar[str] = "cells"

    kind: Literal["elpv"]
    types: Annotated[list[CellType], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.types)) != len(self.types):
            raise ValueError("types: a type stands twice")
        return self

    def acquire(self, places: Places, workers: int, on_image: Progress) -> None:
        """Copy the cells out of the package.

        Raises:
            UserError: the package is not installed, or is another than is known here.
        """
        del workers
        if is_store(places.raw, DIGEST):  # a clone that pulled the cells needs no package
            return
        package = _package()
        records = _records(package / "data" / "labels.csv")
        with beside(places.raw) as draft:
            (draft / "images").mkdir(parents=True)
            for done, record in enumerate(records, start=1):
                shutil.copyfile(package / "data" / record.path, draft / record.path)
                on_image(done, len(records))
            write_index(draft, records)
            if digest_of_store(draft) != DIGEST:
                raise UserError(
                    f"{package}: not the images of {PACKAGE} {VERSION}; install that version by "
                    "`make demo-solar`"
                )

    def groups(self, raw: Path) -> dict[str, int]:
        """A group a type of cell."""
        del raw
        return {name: NUMBERS[name] for name in self.types}

    def index(self, raw: Path) -> list[Record]:
        """The cells of the types that are asked for."""
        return records_of(raw, self.types)

    def bits(self, imported: Path) -> int:
        """Eight."""
        del imported
        return 8

    def missing(self, imported: Path) -> dict[str, str]:
        """Nothing: the package holds all of them."""
        del imported
        return {}


def _package() -> Path:
    """Where the package lies; finding it runs nothing of it."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise UserError(
            f"data.images.kind: elpv needs the package {PACKAGE.replace('_', '-')}, which is not "
            "installed; `make demo-solar` installs it"
        )
    return Path(spec.origin).parent


def _records(labels: Path) -> list[Record]:
    """A record a line of `labels.csv`: path, probability, type, blanks between."""
    return [_record(*line.split()) for line in labels.read_text(encoding="utf-8").splitlines()]


def _record(path: str, probability: str, cell_type: str) -> Record:
    return Record(
        path=Path(path),
        group=cell_type,
        defective=float(probability) >= DEFECTIVE,
        half=None,
        defect=AMBIGUOUS if 0 < float(probability) < 1 else "",
    )

"""The whole of params.yaml, and its only reader."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dagm_transfer.config.base import Section, Seed
from dagm_transfer.config.data import Data
from dagm_transfer.config.sweep import Sweep, Value
from dagm_transfer.config.training import Model, Train, Variant
from dagm_transfer.errors import UserError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Source(Section):
    """Where the ImageNet-trained trunk comes from; `auto` tries the others in their order."""

    origin: Literal["auto", "file", "torchvision", "wheel"]


class Study(Section):
    """Which runs the pipeline makes."""

    variants: Annotated[list[Name], Field(min_length=1)]
    seeds: Annotated[list[Seed], Field(min_length=1)]


class Params(Section):
    """All of params.yaml."""

    study: Study
    data: Data
    source: Source
    model: Model
    train: Train
    variants: dict[Name, Variant]
    sweep: Sweep

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in self.study.variants:
            if name not in self.variants:
                raise ValueError(f"study.variants: {name} has no settings under variants")
        for field in ("variants", "seeds"):
            values = getattr(self.study, field)
            if len(set(values)) != len(values):
                raise ValueError(f"study.{field}: a value stands twice")
        if self.sweep.base not in self.variants:
            raise ValueError(f"sweep.base: {self.sweep.base} has no settings under variants")
        for name, value in self.sweep.ends():
            try:
                self.point({name: value})
            except ValidationError as error:
                said = error.errors()[0]["msg"]
                raise ValueError(f"sweep.space.{name}: {value}: {said.lower()}") from None
        for place, point in enumerate(self.sweep.first):
            try:
                self.point(point)
            except ValidationError as error:
                worst = error.errors()[0]
                raise ValueError(
                    f"sweep.first.{place}.{worst['loc'][0]}: {worst['msg'].lower()}"
                ) from None
        return self

    def point(self, point: Mapping[str, Value]) -> tuple[Variant, Model]:
        """What a point of the sweep trains: the base variant and the model with its values.

        Raises:
            ValidationError: a value is none that a variant or the model can have.
        """
        sweep = self.sweep
        budget = {"iterations": sweep.iterations, "evaluate_every": sweep.evaluate_every}
        variant = {name: value for name, value in point.items() if name in Variant.model_fields}
        model = {name: value for name, value in point.items() if name in Model.model_fields}
        base = self.variants[sweep.base].model_dump()
        return (
            Variant.model_validate({**base, **budget, **variant}),
            Model.model_validate({**self.model.model_dump(), **model}),
        )

    def run_keys(self) -> list[tuple[str, int]]:
        """Variant and seed of every run that the pipeline makes, in its order."""
        return [(variant, seed) for variant in self.study.variants for seed in self.study.seeds]


def load(path: Path) -> Params:
    """Read and check a parameter file.

    Raises:
        UserError: one line that names the file, the key and what it should be.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: not found; run this at the project's root") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as YAML: {_one_line(str(error))}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no sections; `dagm preset demo` puts the demo in its place")
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {_first_problem(error)}") from error


def _first_problem(error: ValidationError) -> str:
    """The first problem in words, and how many more there are.

    A mistyped key is both unknown and missing: the unknown one is what the user wrote.
    """
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"] if not str(part).startswith("["))
    said = first["msg"].removeprefix("Value error, ")
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first["type"] == "extra_forbidden":
        said = "unknown key"
    elif first["type"] == "missing":
        said = "missing"
    elif first["type"] == "value_error":
        # Contradictions between keys name the one to change, below the section they are found in.
        return _one_line(".".join(filter(None, (key, said))) + more)
    else:
        said = f"{said[0].lower()}{said[1:]}, not {first['input']!r}"
    return _one_line(f"{key}: {said}{more}" if key else f"{said}{more}")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

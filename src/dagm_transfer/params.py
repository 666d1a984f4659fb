"""The whole of params.yaml, and its only reader."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dagm_transfer.analysis.settings import Analysis, Compare, Embed, Interpolate, Responses
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.section import Section, Seed
from dagm_transfer.data.settings import Data
from dagm_transfer.inspection.students.settings import Students
from dagm_transfer.judging.settings import Judge
from dagm_transfer.source.settings import Source
from dagm_transfer.sweep.settings import Sweep, Value
from dagm_transfer.training.settings import Machine, Model, Phase, Train, Variant

PARAMS = Path("params.yaml")
HEAD_ALONE = 14  # where a phase begins that trains no depth of the trunk
LONGEST_VALUE, LONGEST_LINE = 80, 300  # characters of what an error shows

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Study(Section):
    """Which runs the pipeline makes."""

    variants: Annotated[list[Name], Field(min_length=1)]
    compared: list[Name]
    seeds: Annotated[list[Seed], Field(min_length=1)]


class Params(Section):
    """All of params.yaml."""

    study: Study
    data: Data
    source: Source
    model: Model
    train: Train
    variants: dict[Name, Variant]
    judge: Judge
    analysis: Analysis
    responses: Responses
    embed: Embed
    interpolate: Interpolate
    compare: Compare
    students: Students
    machine: Machine
    sweep: Sweep

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for field in ("variants", "compared"):
            for name in getattr(self.study, field):
                if name not in self.variants:
                    raise ValueError(f"study.{field}: {name} has no settings under variants")
        for name in self.students.teachers:
            if name not in self.variants:
                raise ValueError(f"students.teachers: {name} has no settings under variants")
        for field in ("variants", "compared", "seeds"):
            values = getattr(self.study, field)
            if len(set(values)) != len(values):
                raise ValueError(f"study.{field}: a value stands twice")
        if self.data.input == "patch" and self.judge.whole.stride > self.data.size:
            raise ValueError("judge.whole.stride: more than data.size leaves gaps between windows")
        return self

    @model_validator(mode="after")
    def _a_sweep_that_can_be_run(self) -> Self:
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
                    f"sweep.first.{place}.{worst['loc'][-1]}: {worst['msg'].lower()}"
                ) from None
        return self

    @property
    def swept_phase(self) -> Phase:
        """The longest phase of the base: a trial has it alone, as long as the sweep says."""
        return max(self.variants[self.sweep.base].phases, key=lambda phase: phase.iterations)

    def point(self, point: Mapping[str, Value]) -> tuple[Variant, Model]:
        """What a point of the sweep trains: the base variant and the model with its values.

        Raises:
            ValidationError: a value is none that a variant or the model can have.
        """
        base = self.variants[self.sweep.base].model_dump()
        own = {name: value for name, value in point.items() if name in Variant.model_fields}
        model = {name: value for name, value in point.items() if name in Model.model_fields}
        phase = {name: value for name, value in point.items() if name in Phase.model_fields}
        phase = {**self.swept_phase.model_dump(), "iterations": self.sweep.iterations, **phase}
        budget = {"evaluate_every": self.sweep.evaluate_every, "phases": [phase]}
        return (
            Variant.model_validate({**base, **budget, **own}),
            Model.model_validate({**self.model.model_dump(), **model}),
        )

    def run_keys(self) -> list[tuple[str, int]]:
        """Variant and seed of every run that the pipeline makes, in its order."""
        return [(variant, seed) for variant in self.study.variants for seed in self.study.seeds]

    def compared(self) -> list[str]:
        """The variants of the study that are laid side by side, in its order."""
        return [name for name in self.study.variants if name in self.study.compared]

    def compared_keys(self) -> list[tuple[str, int]]:
        """Variant and seed of their runs."""
        return [(variant, seed) for variant in self.compared() for seed in self.study.seeds]

    def frozen(self) -> list[str]:
        """The variants of the study, not laid side by side, whose head alone trains."""
        return [
            name
            for name in self.study.variants
            if name not in self.study.compared
            and all(phase.trainable_from == HEAD_ALONE for phase in self.variants[name].phases)
        ]

    def drawn(self) -> list[str]:
        """The variants of the study that begin with a draw: with that of their seed, all alike."""
        return [name for name in self.study.variants if self.variants[name].init == "he"]


class _Constructor(SafeConstructor):
    """Says where a value stands that cannot be made, or could not be shown in a message.

    Such are the date 2007-13-99, numbers of thousands of digits, and half a surrogate pair.
    """

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002
        try:
            made = super().construct_object(node, deep)
            if isinstance(made, str | int):
                str(made).encode()
        except ValueError as error:
            raise MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error
        return made


def load(path: Path) -> Params:
    """Read and check a parameter file.

    Raises:
        UserError: one line that names the file, the key and what it should be.
    """
    try:
        return checked(path.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise UserError(f"{path}: not found; run this at the project's root") from None
    except OSError as error:
        raise UserError(f"{path}: not readable: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not readable as YAML: {_one_line(str(error))}") from error


def checked(text: str, path: Path) -> Params:
    """Check the text of a parameter file that lies, or is to lie, at `path`.

    Raises:
        UserError: one line that names the file, the key and what it should be.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        content = yaml.load(text)
    except RecursionError as error:
        raise UserError(f"{path}: not readable as YAML: nested too deep") from error
    except YAMLError as error:
        raise UserError(f"{path}: not readable as YAML: {_one_line(str(error))}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: holds no sections; `dagm preset demo` puts the demo in its place")
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{path}: {_first_problem(error, content)}") from error


def _first_problem(error: ValidationError, content: Any) -> str:
    """The first problem in words, and at how many more keys there are others.

    A mistyped key is both unknown and missing: the unknown one is what the user wrote.
    """
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    keys = [_key(problem["loc"], problem["type"], content) for problem in problems]
    first, key = problems[0], keys[0]
    said = first["msg"].removeprefix("Value error, ")
    more = f" (and {len(set(keys)) - 1} more)" if len(set(keys)) > 1 else ""
    if first["type"] == "extra_forbidden":
        said = "unknown key"
    elif first["type"] == "missing":
        said = "missing"
    elif first["type"] == "value_error":
        # Contradictions between keys name the one to change, below the section they are found in.
        return _one_line(".".join(filter(None, (key, said))) + more)
    else:
        # Of a union each kind has said what it takes.
        also = [p["msg"] for p, other in zip(problems, keys, strict=True) if other == key][1:]
        said = " or ".join([said, *(msg.removeprefix("Input should be ") for msg in also)])
        said = f"{said[0].lower()}{said[1:]}, not {_shown(first['input'])}"
    return _one_line(f"{key}: {said}{more}" if key else f"{said}{more}")


def _key(loc: tuple[int | str, ...], kind: str, content: Any) -> str:
    """Where a problem is, in the file's own keys: pydantic puts the kinds of a union between."""
    key = []
    for part in loc:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            if kind != "missing" or part != loc[-1]:
                continue
        key.append(str(part))
    return ".".join(key)


def _shown(value: object) -> str:
    """A value as it was written, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _one_line(text: str) -> str:
    """A text without what would break, hide or flood a line of a terminal."""
    line = re.sub(r"\s+", " ", text).strip()
    line = "".join(sign if sign.isprintable() else "?" for sign in line)
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."

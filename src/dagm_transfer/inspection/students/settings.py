"""The section `students`: small networks that learn from trained ones."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dagm_transfer.core.section import Count, Positive, Section, Seed


class StudentSize(Section):
    """Students with one filter in so many, and for how many iterations they train."""

    divisor: Annotated[int, Field(ge=2)]
    iterations: Count


class Students(Section):
    """How students are trained: all sizes and all teachers alike, but for the iterations."""

    teachers: Annotated[list[str], Field(min_length=1)]
    seeds: Annotated[list[Seed], Field(min_length=1)]
    sizes: Annotated[list[StudentSize], Field(min_length=1)]
    temperature: Positive
    alpha: Annotated[float, Field(ge=0, le=1)]
    input_scale: Literal["bytes", "unit"]
    augment: bool
    learning_rate: Positive
    settle: Annotated[float, Field(ge=0, lt=1)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    evaluate_every: Count

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        divisors = [size.divisor for size in self.sizes]
        for name, values in (
            ("teachers", self.teachers), ("seeds", self.seeds), ("sizes", divisors)
        ):  # fmt: skip
            if len(set(values)) != len(values):
                raise ValueError(f"{name}: a value stands twice")
        return self

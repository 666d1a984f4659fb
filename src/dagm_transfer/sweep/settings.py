"""The section `sweep`: what an Optuna sweep varies, where it begins, and what it aims at."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from dagm_transfer.core.section import Count, Section, Seed, Share

Swept = Literal[
    "learning_rate", "trainable_from", "augment", "momentum", "weight_decay", "input_scale", "head"
]
Value = bool | int | float | str


class Range(Section):
    """Every value from `low` to `high`; a grid takes `points` of them."""

    low: int | float
    high: int | float
    log: bool = False
    points: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low: {self.low} is not less than high, {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"low: must be greater than 0 on a logarithmic scale, not {self.low}")
        return self


def _kind(content: Any) -> str:
    return "[choices]" if isinstance(content, list) else "[range]"


Choices = Annotated[list[Value], Field(min_length=1)]
# The tags keep an error message to the kind that was meant; the loader leaves them out.
Dimension = Annotated[
    Annotated[Range, Tag("[range]")] | Annotated[Choices, Tag("[choices]")],
    Discriminator(_kind),
]


class Sweep(Section):
    """What `dagm sweep run` tries."""

    base: str
    sampler: Literal["tpe", "random", "grid"]
    seed: Seed
    target: Share
    iterations: Count
    evaluate_every: Count
    space: Annotated[dict[Swept, Dimension], Field(min_length=1)]
    first: list[dict[str, Value]]

    @model_validator(mode="after")
    def _a_grid_knows_its_points(self) -> Self:
        for name, dimension in self.space.items():
            counted = isinstance(dimension, list) or name == "trainable_from" or dimension.points
            if self.sampler == "grid" and not counted:
                raise ValueError(f"space.{name}: a grid needs its number of `points`")
        return self

    @model_validator(mode="after")
    def _first_points_are_whole(self) -> Self:
        for place, point in enumerate(self.first):
            if set(point) != set(self.space):
                raise ValueError(f"first.{place}: must name {', '.join(self.space)}, and no more")
            for name, dimension in self.space.items():
                if not contains(dimension, point[name]):
                    raise ValueError(f"first.{place}.{name}: {point[name]} lies outside the space")
        return self

    def ends(self) -> list[tuple[Swept, Value]]:
        """Each value of the space that, being valid, makes all others valid."""
        return [
            (name, value)
            for name, dimension in self.space.items()
            for value in (
                dimension if isinstance(dimension, list) else (dimension.low, dimension.high)
            )
        ]


def contains(dimension: Range | list[Value], value: Value) -> bool:
    """Whether a value belongs to one dimension of the space.

    >>> contains(Range(low=1, high=14), 3), contains([0.0, 0.9], 0.5)
    (True, False)
    """
    if isinstance(dimension, list):
        return value in dimension
    return not isinstance(value, str) and dimension.low <= value <= dimension.high

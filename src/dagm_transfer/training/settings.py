"""The sections `model`, `train`, `variants` and `machine`: the network and how it is trained."""

from typing import Annotated, Literal

from pydantic import Field

from dagm_transfer.core.section import Count, Positive, Section
from dagm_transfer.models.inits import Init


class Model(Section):
    """The network."""

    head: Literal["gap", "fc"]


class Train(Section):
    """What all variants share and what changes weights."""

    precision: Literal["float32", "bfloat16"]
    batch_size: Count
    sampling: Literal["even", "epoch"]
    train_subset: Count
    snapshots: list[Count]


class Machine(Section):
    """What this machine bears; it changes no number that a run promises."""

    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?|mps)$")]
    cache_max_gib: Annotated[float, Field(ge=0)]
    checkpoint_every: Count


class Phase(Section):
    """A stretch of the training in which the same layers train at the same learning rate."""

    trainable_from: Annotated[int, Field(ge=1, le=14)]
    learning_rate: Positive
    iterations: Count


class Variant(Section):
    """One way to train: its phases one after the other, each with an optimiser of its own."""

    init: Init
    input_scale: Literal["bytes", "unit"]
    augment: bool
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    evaluate_every: Count
    phases: Annotated[list[Phase], Field(min_length=1)]

    @property
    def iterations(self) -> int:
        """Of all phases together."""
        return sum(phase.iterations for phase in self.phases)

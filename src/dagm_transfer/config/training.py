"""The sections `model`, `train` and `variants`: the network and how it is trained."""

from typing import Annotated, Literal

from pydantic import Field

from dagm_transfer.config.base import Count, Section

Positive = Annotated[float, Field(gt=0)]


class Model(Section):
    """The network."""

    head: Literal["gap", "fc"]


class Convergence(Section):
    """When a curve counts as converged."""

    patience: Annotated[int, Field(ge=2)]
    tolerance: Annotated[float, Field(gt=0, lt=1)]


class Train(Section):
    """What all variants share."""

    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?|mps)$")]
    precision: Literal["float32", "bfloat16"]
    batch_size: Count
    sampling: Literal["even", "epoch"]
    train_subset: Count
    checkpoint_every: Count
    cache_max_gib: Annotated[float, Field(ge=0)]
    convergence: Convergence


class Variant(Section):
    """One way to train."""

    init: Literal["imagenet", "he", "xavier"]
    input_scale: Literal["bytes", "unit"]
    augment: bool
    trainable_from: Annotated[int, Field(ge=1, le=14)]
    learning_rate: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0)]
    iterations: Count
    evaluate_every: Count

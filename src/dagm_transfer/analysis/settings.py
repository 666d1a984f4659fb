"""The sections on what trained runs are: how their layers and their responses are measured."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from dagm_transfer.core.section import Count, Section

Depth = Annotated[int, Field(ge=1, le=13)]


class Analysis(Section):
    """How the layers of a trained run are measured. Nothing here trains anything again."""

    inputs: Count  # of training and of test, as many of each label, that responses are kept of
    n_neighbors: Count  # of a point among those of its label, in the graph for flatness
    surrogates: Count  # flat ones of each null that flatness is held against
    calibrated: list[Depth]  # where it is; elsewhere the raw measure stands alone


class Responses(Section):
    """Which defective whole images the last convolution's response is looked at on."""

    images: Count  # test images a group
    training: Count  # training images a group, that the best channel is chosen on


class Embed(Section):
    """Photographs and textures through the source trunk."""

    photographs: list[Annotated[str, StringConstraints(min_length=1)]]  # folders, each a domain
    inputs: Annotated[int, Field(ge=8)]  # of a folder, and of all textures; pairs are of half
    depths: Annotated[list[Depth], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if sorted(set(self.depths)) != self.depths:
            raise ValueError("depths: name each once, in rising order")
        return self


class Compare(Section):
    """How two trained runs are laid side by side."""

    points: Annotated[int, Field(ge=3)]  # on the line between their weights, both ends among them
    inputs: Count  # of test, as many of each label, whose loss is told there

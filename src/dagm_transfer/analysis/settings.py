"""The sections on what trained runs are: how their layers and their responses are measured."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from dagm_transfer.core.section import Count, Section

Depth = Annotated[int, Field(ge=1, le=13)]


class Analysis(Section):
    """How the layers of a trained run are measured. Nothing here trains anything again."""

    inputs: Count  # of training and of test that responses are kept of, an even share a label
    n_neighbors: Count  # of a point among those of its label, in the graph for flatness
    probe_draws: Count  # of few training inputs a label, that probes are fitted on
    surrogates: Count  # flat ones of each null that flatness is held against
    calibrated: list[Depth]  # where it is; elsewhere the raw measure stands alone


class Responses(Section):
    """Which defective whole images the last convolution's response is looked at on."""

    images: Count  # test images a group
    training: Count  # training images a group, that the best channel is chosen on


class Embed(Section):
    """Photographs and the target through the source trunk."""

    photographs: list[Annotated[str, StringConstraints(min_length=1)]]  # folders, each a domain
    inputs: Annotated[int, Field(ge=8)]  # of a folder, and of all groups; pairs are of half
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


class Line(Section):
    """From one group's defects to another's, by their names."""

    start: Annotated[str, Field(alias="from")]
    end: Annotated[str, Field(alias="to")]


class Interpolate(Section):
    """What is looked at on the straight line between the features of two groups' defects."""

    pairs: list[Line]
    depths: Annotated[list[Depth], Field(min_length=1)]
    steps: Annotated[int, Field(ge=3)]  # places on a line, both ends among them
    ends: Count  # pairs of images that numbers are means over; pictures are of the first
    inputs: Count  # real ones of each label that the line is held against, at most
    iterations: Count  # of the descent that turns features into images

    @model_validator(mode="after")
    def _lines_that_lead_somewhere(self) -> Self:
        for pair in self.pairs:
            if pair.start == pair.end:
                raise ValueError(f"pairs: {pair.start} stands beside itself")
        if len({frozenset((pair.start, pair.end)) for pair in self.pairs}) < len(self.pairs):
            raise ValueError("pairs: one stands twice")
        if sorted(set(self.depths)) != self.depths:
            raise ValueError("depths: name each once, in rising order")
        return self

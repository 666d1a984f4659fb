"""The section `judge`: how a trained network is judged. Nothing here trains anything again."""

from typing import Annotated

from pydantic import Field

from dagm_transfer.core.section import Amount, Count, Positive, Section, Share

Limit = Annotated[float, Field(ge=0, lt=1)]


class Whole(Section):
    """Whole images judged by windows: at most so many a label, 0 for all of them."""

    stride: Count
    normal: Amount
    defective: Amount


class Judge(Section):
    """How a trained network is judged."""

    miss_cost: Positive
    false_alarm_cost: Positive
    false_alarm_limit: Limit | None  # share of normal whole images; None: least cost
    targets: Annotated[list[Share], Field(min_length=1)]  # validation accuracies
    tolerance: Share  # what counts as level, in accuracy
    whole: Whole

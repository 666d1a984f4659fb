"""The card that follows from how a network was judged."""

from dagm_transfer.core.files import digest_of
from dagm_transfer.events.event import Begin
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.judging.card import Card, CardCosts, Thresholds
from dagm_transfer.judging.judged_sets import JudgedSets, costs_of
from dagm_transfer.judging.settings import Judge
from dagm_transfer.judging.threshold_rule import rule_of
from dagm_transfer.models.vgg16 import Widths


def card_of(begin: Begin, settings: Judge, sets: JudgedSets, widths: Widths, weights: str) -> Card:
    """The card of a judged network.

    Args:
        begin: who its training is, with parameters and data.
        settings: how it was judged.
        sets: what came of it.
        widths: of its layers.
        weights: sha256 of its weights' file.
    """
    data, params = begin.data, begin.params
    costs, headline = costs_of(settings), sets.headline
    val = headline.val
    return Card(
        key=begin.key,
        identity=begin.identity,
        environment=environment_digest(begin.environment),
        groups=data["groups"],
        input=data["input"],
        size=data["size"],
        resize=data["resize"],
        stride=settings.whole.stride if data["input"] == "patch" else None,
        input_scale=params["variant"]["input_scale"],
        head=params["model"]["head"],
        convolutions=list(widths.convolutions),
        hidden=list(widths.hidden),
        bits=data["bits"],
        thresholds=Thresholds(input=sets.inputs.threshold, image=headline.threshold),
        rule=rule_of(settings, headline.kind),
        costs=CardCosts(miss=costs.miss, false_alarm=costs.false_alarm),
        validation_cost=headline.validation_cost(costs),
        validated_on=digest_of([data["digest"], list(val.images)]),
        data=data["digest"],
        weights=weights,
    )

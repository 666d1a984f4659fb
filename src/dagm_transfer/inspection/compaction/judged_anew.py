"""A changed network judged as the stage `judge` judges: thresholds set on validation again."""

from collections.abc import Mapping
from dataclasses import dataclass

from dagm_transfer.data.prepared import Part
from dagm_transfer.inspection.exporting.finished_run import FinishedRun, float32_logits, labels_of
from dagm_transfer.judging.card import Card, Thresholds
from dagm_transfer.judging.judged_sets import JudgedSets, judged_set
from dagm_transfer.judging.scores import Judged, judge_inputs, judged_of_windows
from dagm_transfer.judging.threshold_rule import LEAST_COST
from dagm_transfer.judging.windows import Floats
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.models.vgg16 import VGG16


@dataclass(frozen=True)
class JudgedAnew:
    """What a changed network is worth.

    Attributes:
        card: the run's, with the changed network's thresholds and validation cost.
        metrics: of test, under the names that the run's own metrics have.
    """

    card: Card
    metrics: Mapping[str, float]


def judged_anew(run: FinishedRun, network: VGG16, found: Mapping[str, Floats]) -> JudgedAnew:
    """Judge inputs and whole images, and set both thresholds on validation.

    Args:
        run: that the network was made from.
        network: on the CPU.
        found: logits [windows, labels] of every judged whole image, by name.
    """
    card, logits = run.card, float32_logits(network, run.card)
    costs = Costs(card.costs.miss, card.costs.false_alarm)

    def inputs_of(part: Part) -> Judged:
        inputs = run.data.inputs(part)
        return judge_inputs(logits, inputs.pixels, inputs.labels, inputs.images)

    def wholes_of(part: Part) -> Judged:
        images = run.of(part)
        names = [each.image for each in images]
        return judged_of_windows([found[name] for name in names], labels_of(images), names)

    if card.input == "patch":
        inputs = judged_set("patch", inputs_of, LEAST_COST, costs)
        sets = JudgedSets(inputs, judged_set("image", wholes_of, card.rule, costs))
    else:
        sets = JudgedSets(judged_set("image", inputs_of, card.rule, costs), None)
    thresholds = Thresholds(input=sets.inputs.threshold, image=sets.headline.threshold)
    changes = {"thresholds": thresholds, "validation_cost": sets.headline.validation_cost(costs)}
    return JudgedAnew(card.model_copy(update=changes), sets.metrics(costs))

"""A little training after channels were left out, as the run itself was trained at its end."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import Begin, Evaluation
from dagm_transfer.inspection.exporting.finished_run import CPU, FinishedRun
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Train, Variant


@dataclass(frozen=True)
class FineTuned:
    """What a little training did.

    Attributes:
        iterations: how many.
        learning_rate: of all of them.
        validation_accuracy: of validation inputs by the largest logit, before and after.
    """

    iterations: int
    learning_rate: float
    validation_accuracy: tuple[float, float]


def end_of_recipe(begin: Begin, iterations: int) -> Recipe:
    """How a run was trained in its last phase, for so many iterations: all else is as it was.

    Args:
        begin: of the run.
        iterations: at least one.
    """
    params = begin.params
    settings = {name: value for name, value in params["variant"].items() if name != "name"}
    variant = Variant.model_validate(settings)
    last = variant.phases[-1].model_copy(update={"iterations": iterations})
    train = Train.model_validate({**params["train"], "snapshots": []})
    return Recipe(variant.model_copy(update={"phases": [last]}), train, params["seed"])


def fine_tune(
    network: VGG16,
    run: FinishedRun,
    iterations: int,
    device: torch.device,
    on_step: Callable[[int, int], None],
) -> FineTuned:
    """Train a network in place on the run's training inputs; it ends on the CPU.

    Raises:
        UserError: the training diverged.
    """
    recipe, evaluations = end_of_recipe(run.begin, iterations), list[Evaluation]()

    def record(evaluation: Evaluation) -> None:
        evaluations.append(evaluation)
        on_step(evaluation.step, iterations)

    train, val = run.data.inputs("train"), run.data.inputs("val")
    outcome = train_network(
        network, train, val, recipe, device, make_feeds=feeds_of_pixels, record=record
    )
    if outcome.diverged:
        raise UserError(
            f"{run.card.key}: fine-tuned it diverged after {outcome.iterations} iterations; keep "
            "a larger share, or give fewer --iterations"
        )
    network.to(CPU).eval()
    accuracies = [each.metrics["val/accuracy"] for each in evaluations]
    rate = recipe.variant.phases[0].learning_rate
    return FineTuned(outcome.iterations, rate, (accuracies[0], accuracies[-1]))

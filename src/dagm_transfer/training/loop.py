"""The one training loop: every variant is a few lines of settings over it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from dagm_transfer.data.batches import Batches, Rows, groups_by_label, spread_subset
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.augment import rotate_and_flip
from dagm_transfer.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from dagm_transfer.training.evaluate import logits_of, loss_and_accuracy
from dagm_transfer.training.feed import Feed, cache_gib, cached_feed, pixel_feed
from dagm_transfer.training.recorder import Evaluation

EIGHT = 8  # rotations and reflections of a square


@dataclass(frozen=True)
class Recipe:
    """How to train: the settings of a variant and those that all share (see params.yaml)."""

    seed: int
    input_scale: InputScale
    augment: bool
    trainable_from: int
    learning_rate: float
    momentum: float
    weight_decay: float
    iterations: int
    evaluate_every: int
    batch_size: int
    sampling: Literal["even", "epoch"]
    precision: Literal["float32", "bfloat16"]
    train_subset: int
    checkpoint_every: int
    cache_max_gib: float

    @property
    def freezes(self) -> bool:
        """Whether what the frozen layers give never changes."""
        return self.trainable_from > 1 and not self.augment


@dataclass(frozen=True)
class Outcome:
    """What a training leaves besides the weights; it stops early where the loss is not finite."""

    iterations: int
    seconds: float
    diverged: bool


def feeds(
    network: VGG16, train: Inputs, val: Inputs, recipe: Recipe, device: torch.device
) -> tuple[Feed, Feed]:
    """Training and validation images on the device, as `fit` takes them.

    Outputs of frozen layers are computed here once, where nothing changes them and they fit into
    `cache_max_gib`.
    """
    prefix, _ = network.to(device).split(recipe.trainable_from)
    made = [pixel_feed(inputs, prefix, recipe.input_scale, device) for inputs in (train, val)]
    if recipe.freezes and sum(map(cache_gib, made)) <= recipe.cache_max_gib:
        made = [cached_feed(feed, recipe.batch_size) for feed in made]
    return made[0], made[1]


def fit(
    network: VGG16,
    train: Feed,
    val: Feed,
    recipe: Recipe,
    *,
    checkpoint: Path,
    record: Callable[[Evaluation], None],
) -> Outcome:
    """Train `network` in place, going on from `checkpoint` where there is one.

    The feeds (see `feeds`) give what the network takes in at `trainable_from`.

    Each evaluation records `train/loss` (mean since the last one), `train/accuracy` (a fixed
    subset, in evaluation mode), `val/loss`, `val/accuracy` and `train/images_per_second`.
    Every draw is a function of seed and iteration, so an interrupted run ends with the numbers of
    an unbroken one. `checkpoint` is written after every `checkpoint_every`-th evaluation.
    """
    device = train.labels.device
    _, suffix = network.to(device).train().split(recipe.trainable_from)
    labels = train.labels.cpu().numpy()
    batches = Batches(_groups(labels, recipe.sampling), recipe.batch_size, recipe.seed)
    watched = train.subset(spread_subset(labels, recipe.train_subset))
    optimiser = torch.optim.SGD(
        suffix.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=device.type == "cuda",
    )
    start = load_checkpoint(checkpoint, network, optimiser) or Checkpoint(0, 0.0)
    seconds = start.seconds
    if start.step == 0:
        record(_evaluation(0, suffix, watched, val, recipe, {}))
    stops = evaluation_steps(start.step, recipe.iterations, recipe.evaluate_every)
    step = start.step
    for stop in stops:
        began = time.perf_counter()
        loss = _advance(suffix, train, batches, optimiser, recipe, range(step, stop))
        took = time.perf_counter() - began
        seconds += took
        speed = (stop - step) * recipe.batch_size / took
        step = stop
        speed_and_loss = {"train/loss": loss, "train/images_per_second": speed}
        evaluation = _evaluation(step, suffix, watched, val, recipe, speed_and_loss)
        record(evaluation)
        # The training loss is that before the last step: what that step broke shows on validation.
        if not {"train/loss", "val/loss"} <= evaluation.metrics.keys():
            return Outcome(step, seconds, diverged=True)
        if step % (recipe.evaluate_every * recipe.checkpoint_every) == 0:
            save_checkpoint(checkpoint, Checkpoint(step, seconds), network, optimiser)
    return Outcome(step, seconds, diverged=False)


def evaluation_steps(start: int, iterations: int, every: int) -> list[int]:
    """The iterations after `start` at which a run is evaluated; the last one always.

    >>> evaluation_steps(10, 25, 10)
    [20, 25]
    """
    steps = [step for step in range(every, iterations + 1, every) if step > start]
    if iterations > start and iterations % every:
        steps.append(iterations)
    return steps


def _groups(labels: Rows, sampling: Literal["even", "epoch"]) -> list[Rows]:
    return groups_by_label(labels) if sampling == "even" else [np.arange(len(labels))]


def _advance(
    suffix: nn.Module,
    feed: Feed,
    batches: Batches,
    optimiser: torch.optim.Optimizer,
    recipe: Recipe,
    iterations: range,
) -> float:
    """Train for these iterations; the mean loss. Nothing waits for the device before the end."""
    device = feed.labels.device
    total = torch.zeros((), device=device)
    for iteration in iterations:
        # Dropout draws from the global generator; seeded by iteration it needs no checkpoint.
        torch.manual_seed(recipe.seed * 1_000_003 + iteration)
        rows = torch.from_numpy(batches.rows(iteration)).to(device, non_blocking=True)
        stored, labels = feed.take(rows)
        if recipe.augment:
            stored = rotate_and_flip(stored, torch.randint(EIGHT, labels.shape, device=device))
        optimiser.zero_grad(set_to_none=True)
        loss = _loss(suffix, feed.expand(stored), labels, recipe.precision)
        torch.autograd.backward(loss)
        optimiser.step()
        total += loss.detach()
    return float(total) / len(iterations)


def _loss(suffix: nn.Module, inputs: Tensor, labels: Tensor, precision: str) -> Tensor:
    with torch.autocast(
        inputs.device.type, torch.bfloat16, enabled=precision == "bfloat16", cache_enabled=True
    ):
        logits = suffix(inputs)
    return nn.functional.cross_entropy(logits.float(), labels)


def _evaluation(
    step: int,
    suffix: nn.Module,
    watched: Feed,
    val: Feed,
    recipe: Recipe,
    known: dict[str, float],
) -> Evaluation:
    """Accuracy on the watched training images, loss and accuracy on validation."""
    train_loss, train_accuracy = loss_and_accuracy(
        logits_of(suffix, watched, recipe.batch_size), watched.labels
    )
    val_loss, val_accuracy = loss_and_accuracy(
        logits_of(suffix, val, recipe.batch_size), val.labels
    )
    metrics = {
        "train/loss": train_loss,
        **known,
        "train/accuracy": train_accuracy,
        "val/loss": val_loss,
        "val/accuracy": val_accuracy,
    }
    # JSON has no NaN: a loss that is not finite is left out, and the run is tagged `diverged`.
    finite = {name: value for name, value in metrics.items() if math.isfinite(value)}
    return Evaluation(step, finite, time.time())

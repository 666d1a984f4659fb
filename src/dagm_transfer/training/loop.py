"""The one way to train: every variant is a few lines of settings over it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from dagm_transfer.core.files import beside
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.events.event import Evaluation, Timing
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.augment import rotate_and_flip
from dagm_transfer.training.batches import Batches, Rows, groups_by_label, spread_subset
from dagm_transfer.training.checkpoint import Checkpoint, write_checkpoint
from dagm_transfer.training.evaluate import logits_of, loss_and_accuracy
from dagm_transfer.training.feed import MakeFeeds, Prefix
from dagm_transfer.training.recipe import Recipe, Span
from dagm_transfer.training.sgd import SGD

EIGHT = 8  # rotations and reflections of a square
CHECKPOINT = "checkpoint.pt"

# Of logits [N, labels], labels [N], and the inputs that the trainable part took in.
Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, labels: Tensor, inputs: Tensor) -> Tensor:
    """Mean cross-entropy."""
    del inputs
    return nn.functional.cross_entropy(logits, labels)


@dataclass(frozen=True)
class Outcome:
    """What a training leaves besides the weights; it stops early where the loss is not finite."""

    iterations: int
    seconds: float
    diverged: bool


@dataclass(frozen=True)
class Workspace:
    """A folder in which a training can be killed and go on, and where its snapshots lie.

    The checkpoint is written after every `checkpoint_every`-th evaluation.
    """

    folder: Path
    checkpoint_every: int

    @property
    def checkpoint(self) -> Path:
        """Where the training stands."""
        return self.folder / CHECKPOINT

    def snapshot(self, step: int) -> Path:
        """The trunk after so many iterations."""
        return self.folder / f"snapshot-{step:07d}.safetensors"


def train_network(
    network: VGG16,
    train: Inputs,
    val: Inputs,
    recipe: Recipe,
    device: torch.device,
    *,
    make_feeds: MakeFeeds,
    record: Callable[[Evaluation], None],
    loss: Loss = cross_entropy,
    workspace: Workspace | None = None,
    start: Checkpoint | None = None,
) -> Outcome:
    """Train `network` in place, going on from a checkpoint where one is given.

    Each evaluation records `train/loss` (mean since the last one; before the first iteration that
    of the subset), `train/accuracy` (a fixed subset, in evaluation mode), `val/loss` and
    `val/accuracy`; `train/images_per_second` is of the clock. Every draw is a function of seed and
    iteration, so an interrupted run ends with the numbers of an unbroken one.

    Args:
        network: moved to the device.
        train: images to train on.
        val: images to validate on.
        recipe: how to train.
        device: where.
        make_feeds: how images come to the trainable part (see training/feed.py).
        record: takes each evaluation.
        loss: what is made small.
        workspace: where checkpoints and snapshots go; without one a killed training is lost.
        start: where an interrupted training stood.
    """
    network.to(device).train()
    step, seconds = 0, 0.0
    if start:
        network.load_state_dict(start.network)
        step, seconds = start.step, start.seconds
    numbers = {stop: number for number, stop in enumerate(recipe.stops(), start=1)}
    for span in recipe.spans():
        if step >= span.last:
            continue
        began = time.perf_counter()
        phase = _Phase(network, train, val, recipe, span, device, make_feeds, loss)
        seconds += time.perf_counter() - began
        if start and span.first < step:
            phase.optimiser.load_state_dict(start.optimiser)
        if step == 0:
            record(phase.evaluate(0, {}, {}))
        for stop in (stop for stop in numbers if step < stop <= span.last):
            began = time.perf_counter()
            mean = phase.advance(range(step, stop))
            took = time.perf_counter() - began
            seconds += took
            speed = (stop - step) * recipe.train.batch_size / took
            step = stop
            evaluation = phase.evaluate(
                step, {"train/loss": mean}, {"train/images_per_second": speed}
            )
            if workspace and step in recipe.snapshots():
                _write_trunk(network, workspace.snapshot(step))
            record(evaluation)
            # The training loss is that before the last step: what it broke shows on validation.
            if not {"train/loss", "val/loss"} <= evaluation.metrics.keys():
                return Outcome(step, seconds, diverged=True)
            if workspace and numbers[step] % workspace.checkpoint_every == 0:
                states = network.state_dict(), phase.optimiser.state_dict()
                write_checkpoint(workspace.checkpoint, Checkpoint(step, seconds, *states))
        del phase  # and what it keeps of frozen layers, before the next one keeps its own
    return Outcome(step, seconds, diverged=False)


def _write_trunk(network: VGG16, path: Path) -> None:
    trunk = {
        f"features.{k}": v.cpu().contiguous() for k, v in network.features.state_dict().items()
    }
    with beside(path) as draft:
        save_file(trunk, draft)


class _Phase:
    """What one phase trains with: feeds, batches and an optimiser of its own."""

    def __init__(
        self,
        network: VGG16,
        train: Inputs,
        val: Inputs,
        recipe: Recipe,
        span: Span,
        device: torch.device,
        make_feeds: MakeFeeds,
        loss: Loss,
    ):
        variant, shared = recipe.variant, recipe.train
        depth = span.phase.trainable_from
        _, self._suffix = network.split(depth)
        prefix = Prefix(
            network, depth, variant.input_scale, shared.batch_size,
            never_changes=depth > 1 and not variant.augment,
        )  # fmt: skip
        self._train, self._val = make_feeds(train, val, prefix, device)
        self._watched = self._train.subset(spread_subset(train.labels, shared.train_subset))
        self._batches = Batches(
            _groups(train.labels, shared.sampling), shared.batch_size, recipe.seed
        )
        self._recipe, self._device, self._loss = recipe, device, loss
        self.optimiser = SGD(
            self._suffix.parameters(),
            learning_rate=span.phase.learning_rate,
            momentum=variant.momentum,
            weight_decay=variant.weight_decay,
            fused=device.type == "cuda",
        )

    def advance(self, iterations: range) -> float:
        """Train for these iterations; the mean loss. Nothing waits for the device till the end."""
        total = torch.zeros((), device=self._device)
        for iteration in iterations:
            # Dropout draws from the global generator; seeded by iteration it needs no checkpoint.
            torch.manual_seed(self._recipe.seed * 1_000_003 + iteration)
            rows = torch.from_numpy(self._batches.rows(iteration))
            stored, labels = self._train.take(rows.to(self._device, non_blocking=True))
            if self._recipe.variant.augment:
                turns = torch.randint(EIGHT, labels.shape, device=self._device)
                stored = rotate_and_flip(stored, turns)
            self.optimiser.forget_gradients()
            inputs = self._train.expand(stored)
            loss = self._loss(self._logits(inputs), labels, inputs)
            torch.autograd.backward(loss)
            self.optimiser.step()
            total += loss.detach()
        return float(total) / len(iterations)

    def _logits(self, inputs: Tensor) -> Tensor:
        half = self._recipe.train.precision == "bfloat16"
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=half, cache_enabled=True):
            logits: Tensor = self._suffix(inputs)
        return logits.float()

    def evaluate(self, step: int, known: dict[str, float], speeds: dict[str, float]) -> Evaluation:
        """Accuracy on the watched training images, loss and accuracy on validation."""
        (train_loss, train_accuracy), (val_loss, val_accuracy) = (
            loss_and_accuracy(
                logits_of(self._suffix, feed, self._recipe.train.batch_size), feed.labels
            )
            for feed in (self._watched, self._val)
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
        return Evaluation(step, finite, Timing(time.time(), speeds))


def _groups(labels: Rows, sampling: str) -> list[Rows]:
    return groups_by_label(labels) if sampling == "even" else [np.arange(len(labels))]

"""Networks and images small enough to train in a test."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.models import vgg16
from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.vgg16 import VGG16, HeadKind
from dagm_transfer.training.loop import Outcome, Recipe, feeds, fit
from dagm_transfer.training.recorder import Evaluation

SIZE = 32


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """VGG16 with few channels: no line of the loop hangs on how many there are."""
    monkeypatch.setattr(vgg16, "BLOCKS", ((4, 4), (4, 4), (8, 8, 8), (8, 8, 8), (8, 8, 8)))
    monkeypatch.setattr(vgg16, "FC_WIDTH", 16)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads wait for each other longer than networks as small as these compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def cpu() -> torch.device:
    return torch.device("cpu")


@pytest.fixture
def make_network() -> Callable[..., VGG16]:
    def make(seed: int = 0, head: HeadKind = "gap", labels: int = 4) -> VGG16:
        return initial_network(init="he", seed=seed, labels=labels, head=head, size=SIZE, trunk={})

    return make


@pytest.fixture
def make_inputs() -> Callable[..., Inputs]:
    """Two textures, dark and bright noise; a defect is a bright square in the lower right."""

    def make(per_label: int, seed: int = 0) -> Inputs:
        random = np.random.default_rng(seed)
        labels = np.repeat(np.arange(4), per_label)
        pixels = random.integers(0, 60, (len(labels), SIZE, SIZE), dtype=np.uint8)
        pixels[labels >= 2] += 120
        pixels[labels % 2 == 1, 18:28, 20:30] = 250
        return Inputs(pixels, labels, [f"{n}.png" for n in range(len(labels))])

    return make


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(
        seed=0,
        input_scale="unit",
        augment=False,
        trainable_from=1,
        learning_rate=0.05,
        momentum=0.9,
        weight_decay=0.0,
        iterations=6,
        evaluate_every=2,
        batch_size=4,
        sampling="even",
        precision="float32",
        train_subset=8,
        checkpoint_every=1,
        cache_max_gib=1.0,
    )


@dataclass
class Fitted:
    """A fit, and what it recorded before it ended or was killed."""

    network: VGG16
    checkpoint: Path
    evaluations: list[Evaluation] = field(default_factory=list)
    outcome: Outcome | None = None

    @property
    def told(self) -> list[tuple[int, dict[str, float]]]:
        """Steps and metrics, without what a clock measured."""
        return [
            (e.step, {k: v for k, v in e.metrics.items() if k != "train/images_per_second"})
            for e in self.evaluations
        ]

    @property
    def state(self) -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in self.network.state_dict().items()}


class Killed(BaseException):
    """Stands for the signal that ends a process."""


@pytest.fixture
def run_fit(
    tmp_path: Path,
    recipe: Recipe,
    make_network: Callable[..., VGG16],
    make_inputs: Callable[..., Inputs],
    cpu: torch.device,
) -> Callable[..., Fitted]:
    """Fit a fresh network; `killed_at` ends it by an exception while that step is recorded."""

    def run(
        folder: str = "run",
        *,
        killed_at: int | None = None,
        network: VGG16 | None = None,
        head: HeadKind = "gap",
        watch: Callable[[Evaluation], None] | None = None,
        **settings: object,
    ) -> Fitted:
        fitted = Fitted(network or make_network(head=head), tmp_path / folder / "checkpoint.pt")

        def record(evaluation: Evaluation) -> None:
            fitted.evaluations.append(evaluation)
            if watch:
                watch(evaluation)
            if evaluation.step == killed_at:
                raise Killed

        with suppress(Killed):
            asked = replace(recipe, **settings)
            fitted.outcome = fit(
                fitted.network,
                *feeds(fitted.network, make_inputs(6), make_inputs(4, seed=1), asked, cpu),
                asked,
                checkpoint=fitted.checkpoint,
                record=record,
            )
        return fitted

    return run

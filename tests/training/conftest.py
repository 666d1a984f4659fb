"""A small training that can be killed, resumed and compared."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from small import recipe, small_inputs, small_network

from dagm_transfer.data.prepared import Inputs
from dagm_transfer.events.event import Evaluation
from dagm_transfer.models.vgg16 import VGG16, HeadKind
from dagm_transfer.training.checkpoint import read_checkpoint
from dagm_transfer.training.feed import MakeFeeds
from dagm_transfer.training.loop import Loss, Outcome, Workspace, cross_entropy, train_network
from dagm_transfer.training.prefix_cache import PrefixCache


@pytest.fixture(autouse=True)
def _one_thread(one_thread: None) -> None:
    """For every test here."""


@pytest.fixture
def cpu() -> torch.device:
    return torch.device("cpu")


@pytest.fixture
def make_network() -> Callable[..., VGG16]:
    return small_network


@pytest.fixture
def make_inputs() -> Callable[..., Inputs]:
    return small_inputs


@dataclass
class Fitted:
    """A training, and what it recorded before it ended or was killed."""

    network: VGG16
    workspace: Workspace
    evaluations: list[Evaluation] = field(default_factory=list)
    outcome: Outcome | None = None

    @property
    def told(self) -> list[tuple[int, dict[str, float]]]:
        """Steps and metrics."""
        return [(e.step, dict(e.metrics)) for e in self.evaluations]

    @property
    def state(self) -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in self.network.state_dict().items()}


class Killed(BaseException):
    """Stands for the signal that ends a process."""


@pytest.fixture
def run_fit(tmp_path: Path, cpu: torch.device) -> Callable[..., Fitted]:
    """Train a fresh network; `killed_at` ends it by an exception while that step is recorded."""

    def run(
        folder: str = "run",
        *,
        killed_at: int | None = None,
        network: VGG16 | None = None,
        head: HeadKind = "gap",
        watch: Callable[[Evaluation], None] | None = None,
        checkpoint_every: int = 1,
        make_feeds: MakeFeeds | None = None,
        loss: Loss = cross_entropy,
        **settings: object,
    ) -> Fitted:
        workspace = Workspace(tmp_path / folder, checkpoint_every)
        fitted = Fitted(network or small_network(head=head), workspace)

        def record(evaluation: Evaluation) -> None:
            fitted.evaluations.append(evaluation)
            if watch:
                watch(evaluation)
            if evaluation.step == killed_at:
                raise Killed

        with suppress(Killed):
            fitted.outcome = train_network(
                fitted.network,
                small_inputs(6),
                small_inputs(4, seed=1),
                recipe(**settings),
                cpu,
                make_feeds=make_feeds or PrefixCache(tmp_path / "cache", 1.0),
                record=record,
                loss=loss,
                workspace=workspace,
                start=read_checkpoint(workspace.checkpoint),
            )
        return fitted

    return run

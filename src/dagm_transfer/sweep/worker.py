"""A worker process: it trains the points that its parent sends, and tells what it sees."""

import signal
import tempfile
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from dagm_transfer import places
from dagm_transfer.data.prepared import Part, Prepared
from dagm_transfer.errors import UserError, one_line
from dagm_transfer.files import digest_of, read_json
from dagm_transfer.metrics.convergence import first_reaching
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.stages import train as stage
from dagm_transfer.stages.run import Run
from dagm_transfer.sweep.cache import PrefixCache
from dagm_transfer.sweep.messages import Equipment, Failure, Message, Result, Stop, Task
from dagm_transfer.sweep.space import depths
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.feed import Feed, expander, pixel_feed
from dagm_transfer.training.loop import Recipe, fit
from dagm_transfer.training.recorder import Begin, Evaluation

VARIANT = "sweep"
STUDY_IDENTITY = "optuna.identity"  # in a log's environment: tells studies of one name apart
NEVER = 10**9  # a trial that dies is tried again from its beginning: it needs no checkpoints


def digests_now() -> dict[str, str]:
    """Of the prepared data and the trunk, as they lie in the project.

    Raises:
        UserError: they are not there.
    """
    try:
        return {
            "data": read_json(places.PREPARED / "facts.json")["digest"],
            "source": read_json(places.SOURCE_FACTS)["digest"],
        }
    except OSError as error:
        raise UserError(f"{error.filename}: not there yet; `dvc repro` makes it") from error


class Listener(Protocol):
    """What a worker tells its events, and may be stopped by."""

    def send(self, message: object) -> None:
        """Take an event."""

    def poll(self) -> bool:
        """Whether something came."""

    def recv(self) -> object:
        """What came."""


class Stopped(Exception):  # noqa: N818 - no error
    """Ends a training that its parent wants no more of."""


def work(connection: Connection, equipment: Equipment) -> None:
    """Train tasks until the parent closes the connection or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the parent ends the workers
    torch.set_num_threads(equipment.threads)
    worker: Worker | None = None
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = connection.recv()
            if not isinstance(task, Task):
                continue  # a stop that came too late
            try:
                worker = worker or Worker(equipment, connection)
                message: Message = worker.train(task)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                raise
            except Exception as error:  # noqa: BLE001 - the sweep goes on without this trial
                fatal = isinstance(error, UserError)
                message = Failure(str(error) if fatal else one_line(error), fatal)
            connection.send(message)


class Worker:
    """Data and device, loaded once, and what trains on them."""

    def __init__(self, equipment: Equipment, listener: Listener):
        self._equipment, self._listener = equipment, listener
        self._device = choose_device(equipment.device)
        self._data = Prepared(places.PREPARED)
        self._cache = PrefixCache(
            equipment.cache, equipment.params.train.cache_max_gib, depths(equipment.params.sweep)
        )
        parts: tuple[Part, ...] = ("train", "val")
        nothing = nn.Sequential()
        self._raw: dict[str, Feed] = {
            part: pixel_feed(self._data.inputs(part), nothing, "bytes", self._device)
            for part in parts
        }

    def train(self, task: Task) -> Result:
        """Train one trial on training images and judge it on validation images alone.

        A training that diverged has not reached the target, whatever it was before.
        """
        for what, digest in digests_now().items():
            if digest != self._equipment.digests[what]:
                raise UserError(
                    f"another {what} than the study's came while it ran; put back what was there, "
                    "or choose another --study"
                )
        run = self._run(task)
        network = run.initial_network()
        recipe = replace(stage.recipe_of(run), checkpoint_every=NEVER)
        curve: list[Evaluation] = []

        def record(evaluation: Evaluation) -> None:
            curve.append(evaluation)
            self._listener.send(evaluation)
            if self._listener.poll() and isinstance(self._listener.recv(), Stop):
                raise Stopped

        self._listener.send(self._begin(run, task))
        fed = self._feeds(network.to(self._device), recipe)
        diverged = False
        with suppress(Stopped), tempfile.TemporaryDirectory() as folder:
            outcome = fit(
                network,
                fed["train"],
                fed["val"],
                recipe,
                checkpoint=Path(folder) / "checkpoint.pt",
                record=record,
            )
            diverged = outcome.diverged
        sweep = self._equipment.params.sweep
        accuracies = [event.metrics["val/accuracy"] for event in curve]
        reached = first_reaching([event.step for event in curve], accuracies, sweep.target)
        reached = None if diverged else reached
        return Result(
            accuracy=accuracies[-1],
            to_target=sweep.iterations if reached is None else reached,
            reached=reached is not None,
            diverged=diverged,
            convergence=stage.convergence_metrics(run, curve, diverged=diverged),
        )

    def _feeds(self, network: VGG16, recipe: Recipe) -> dict[str, Feed]:
        """Of the outputs of frozen layers where these can be kept, of the images elsewhere."""
        depth, scale = recipe.trainable_from, recipe.input_scale

        def through(layers: nn.Sequential) -> dict[str, Feed]:
            expand = expander(layers, scale)
            return {part: replace(feed, expand=expand) for part, feed in self._raw.items()}

        kept = None
        if recipe.freezes:
            about = [self._data.facts["inputs_digest"], scale]
            kept = self._cache.feeds(
                through(nn.Sequential()), network, depth, about, recipe.batch_size
            )
        return kept or through(network.split(depth)[0])

    def _run(self, task: Task) -> Run:
        params = self._equipment.params
        settings, model = params.point(task.point)
        return Run(
            variant=VARIANT,
            seed=params.sweep.seed,
            settings=settings,
            model=model,
            train=params.train,
            data=self._data,
            trunk=places.SOURCE,
            trunk_facts=places.SOURCE_FACTS,
        )

    def _begin(self, run: Run, task: Task) -> Begin:
        study = self._equipment.study
        of_study = self._equipment.identity
        identity = digest_of([of_study, task.number, run.identity(Path(stage.__file__))])
        told = {**self._equipment.provenance, **environment(self._device)}
        told |= {"optuna.study": study, "optuna.trial": str(task.number)}
        told |= {STUDY_IDENTITY: of_study}
        return replace(stage.begin_of(run, identity, told), key=f"{study}-{task.number:04d}")

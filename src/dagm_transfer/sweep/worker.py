"""A worker process: it trains the points that its parent sends, and tells what it sees."""

import signal
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Protocol

import torch

from dagm_transfer.core.errors import UserError, one_line
from dagm_transfer.core.files import digest_of, read_json
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, Evaluation
from dagm_transfer.judging.curve import convergence_metrics
from dagm_transfer.metrics.convergence import first_reaching
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.sweep.cache import PrefixCache
from dagm_transfer.sweep.messages import Equipment, Failure, Message, Result, Stop, Task
from dagm_transfer.sweep.space import depths
from dagm_transfer.training.device import choose_device, environment
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.run import Run

VARIANT = "sweep"
STUDY_IDENTITY = "optuna.identity"  # a tag of a log: tells studies of one name apart


def digests_now() -> dict[str, str]:
    """Of the prepared data and the trunk, as they lie in the project.

    Raises:
        UserError: they are not there.
    """
    try:
        return {
            "data": read_json(PREPARED / "facts.json")["digest"],
            "source": read_json(FACTS)["digest"],
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
        self._data = Prepared(PREPARED)
        self._cache = PrefixCache(
            equipment.cache,
            equipment.params.machine.cache_max_gib,
            depths(equipment.params.sweep),
            data=self._data.facts["inputs_digest"],
        )

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
        curve: list[Evaluation] = []

        def record(evaluation: Evaluation) -> None:
            curve.append(evaluation)
            self._listener.send(evaluation)
            if self._listener.poll() and isinstance(self._listener.recv(), Stop):
                raise Stopped

        self._listener.send(self._begin(run, task))
        diverged = False
        with suppress(Stopped):
            # Without a workspace: a trial that dies is tried again from its beginning.
            outcome = train_network(
                network,
                self._data.inputs("train"),
                self._data.inputs("val"),
                run.recipe,
                self._device,
                make_feeds=self._cache,
                record=record,
            )
            diverged = outcome.diverged
        sweep, judge = self._equipment.params.sweep, self._equipment.params.judge
        accuracies = [event.metrics["val/accuracy"] for event in curve]
        reached = first_reaching([event.step for event in curve], accuracies, sweep.target)
        reached = None if diverged else reached
        return Result(
            accuracy=accuracies[-1],
            to_target=sweep.iterations if reached is None else reached,
            reached=reached is not None,
            diverged=diverged,
            convergence=convergence_metrics(
                curve,
                self._data.facts,
                targets=judge.targets,
                tolerance=judge.tolerance,
                diverged=diverged,
            ),
        )

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
            trunk=TRUNK,
            trunk_facts=FACTS,
        )

    def _begin(self, run: Run, task: Task) -> Begin:
        study, of_study = self._equipment.study, self._equipment.identity
        begin = run.begin(environment(self._device), self._equipment.provenance)
        return replace(
            begin,
            identity=digest_of([of_study, task.number, run.identity]),
            key=f"{study}-{task.number:04d}",
            tags={
                "optuna.study": study,
                "optuna.trial": str(task.number),
                STUDY_IDENTITY: of_study,
            },
        )

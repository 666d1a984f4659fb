"""One worker process as its parent sees it, and the trial that it has in hand."""

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from optuna import Trial

from dagm_transfer.events.event import Begin, Event, Recorder
from dagm_transfer.sweep.interrupts import on_interrupt
from dagm_transfer.sweep.messages import Equipment, Stop, Task

Work = Callable[[Connection, Equipment], None]


@dataclass
class Hand:
    """A worker; it is started with the first trial, and anew after it died."""

    equipment: Equipment
    work: Work
    process: SpawnProcess | None = None
    connection: Connection | None = None
    trial: Trial | None = None
    recorders: Sequence[Recorder] = ()
    step: int = 0
    stopped: bool = False

    def take(self, trial: Trial) -> None:
        """Hold a trial, so that it is given back whatever comes."""
        self.trial, self.recorders, self.step, self.stopped = trial, (), 0, False

    def begin(self, recorders: Sequence[Recorder]) -> None:
        """Have the trial trained."""
        assert self.trial
        if self.process is None or not self.process.is_alive():
            self._start()
        self.recorders = recorders
        self._send(Task(self.trial.number, dict(self.trial.params)))

    def stop(self) -> None:
        """Have the trial end as it stands."""
        self.stopped = True
        self._send(Stop())

    def record(self, event: Event) -> None:
        """Pass an event on to whoever hears of the trial."""
        self.step = 0 if isinstance(event, Begin) else event.step
        for recorder in self.recorders:
            recorder.record(event)

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.process:
            self.process.kill()
            self.process.join()

    def _start(self) -> None:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self.process = context.Process(target=self.work, args=(theirs, self.equipment), daemon=True)
        # Ctrl-C reaches all: the parent ends its workers, whatever they are about.
        with on_interrupt(signal.SIG_IGN):
            self.process.start()
        theirs.close()  # or the end of the worker would not be seen
        self.connection = ours

    def _send(self, message: Task | Stop) -> None:
        assert self.connection
        # The next look at a worker that is gone finds it so.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(message)

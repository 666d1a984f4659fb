"""What a person sees of long work: lines for a run, a bar for everything else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from dagm_transfer.events.event import Begin, Evaluation, Event

INTERRUPTED = 130  # as shells count a SIGINT
STDERR = Console(stderr=True, highlight=False, soft_wrap=True)
SILENCE = 30.0  # seconds; in a file a bar would be unreadable, and nothing would look dead


class SaidInterruptError(SystemExit):
    """Ctrl-C, of which the command itself has said what it leaves."""

    def __init__(self) -> None:
        super().__init__(INTERRUPTED)


def say(line: str) -> None:
    """One line for the person at the terminal."""
    STDERR.print(line, markup=False)


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress with the time left; tell it how much is done, of how much.

    A bar on a terminal; a line every half minute where the output is a file. It shows itself when
    first told, so that an error before any work stands alone.
    """
    if STDERR.is_terminal:
        with _drawn_bar(label) as show:
            yield show
    else:
        yield progress_lines(label, say, time.monotonic)


def progress_lines(
    label: str, say: Callable[[str], None], clock: Callable[[], float]
) -> Callable[[int, int], None]:
    """Says a line when half a minute has passed since the last one, with the time left."""
    began = last = clock()

    def show(done: int, total: int) -> None:
        nonlocal last
        now = clock()
        if now - last >= SILENCE:
            last = now
            left = (now - began) / done * (total - done) if done else 0.0
            say(f"{label}  {done}/{total}  left {minutes(left)}")

    return show


def minutes(seconds: float) -> str:
    """A time as people read it.

    >>> minutes(75.2)
    '1:15'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


@contextmanager
def _drawn_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    progress = Progress(*columns, console=STDERR)
    tasks: list[TaskID] = []

    def show(done: int, total: int) -> None:
        if not tasks:
            progress.start()
            tasks.append(progress.add_task(label, total=total))
        progress.update(tasks[0], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            progress.stop()


class ConsoleRecorder:
    """A line for each evaluation: iterations, loss, accuracies, speed, and the time left."""

    def __init__(self) -> None:
        self._key, self._iterations, self._batch = "", 0, 0

    def record(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Begin):
            self._key = event.key
            phases = event.params["variant"]["phases"]
            self._iterations = sum(int(phase["iterations"]) for phase in phases)
            self._batch = int(event.params["train"]["batch_size"])
        elif isinstance(event, Evaluation):
            say(self._line(event))
        else:
            say(f"{self._key}  trained for {event.step} iterations")

    def _line(self, event: Evaluation) -> str:
        metrics, speed = event.metrics, event.timing.facts.get("train/images_per_second")
        cells = [
            self._key,
            f"{event.step:>6}/{self._iterations}",
            f"loss {metrics.get('train/loss', float('nan')):7.4f}",
            f"train {metrics['train/accuracy']:6.1%}",
            f"val {metrics['val/accuracy']:6.1%}",
        ]
        if speed:
            # From the speed, not the clock: a run that goes on after a night has not trained then.
            left = (self._iterations - event.step) * self._batch / speed
            cells += [f"{speed:6.0f} images/s", f"left {minutes(left)}"]
        return "  ".join(cells)

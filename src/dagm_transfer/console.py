"""What a person sees of long work: lines for a run, a bar for everything else."""

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

from dagm_transfer.training.recorder import Begin, End, Evaluation, Event

STDERR = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """One line for the person at the terminal."""
    STDERR.print(line, markup=False)


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with the time left; tell it how much is done, of how much.

    It shows itself when first told, so that an error before any work stands alone.
    """
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
        self._key, self._iterations = "", 0
        self._first: Evaluation | None = None

    def record(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Begin):
            self._key = event.key
            self._iterations = int(event.params["variant"]["iterations"])
            self._first = None
        elif isinstance(event, Evaluation):
            self._first = self._first or event
            say(self._line(event, self._first))
        else:
            said = [f"{name} {event.metrics[name]:.4g}" for name in self._told(event)]
            say(f"{self._key}  done: " + ", ".join(said))

    def _line(self, event: Evaluation, first: Evaluation) -> str:
        metrics = event.metrics
        done = event.step - first.step
        took = event.time - first.time
        left = took / done * (self._iterations - event.step) if done else None
        cells = [
            self._key,
            f"{event.step:>6}/{self._iterations}",
            f"loss {metrics.get('train/loss', float('nan')):7.4f}",
            f"train {metrics['train/accuracy']:6.1%}",
            f"val {metrics['val/accuracy']:6.1%}",
        ]
        if "train/images_per_second" in metrics:
            cells.append(f"{metrics['train/images_per_second']:6.0f} images/s")
        if left is not None:
            cells.append(f"left {int(left) // 60}:{int(left) % 60:02d}")
        return "  ".join(cells)

    def _told(self, event: End) -> list[str]:
        wanted = ("test/accuracy", "image/defect_ap", "convergence/to_95", "seconds")
        return [name for name in wanted if name in event.metrics]

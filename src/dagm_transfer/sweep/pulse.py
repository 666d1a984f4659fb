"""Shows a database that the trials of this process live, as long as it lives itself."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from optuna import Trial
from optuna.storages import BaseStorage, RDBStorage

from dagm_transfer.sweep.storage import HEARTBEAT


class Pulse:
    """Records heartbeats from a thread of its own: a slow tracking server must not stop them.

    A journal file knows none; there each trial names the process that it was handed out by.
    """

    def __init__(self, storage: BaseStorage):
        self._storage = storage if isinstance(storage, RDBStorage) else None
        self._held: frozenset[int] = frozenset()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        if self._storage:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        self._over.set()
        if self._storage:
            self._thread.join()

    def add(self, trial: Trial) -> None:
        """This trial is in hand too."""
        self._held |= {trial._trial_id}  # noqa: SLF001 - what storages ask for
        self._show({trial._trial_id})  # noqa: SLF001

    def hold(self, trials: Iterable[Trial]) -> None:
        """These are the trials in hand, and no others."""
        held = frozenset(trial._trial_id for trial in trials)  # noqa: SLF001
        new, self._held = held - self._held, held
        self._show(new)

    def show(self) -> None:
        """Say at once that the trials in hand live."""
        self._show(self._held)

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            self.show()

    def _show(self, trials: Iterable[int]) -> None:
        # A database that does not answer is asked again at the next beat.
        with suppress(Exception):
            for trial in trials:
                if self._storage:
                    self._storage.record_heartbeat(trial)

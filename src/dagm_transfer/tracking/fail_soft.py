"""A training does not die of its tracking: the log on disk is the record."""

from collections.abc import Callable
from typing import Protocol

from dagm_transfer.core.errors import reason
from dagm_transfer.events.event import Event, Recorder


class StoreRecorder(Recorder, Protocol):
    """A recorder that may hold something open in a store."""

    def abandon(self) -> None:
        """End what is held, where it did not come to its end."""


class FailSoftRecorder:
    """Passes events to a recorder made at the first one; after a failure it says so and rests.

    Args:
        make: makes the recorder, and may fail as well.
        warn: takes the one line that says what happened.
    """

    def __init__(self, make: Callable[[], StoreRecorder], warn: Callable[[str], None]):
        self._make, self._warn = make, warn
        self._recorder: StoreRecorder | None = None
        self._broken = False

    def record(self, event: Event) -> None:
        """Pass one event on."""
        if self._broken:
            return
        try:
            self._recorder = self._recorder or self._make()
            self._recorder.record(event)
        except Exception as error:  # noqa: BLE001 - whatever a store can do wrong
            self._broken = True
            self._warn(
                f"tracking stopped ({reason(error)}); the run goes on and is logged on disk: "
                "`dagm track` brings it into the store later"
            )

    def abandon(self) -> None:
        """Let the recorder end what it holds; never raises, as it comes after other errors."""
        if self._recorder and not self._broken:
            try:
                self._recorder.abandon()
            except Exception as error:  # noqa: BLE001 - whatever a store can do wrong
                self._broken = True
                self._warn(
                    f"the run stays open in the tracking store ({reason(error)}); "
                    "`dagm track` ends it later"
                )

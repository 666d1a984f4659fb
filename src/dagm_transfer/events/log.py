r"""A run's log: a line of JSON for each event, and in a file of its own what a clock said of it.

    {"begin": {"identity": ..., "environment": {...}, "key": "finetune-s0", ...}}
    {"step": 10, "metrics": {"val/accuracy": 0.5}}
    {"end": {"step": 10, "metrics": {...}, "tags": {...}}}

The log of a run is the same bytes whenever it is made. Its timings are a JSON list with an entry
for each line of the log, and nothing but tracking and the report reads them.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dagm_transfer.core.errors import UserError, one_line
from dagm_transfer.core.files import beside, read_json, write_text
from dagm_transfer.events.event import Begin, End, Evaluation, Event, Timing


@dataclass(frozen=True)
class LogFiles:
    """The two files of one log."""

    log: Path
    timings: Path

    @classmethod
    def at(cls, log: Path) -> "LogFiles":
        """A log with its timings beside it."""
        return cls(log, log.with_suffix(".timings.json"))

    def below(self, root: Path) -> "LogFiles":
        """The same below another folder."""
        return LogFiles(root / self.log, root / self.timings)

    def exists(self) -> bool:
        """Whether there is a log."""
        return self.log.exists()


class JsonlRecorder:
    """Appends each event to a log; it is on the disk when `record` returns."""

    def __init__(self, files: LogFiles):
        self.files = files
        self._timings = _timings(files)
        files.log.parent.mkdir(parents=True, exist_ok=True)

    def record(self, event: Event) -> None:
        """Append the event's line, and write the timings anew."""
        # The timing first: a log that was killed in between has an event less, not a timing less.
        self._timings.append(event.timing)
        _write_timings(self.files, self._timings)
        with self.files.log.open("a", encoding="utf-8") as file:
            file.write(to_line(event))
            file.flush()
            os.fsync(file.fileno())

    def keep_until(self, step: int) -> list[Event]:
        """Drop what the log says of later steps, or half says; the events that stay.

        Raises:
            UserError: a line is no event.
        """
        kept: list[Event] = []
        for event in read_log(self.files):
            if isinstance(event, End) or (isinstance(event, Evaluation) and event.step > step):
                break
            kept.append(event)
        write_log(self.files, kept)
        self._timings = [event.timing for event in kept]
        return kept


def write_log(files: LogFiles, events: Sequence[Event]) -> None:
    """Both files of a log, whole."""
    _write_timings(files, [event.timing for event in events])
    write_events(files.log, events)


def write_events(path: Path, events: Sequence[Event]) -> None:
    """A log without timings: what was measured later has those of the training."""
    write_text(path, "".join(map(to_line, events)))


def copy_log(source: LogFiles, target: LogFiles) -> None:
    """Copy both files of a log, whole or not at all."""
    for old, new in ((source.timings, target.timings), (source.log, target.log)):
        if old.exists():
            with beside(new) as draft:
                draft.write_bytes(old.read_bytes())


def to_line(event: Event) -> str:
    """An event as a line of JSON, without its timing."""
    content = asdict(event)
    content.pop("timing")
    if not isinstance(event, Evaluation):
        content = {type(event).__name__.lower(): content}
    return json.dumps(content, allow_nan=False) + "\n"


def read_log(files: LogFiles) -> list[Event]:
    """The events of a log; a last line that was cut short by a kill is passed over.

    Without its timings the events are as old as the file.

    Raises:
        UserError: a line is no event.
    """
    if not files.exists():
        return []
    timings = _timings(files)
    unknown = Timing(files.log.stat().st_mtime)
    events: list[Event] = []
    for number, content in _lines(files.log):
        timing = timings[number] if number < len(timings) else unknown
        try:
            events.append(_event(content, timing))
        except (TypeError, KeyError, AttributeError) as error:
            raise _broken(files.log, number, error) from error
    return events


def is_finished(events: Sequence[Event]) -> bool:
    """Whether a log has its beginning and its end."""
    return bool(events) and isinstance(events[0], Begin) and isinstance(events[-1], End)


def begin_of(events: Sequence[Event]) -> Begin:
    """The first event of a log."""
    first = events[0]
    assert isinstance(first, Begin), "a log begins with the run"
    return first


def end_of(events: Sequence[Event]) -> End:
    """The last event of a finished log."""
    last = events[-1]
    assert isinstance(last, End), "a finished log has its end"
    return last


def finished_log(files: LogFiles) -> list[Event]:
    """The events of a log that has its end.

    Raises:
        UserError: it is not there, not whole, or a line of it is no event.
    """
    events = read_log(files)
    if not is_finished(events):
        raise UserError(f"{files.log}: no finished log; `dvc repro` makes it")
    return events


def check_data(begin: Begin, facts: Mapping[str, Any]) -> None:
    """That data are those that a run was trained on.

    Raises:
        UserError: they are others.
    """
    if facts["digest"] != begin.data["digest"]:
        raise UserError(f"{begin.key}: was trained on other data than these; run `dvc repro`")


def check_source(begin: Begin, facts: Mapping[str, str]) -> None:
    """That a source trunk is the one that was there when a run was trained.

    Raises:
        UserError: it is another.
    """
    if facts["digest"] != begin.source["digest"]:
        raise UserError(f"{begin.key}: was trained beside another trunk; run `dvc repro`")


def _event(content: dict[str, Any], timing: Timing) -> Event:
    if "begin" in content:
        return Begin(**content["begin"], timing=timing)
    if "end" in content:
        return End(**content["end"], timing=timing)
    return Evaluation(**content, timing=timing)


def _write_timings(files: LogFiles, timings: Sequence[Timing]) -> None:
    write_text(files.timings, json.dumps([asdict(timing) for timing in timings], indent=1) + "\n")


def _timings(files: LogFiles) -> list[Timing]:
    if not files.timings.exists():
        return []
    try:
        return [Timing(**entry) for entry in read_json(files.timings)]
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{files.timings}: no timings of a log ({one_line(error)}); remove the file"
        ) from error


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                return
            try:
                yield number, json.loads(line)
            except ValueError as error:  # a block of zeros, say, after a power cut
                raise _broken(path, number, error) from error


def _broken(path: Path, number: int, error: Exception) -> UserError:
    return UserError(
        f"{path}: line {number + 1} is no event ({one_line(error)}); remove the file, and "
        "`dvc repro` makes it anew"
    )

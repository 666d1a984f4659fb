"""One run's finished logs into the store, as often as one likes.

MLflow keeps every value ever logged for a key and a step and deletes none: where a log differs
from what the store has, the run is made anew and the old one deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from filelock import FileLock
from mlflow.entities import Run

from dagm_transfer.core.locks import HOST
from dagm_transfer.events.event import LAYERS, TRAINING, Event, Timing
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.events.log import begin_of, end_of
from dagm_transfer.tracking.entities import (
    Draw,
    digest_of_log,
    log_figures,
    log_layer_table,
    log_metrics,
    log_tag,
    log_tags,
)
from dagm_transfer.tracking.runs import ENDED, finish_run, start_run
from dagm_transfer.tracking.store import Destination, runs_of

Logs = Mapping[str, list[Event]]  # what several logs say of one run, by their kind


def sync_run(place: Destination, logs: Logs, draws: Mapping[str, Draw]) -> bool:
    """Put a run's finished logs into the store; False where they are there already.

    Args:
        place: where the run belongs.
        logs: by kind; that of the training among them.
        draws: the figures of each kind of log that has some.
    """
    digests = {kind: digest_of_log(events) for kind, events in logs.items()}
    begin, at = begin_of(logs[TRAINING]), end_of(logs[TRAINING]).timing.time
    place.lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.lock):
        known = runs_of(place, begin.identity, environment_digest(begin.environment))
        kept = _kept(known, digests)
        stale = [run for run in known if run is not kept and _is_replaced(run)]
        run_id = kept.info.run_id if kept else _make(place, logs[TRAINING], draws)
        there = kept.data.tags if kept else {}
        missing = [k for k in logs if k != TRAINING and log_tag(k) not in there]
        for kind in missing:
            _append(place, run_id, kind, logs[kind], at, draws)
        for run in stale:
            place.client.delete_run(run.info.run_id)
    return bool(stale or missing or not kept)


def _kept(known: Sequence[Run], digests: Mapping[str, str]) -> Run | None:
    """The run that has the most of these logs, and no other than these."""

    def agrees(tags: Mapping[str, str]) -> bool:
        return tags.get(log_tag(TRAINING)) == digests[TRAINING] and all(
            tags.get(log_tag(kind), digest) == digest for kind, digest in digests.items()
        )

    agreeing = [run for run in known if run.info.status in ENDED and agrees(run.data.tags)]
    return max(
        agreeing, key=lambda run: sum(log_tag(k) in run.data.tags for k in digests), default=None
    )


def _is_replaced(run: Run) -> bool:
    """Whether a run that is not kept goes: a finished one, or one that a sync left half made.

    A live run, and the trace of a killed one, stay.
    """
    half_made = run.info.status == "KILLED" and HOST not in run.data.tags
    return run.info.status in ENDED or half_made


def _make(place: Destination, events: list[Event], draws: Mapping[str, Draw]) -> str:
    """A run from the log of its training; its id."""
    run_id = start_run(place, begin_of(events), {})
    # Where this process dies before the end, nobody takes the run for a live one.
    place.client.set_terminated(run_id, "KILLED")
    log_metrics(place.client, run_id, events)
    finish_run(place.client, run_id, events, draws[TRAINING])
    return run_id


def _append(
    place: Destination,
    run_id: str,
    kind: str,
    events: list[Event],
    at: float,
    draws: Mapping[str, Draw],
) -> None:
    """What was measured later: it has no time of its own, so it gets that of the training's end."""
    log_metrics(place.client, run_id, [replace(event, timing=Timing(at)) for event in events])
    if kind == LAYERS:
        log_layer_table(place.client, run_id, events)
    if kind in draws:
        log_figures(place.client, run_id, draws[kind](events))
    # The digest last: a log that was put there by half is put there again, which changes nothing.
    log_tags(place.client, run_id, {**end_of(events).tags, log_tag(kind): digest_of_log(events)})

"""How a run begins and ends in the store, live or from its log."""

from collections.abc import Mapping

from mlflow import MlflowClient

from dagm_transfer.events.event import TRAINING, Begin, Event
from dagm_transfer.events.log import end_of
from dagm_transfer.tracking.entities import (
    Draw,
    digest_of_log,
    log_figures,
    log_params,
    log_tag,
    log_tags,
    milliseconds,
    tags_of,
)
from dagm_transfer.tracking.store import Destination

ENDED = ("FINISHED", "FAILED")


def start_run(place: Destination, begin: Begin, tags: Mapping[str, str]) -> str:
    """Create a run; its id. `tags` come to those that the event and the place have."""
    run = place.client.create_run(
        place.experiment_id,
        start_time=milliseconds(begin.timing.time),
        run_name=begin.key,
        tags={**tags_of(begin), **place.tags, **tags},
    )
    run_id: str = run.info.run_id
    log_params(place.client, run_id, begin)
    return run_id


def finish_run(client: MlflowClient, run_id: str, events: list[Event], draw: Draw) -> None:
    """What is known of a training at its end, its metrics apart."""
    end = end_of(events)
    log_figures(client, run_id, draw(events))
    log_tags(client, run_id, {**end.tags, log_tag(TRAINING): digest_of_log(events)})
    status = "FAILED" if end.tags.get("optuna.state") == "FAIL" else "FINISHED"
    client.set_terminated(run_id, status, milliseconds(end.timing.time))

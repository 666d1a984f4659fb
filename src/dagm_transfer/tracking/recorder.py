"""A run's events in MLflow, as they come or replayed from a log: the same code for both.

| what | form |
|---|---|
| params | the resolved configuration, flattened, once |
| tags | `identity`, `variant`, `seed`, `data.digest`, `params.digest`, `source.origin`, `git.commit`, `dvc.stage`, `dvc.exp`, `converged`, `diverged` |
| metrics by iteration | `train/*`, `val/*` |
| metrics once | `test/*`, `image/*`, `convergence/*` |
| layer metrics | `NAME/05_conv3_1` once, and `layers/NAME` with the depth as step |
| inputs | the data with their digest |
| artifacts | `layers.csv`, `figures/*.png` |
"""  # noqa: E501 - a table

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Metric, Param

from dagm_transfer.files import digest_of
from dagm_transfer.places import WorkPlaces
from dagm_transfer.tables import to_csv
from dagm_transfer.tracking.store import IDENTITY, end_dead_runs, process_tags, runs_of
from dagm_transfer.training.recorder import Begin, End, Evaluation, Event

METRICS_PER_CALL = 1000
PARAMS_PER_CALL = 100
DIGEST_LENGTH = 36  # MLflow takes no longer one of a data set
LAYERS = "layers.digest"

Draw = Callable[[list[Event]], Mapping[str, Any]]  # matplotlib figures by name


class MlflowRecorder:
    """Puts the events of one log after another into an experiment; a run that is there is left be.

    Args:
        client: of the store.
        experiment_id: where the runs belong.
        work: to tell the living from the dead.
        live: send each evaluation at once; otherwise all at the end.
        draw: the figures of a log.
    """

    def __init__(
        self, client: MlflowClient, experiment_id: str, work: WorkPlaces, *, live: bool, draw: Draw
    ):
        self._client, self._experiment_id, self._work = client, experiment_id, work
        self._live, self._draw = live, draw
        self._run_id: str | None = None  # None: the run is known already, or not for us
        self._events: list[Event] = []
        self._sent = 0

    def record(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, Begin):
            self._events, self._sent = [], 0
            self._run_id = self._begin(event)
        self._events.append(event)
        if self._run_id and isinstance(event, End):
            self._send()
            self._end(self._run_id, event)
        elif self._run_id and self._live:
            self._send()

    def abandon(self) -> None:
        """End the run in hand as killed, where it was not ended."""
        training = (
            self._events
            and isinstance(self._events[0], Begin)
            and (self._events[0].kind == "training" and not isinstance(self._events[-1], End))
        )
        if self._run_id and training:
            self._client.set_terminated(self._run_id, "KILLED")
            self._run_id = None

    def _begin(self, begin: Begin) -> str | None:
        known = runs_of(self._client, self._experiment_id, begin.identity)
        finished = [run.info.run_id for run in known if run.info.status == "FINISHED"]
        if begin.kind == "layers":
            return finished[0] if finished else None
        if finished:
            return None
        for run in known:
            if run.info.status == "RUNNING":
                self._client.set_terminated(run.info.run_id, "KILLED")
        end_dead_runs(self._client, self._experiment_id, self._work)
        run = self._client.create_run(
            self._experiment_id,
            start_time=_milliseconds(begin.time),
            run_name=begin.key,
            tags={**_tags(begin), **(process_tags(self._work) if self._live else {})},
        )
        run_id: str = run.info.run_id
        params = [Param(name, value) for name, value in _params(begin)]
        for first in range(0, len(params), PARAMS_PER_CALL):
            self._client.log_batch(run_id, params=params[first : first + PARAMS_PER_CALL])
        self._client.log_inputs(run_id, [DatasetInput(_data_set(begin))])
        return run_id

    def _send(self) -> None:
        """Send the metrics of events that were not sent yet, in few calls."""
        assert self._run_id
        if self._is_layers() and not isinstance(self._events[-1], End):
            return  # whether they are known already shows when all are there
        if self._is_layers() and self._layers_known():
            return
        metrics = [m for event in self._events[self._sent :] for m in _metrics(event)]
        for first in range(0, len(metrics), METRICS_PER_CALL):
            self._client.log_batch(self._run_id, metrics[first : first + METRICS_PER_CALL])
        self._sent = len(self._events)

    def _end(self, run_id: str, end: End) -> None:
        if self._is_layers():
            if not self._layers_known():
                self._client.log_text(run_id, _layers_csv(self._events), "layers.csv")
                self._log_figures(run_id)
                self._client.set_tag(run_id, LAYERS, self._layers_digest())
            return
        for name, value in end.tags.items():
            self._client.set_tag(run_id, name, value)
        self._log_figures(run_id)
        self._client.set_terminated(run_id, "FINISHED", _milliseconds(end.time))

    def _log_figures(self, run_id: str) -> None:
        for name, figure in self._draw(self._events).items():
            self._client.log_figure(run_id, figure, f"figures/{name}.png")

    def _is_layers(self) -> bool:
        begin = self._events[0]
        return isinstance(begin, Begin) and begin.kind == "layers"

    def _layers_known(self) -> bool:
        assert self._run_id
        tags = self._client.get_run(self._run_id).data.tags
        return bool(tags.get(LAYERS) == self._layers_digest())

    def _layers_digest(self) -> str:
        end = self._events[-1]
        assert isinstance(end, End)
        return digest_of(dict(end.metrics))[:DIGEST_LENGTH]


def _metrics(event: Event) -> Iterator[Metric]:
    if isinstance(event, Begin):
        return
    for name, value in event.metrics.items():
        yield Metric(name, float(value), _milliseconds(event.time), event.step)


def _tags(begin: Begin) -> dict[str, str]:
    return {
        IDENTITY: begin.identity,
        "variant": begin.variant,
        "seed": str(begin.seed),
        "data.digest": begin.data["digest"],
        "params.digest": digest_of(begin.params),
        "source.origin": begin.source["origin"],
        **begin.environment,
    }


def _params(begin: Begin) -> Iterator[tuple[str, str]]:
    yield from flatten(begin.params)
    told = ("kind", "name", "textures", "input", "size", "split")
    yield from ((f"data.{name}", str(begin.data[name])) for name in told if name in begin.data)


def flatten(content: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as dotted names and text.

    >>> list(flatten({"train": {"batch_size": 32}, "seed": 0}))
    [('train.batch_size', '32'), ('seed', '0')]
    """
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)


def _data_set(begin: Begin) -> Dataset:
    facts = begin.data
    return Dataset(
        name=f"{facts['kind']}-{facts['input']}-{facts['size']}",
        digest=facts["digest"][:DIGEST_LENGTH],
        source_type="dvc",
        source="data/prepared",
    )


def _layers_csv(events: Iterable[Event]) -> str:
    rows = [
        {"depth": e.step, **{name.removeprefix("layers/"): v for name, v in e.metrics.items()}}
        for e in events
        if isinstance(e, Evaluation)
    ]
    return to_csv(rows, [*rows[0]])


def _milliseconds(seconds: float | None = None) -> int:
    return int(1000 * (time.time() if seconds is None else seconds))

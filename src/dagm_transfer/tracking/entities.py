"""A run's events in MLflow's terms.

| what | form |
|---|---|
| params | the resolved configuration, flattened, once |
| tags | `identity`, `environment.digest`, `environment.*`, `variant`, `seed`, `data.digest`, `params.digest`, `source.origin`, `git.commit`, `dvc.stage`, `dvc.exp`, `python`, `diverged`; after judging `converged`; of the layers `layers.inputs`; of a trial `optuna.study`, `optuna.trial`, `optuna.state`, `reached`, `error`; while it runs `process.host`, `process.lock` |
| tags of the logs that are in the store | `log.training`, `log.judging`, `log.layers`: their digests |
| tag of the report's figures that are in the store | `report.figures`: their digest |
| metrics by iteration | `train/loss`, `train/accuracy`, `val/loss`, `val/accuracy`, `train/images_per_second` |
| metrics once | `iterations`, `seconds`, `peak_mib`; after judging `test/*`, `image/*`, `convergence/*`; of a trial `sweep/*` |
| layer metrics | `layers/NAME` with the depth as step; once `layers_last/NAME`, `layers_1_7/NAME`, `layers_8_13/NAME` |
| inputs | the data with their digest |
| artifacts | `layers.csv` (depth, metric, value), `figures/*.png`: of its logs, and those of the report in which it is laid beside others |
"""  # noqa: E501 - a table

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

from dagm_transfer.core.files import digest_of
from dagm_transfer.core.tables import Cell, to_csv
from dagm_transfer.events.event import Begin, Evaluation, Event
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.events.log import to_line
from dagm_transfer.tracking.store import ENVIRONMENT, IDENTITY

METRICS_PER_CALL = 1000
PARAMS_PER_CALL = 100
DIGEST_LENGTH = 36  # MLflow takes no longer one of a data set

Draw = Callable[[list[Event]], Mapping[str, Any]]  # matplotlib figures by name


def log_params(client: MlflowClient, run_id: str, begin: Begin) -> None:
    """The resolved configuration, what the data are, and the data themselves by their digest."""
    shown = ("kind", "name", "groups", "input", "size", "split")
    data = {name: begin.data[name] for name in shown if name in begin.data}
    params = [Param(name, value) for name, value in flatten({**begin.params, "data": data})]
    for first in range(0, len(params), PARAMS_PER_CALL):
        client.log_batch(run_id, params=params[first : first + PARAMS_PER_CALL])
    data_set = Dataset(
        name=f"{begin.data['kind']}-{begin.data['input']}-{begin.data['size']}",
        digest=begin.data["digest"][:DIGEST_LENGTH],
        source_type="dvc",
        source="data/prepared",
    )
    client.log_inputs(run_id, [DatasetInput(data_set)])


def log_metrics(client: MlflowClient, run_id: str, events: Iterable[Event]) -> None:
    """The metrics of evaluations and of the end, in few calls."""
    metrics = [metric for event in events for metric in _metrics(event)]
    for first in range(0, len(metrics), METRICS_PER_CALL):
        client.log_batch(run_id, metrics[first : first + METRICS_PER_CALL])


def log_tags(client: MlflowClient, run_id: str, tags: Mapping[str, str]) -> None:
    """Tags, in one call."""
    client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])


def log_figures(client: MlflowClient, run_id: str, figures: Mapping[str, Any]) -> None:
    """Matplotlib figures as artifacts."""
    for name, figure in figures.items():
        client.log_figure(run_id, figure, f"figures/{name}.png")


def log_layer_table(client: MlflowClient, run_id: str, events: Iterable[Event]) -> None:
    """The layer metrics as a long table."""
    rows: list[dict[str, Cell]] = [
        {"depth": event.step, "metric": name.removeprefix("layers/"), "value": value}
        for event in events
        if isinstance(event, Evaluation)
        for name, value in event.metrics.items()
    ]
    client.log_text(run_id, to_csv(rows, ("depth", "metric", "value")), "layers.csv")


def tags_of(begin: Begin) -> dict[str, str]:
    """What a run is found by."""
    return {
        IDENTITY: begin.identity,
        ENVIRONMENT: environment_digest(begin.environment),
        "variant": begin.variant,
        "seed": str(begin.seed),
        "data.digest": begin.data["digest"],
        "params.digest": digest_of(begin.params),
        "source.origin": begin.source["origin"],
        **{f"environment.{name}": str(value) for name, value in begin.environment.items()},
        **{name: str(value) for name, value in begin.timing.facts.items()},
        **begin.tags,
    }


def log_tag(kind: str) -> str:
    """The tag that holds the digest of a log in the store."""
    return f"log.{kind}"


def digest_of_log(events: Iterable[Event]) -> str:
    """Digest of what a log says, its timings apart."""
    return digest_of([to_line(event) for event in events])


def flatten(content: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as dotted names and text.

    >>> list(flatten({"train": {"batch_size": 32}, "phases": [{"iterations": 80}]}))
    [('train.batch_size', '32'), ('phases.0.iterations', '80')]
    """
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{above}{name}.")
        elif isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
            yield from flatten(dict(enumerate(value)), f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)


def milliseconds(seconds: float) -> int:
    """A time as MLflow counts it."""
    return int(1000 * seconds)


def _metrics(event: Event) -> Iterator[Metric]:
    if isinstance(event, Begin):
        return
    speeds = {k: v for k, v in event.timing.facts.items() if isinstance(v, int | float)}
    for name, value in {**event.metrics, **speeds}.items():
        yield Metric(name, float(value), milliseconds(event.timing.time), event.step)

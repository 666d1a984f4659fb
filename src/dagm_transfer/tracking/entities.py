"""A run's events in MLflow's terms.

| what | form |
|---|---|
| params | the resolved configuration, flattened, once |
| tags | `identity`, `variant`, `seed`, `data.digest`, `params.digest`, `source.origin`, `git.commit`, `dvc.stage`, `dvc.exp`, `converged`, `diverged`; of a trial `optuna.study`, `optuna.trial`, `optuna.state`, `reached`, `error` |
| metrics by iteration | `train/*`, `val/*` |
| metrics once | `test/*`, `image/*`, `convergence/*`, of a trial `sweep/*` |
| layer metrics | `NAME/05_conv3_1` once, and `layers/NAME` with the depth as step |
| inputs | the data with their digest |
| artifacts | `layers.csv`, `figures/*.png` |
"""  # noqa: E501 - a table

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, Metric, Param

from dagm_transfer.files import digest_of
from dagm_transfer.tracking.store import IDENTITY
from dagm_transfer.training.recorder import Begin, Event

METRICS_PER_CALL = 1000
PARAMS_PER_CALL = 100
DIGEST_LENGTH = 36  # MLflow takes no longer one of a data set

Draw = Callable[[list[Event]], Mapping[str, Any]]  # matplotlib figures by name


def log_params(client: MlflowClient, run_id: str, begin: Begin) -> None:
    """The resolved configuration, what the data are, and the data themselves by their digest."""
    told = ("kind", "name", "textures", "input", "size", "split")
    data = {name: begin.data[name] for name in told if name in begin.data}
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


def log_figures(
    client: MlflowClient, run_id: str, figures: Mapping[str, Any], folder: str = "figures"
) -> None:
    """Matplotlib figures as artifacts."""
    for name, figure in figures.items():
        client.log_figure(run_id, figure, f"{folder}/{name}.png")


def tags_of(begin: Begin) -> dict[str, str]:
    """What a run is found by."""
    return {
        IDENTITY: begin.identity,
        "variant": begin.variant,
        "seed": str(begin.seed),
        "data.digest": begin.data["digest"],
        "params.digest": digest_of(begin.params),
        "source.origin": begin.source["origin"],
        **begin.environment,
    }


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


def milliseconds(seconds: float) -> int:
    """A time as MLflow counts it."""
    return int(1000 * seconds)


def _metrics(event: Event) -> Iterator[Metric]:
    if isinstance(event, Begin):
        return
    for name, value in event.metrics.items():
        yield Metric(name, float(value), milliseconds(event.time), event.step)

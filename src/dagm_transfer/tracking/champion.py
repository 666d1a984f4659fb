"""The best run's model in the registry, under the alias `champion`; only this one is registered."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import mlflow
import numpy as np
import torch
from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, LoggedModelOutput, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

from dagm_transfer.judging.card import Card
from dagm_transfer.judging.inspector import Inspector
from dagm_transfer.tracking.location import TRACKING_URI
from dagm_transfer.tracking.store import ENVIRONMENT, IDENTITY, Destination, runs_of

MODEL = "dagm-inspector"
ALIAS = "champion"
WEIGHTS = "weights"
NO_SUCH_RUN = "RESOURCE_DOES_NOT_EXIST"  # as MLflow calls it

Grey = np.ndarray[Any, np.dtype[np.float32]]


def register_champion(place: Destination, inspector: Inspector, example: Grey) -> bool:
    """Log an inspector's model and point the alias at it; False where it is the champion already.

    Where the run was made anew in the store, its version follows it.

    Args:
        place: where the run lies.
        inspector: the best.
        example: grey levels 0..255 of two inputs [2, 1, size, size].

    Raises:
        LookupError: the run is not in the store; replay its log first.
    """
    client, card = place.client, inspector.card
    known = runs_of(place, card.identity, card.environment)
    finished = [run for run in known if run.info.status == "FINISHED"]
    if not finished:
        raise LookupError(f"{card.key} is not in the store yet")
    if _is_champion(client, card):
        return False
    with _for_functions_without_client(client):
        model_uri = _log_model(client, finished[0], inspector, example)
        version = mlflow.register_model(model_uri, MODEL, tags=_tags(card))
    client.set_registered_model_alias(MODEL, ALIAS, version.version)
    _delete_orphans(place)
    return True


@contextmanager
def _for_functions_without_client(client: MlflowClient) -> Iterator[None]:
    """Let mlflow's functions on models work on the client's store, and keep their warnings quiet.

    The address is kept in MLFLOW_TRACKING_URI, which would then count as set by the user.
    """
    before = os.environ.get(TRACKING_URI)
    mlflow.set_tracking_uri(client.tracking_uri)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before is None:
            os.environ.pop(TRACKING_URI, None)


def _is_champion(client: MlflowClient, card: Card) -> bool:
    try:
        version = client.get_model_version_by_alias(MODEL, ALIAS)
    except MlflowException:
        return False
    same = (IDENTITY, ENVIRONMENT, WEIGHTS)
    return _has_run(client, version) and all(
        version.tags.get(name) == _tags(card)[name] for name in same
    )


def _log_model(client: MlflowClient, run: Run, inspector: Inspector, example: Grey) -> str:
    """The model among the outputs of a run that has ended; its address.

    The run is not started again, as `mlflow.start_run` would: killed here it would stay open.
    """
    run_id, network = run.info.run_id, inspector.network
    with torch.inference_mode():
        logits = network(torch.from_numpy(example)).numpy()
    made = mlflow.initialize_logged_model(
        "model",
        source_run_id=run_id,
        experiment_id=run.info.experiment_id,
        params=dict(run.data.params),
    )
    logged = mlflow.pytorch.log_model(
        network,
        model_id=made.model_id,
        signature=infer_signature(example, logits),
        input_example=example,
        pip_requirements=[f"torch=={torch.__version__.split('+')[0]}"],
    )
    client.log_outputs(run_id, [LoggedModelOutput(made.model_id, step=0)])
    model_uri: str = logged.model_uri
    return model_uri


def _tags(card: Card) -> dict[str, str]:
    return {
        IDENTITY: card.identity,
        ENVIRONMENT: card.environment,
        WEIGHTS: card.weights,
        "key": card.key,
        "groups": ", ".join(card.groups),
        "threshold.input": str(card.thresholds.input),
        "threshold.image": str(card.thresholds.image),
    }


def _has_run(client: MlflowClient, version: ModelVersion) -> bool:
    try:
        run = client.get_run(version.run_id or "")
    except MlflowException as error:
        if error.error_code == NO_SUCH_RUN:
            return False
        raise  # a server that does not answer just now has lost nothing
    return bool(run.info.lifecycle_stage == LifecycleStage.ACTIVE)


def _delete_orphans(place: Destination) -> None:
    """Delete those of our versions whose run is gone, and their models."""
    client = place.client
    for version in client.search_model_versions(f"name = '{MODEL}'"):
        if IDENTITY in version.tags and not _has_run(client, version):
            client.delete_model_version(MODEL, version.version)
            of_run = f"source_run_id = '{version.run_id}'"
            for model in client.search_logged_models([place.experiment_id], of_run):
                client.delete_logged_model(model.model_id)

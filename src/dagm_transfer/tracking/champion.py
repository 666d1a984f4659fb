"""The best run's model in the registry, under the alias `champion`; only this one is registered."""

import warnings

import mlflow
import numpy as np
import torch
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

from dagm_transfer.models.initial import load_weights
from dagm_transfer.models.inspector import Inspector
from dagm_transfer.places import RunPlaces
from dagm_transfer.stages.run import Run
from dagm_transfer.tracking.store import IDENTITY, Destination, runs_of

MODEL = "dagm-inspector"
ALIAS = "champion"


def register_champion(place: Destination, identity: str, run: Run) -> bool:
    """Log the run's model and point the alias at it; False where it is the champion already.

    Args:
        place: where the run lies.
        identity: of the run.
        run: the same.

    Raises:
        LookupError: the run is not in the store; replay its log first.
    """
    client = place.client
    if _champion_identity(client) == identity:
        return False
    finished = [r for r in runs_of(place, identity) if r.info.status == "FINISHED"]
    if not finished:
        raise LookupError(f"{run.key} is not in the store yet")
    network = load_weights(run.initial_network(), RunPlaces(run.key).model).eval()
    inspector = Inspector(network, run.settings.input_scale).eval()
    examples = run.data.inputs("val")
    example = np.asarray(examples.pixels[:2], dtype=np.float32)[:, None]
    with torch.inference_mode():
        logits = inspector(torch.from_numpy(example)).numpy()
    ended = finished[0].info.end_time
    with warnings.catch_warnings(), mlflow.start_run(run_id=finished[0].info.run_id):
        warnings.simplefilter("ignore")
        logged = mlflow.pytorch.log_model(
            inspector,
            name="model",
            signature=infer_signature(example, logits),
            input_example=example,
            pip_requirements=[f"torch=={torch.__version__.split('+')[0]}"],
        )
    client.set_terminated(finished[0].info.run_id, "FINISHED", ended)
    version = mlflow.register_model(logged.model_uri, MODEL, tags={IDENTITY: identity})
    client.set_registered_model_alias(MODEL, ALIAS, version.version)
    return True


def _champion_identity(client: MlflowClient) -> str | None:
    try:
        version = client.get_model_version_by_alias(MODEL, ALIAS)
    except MlflowException:
        return None
    identity: str | None = version.tags.get(IDENTITY)
    return identity

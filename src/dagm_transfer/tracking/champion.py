"""The registered inspectors: every best run is a version, and one bears the alias `champion`.

| tag of a version | what |
|---|---|
| `card` | digest of the inspector's card; of equal ones there is one version |
| `key`, `identity`, `environment.digest`, `weights` | the run, and its weights' sha256 |
| `groups`, `threshold` | what it knows, and the score from which on an image is defective |
| `validation_cost`, `validated_on`, `costs` | by which versions are compared |
"""

from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, LoggedModelOutput, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of
from dagm_transfer.judging.card import Card, read_card
from dagm_transfer.judging.paths import CARD
from dagm_transfer.tracking.current import on_store_of
from dagm_transfer.tracking.served import IMAGE, INSPECTOR
from dagm_transfer.tracking.served_files import SERVED, SIGNATURE, copy_modules, requirements
from dagm_transfer.tracking.store import ENVIRONMENT, IDENTITY, Destination, runs_of

MODEL = "dagm-inspector"
ALIAS = "champion"
OF_CARD, KEY, COST, VALIDATED_ON, COSTS = "card", "key", "validation_cost", "validated_on", "costs"
MISSING = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # what MLflow says of no version
NO_SUCH_RUN = "RESOURCE_DOES_NOT_EXIST"  # as MLflow calls it


@dataclass(frozen=True)
class Registration:
    """What became of an inspector in the registry.

    Attributes:
        version: its number.
        champion: the number of the version that bears the alias now.
        kept: why that is another one; None where it is this.
    """

    version: str
    champion: str
    kept: str | None


def is_registered(place: Destination, card: Card) -> bool:
    """Whether an inspector is a version already, with its run, and some version is the champion."""
    return champion(place) is not None and any(
        _has_run(place.client, version) for version in _versions_of(place.client, card)
    )


def register(place: Destination, folder: Path, images: Sequence[str]) -> Registration:
    """Make an inspector a version; it takes the alias where it costs less than the champion.

    It takes it too where there is no champion, and where the champion is the same inspector, whose
    run was made anew in the store: then this version replaces that one.

    Args:
        place: where the run lies.
        folder: card and network, named `inspector`, as it will be in the version.
        images: base64 text of image files, which the version shows as its example.

    Raises:
        LookupError: the run is not in the store; replay its log first.
    """
    client, card = place.client, read_card(folder / CARD)
    run = _finished_run(place, card)
    before = champion(place)
    with on_store_of(client):
        model_uri = _log_model(client, run, folder, images)
        with redirect_stderr(StringIO()):  # it prints what the caller says better
            version = mlflow.register_model(model_uri, MODEL, tags=_tags(card))
    kept = None if before is None else _why_it_stays(before, card)
    if kept is None:
        client.set_registered_model_alias(MODEL, ALIAS, version.version)
    _delete_replaced(client, card, by=version)
    stands = version if before is None or kept is None else before
    return Registration(str(version.version), str(stands.version), kept)


def champion(place: Destination) -> ModelVersion | None:
    """The version that bears the alias; None where none does."""
    try:
        return place.client.get_model_version_by_alias(MODEL, ALIAS)
    except MlflowException as error:
        if error.error_code in MISSING:
            return None
        raise  # a server that does not answer just now has lost nothing


def promote(place: Destination, version: int) -> ModelVersion:
    """Move the alias to a version, whatever it costs.

    Raises:
        UserError: there is no such version.
    """
    found = {int(each.version): each for each in _versions(place.client)}
    if version not in found:
        known = ", ".join(map(str, sorted(found))) or "none yet; `dagm report` registers the best"
        raise UserError(f"{MODEL} has no version {version}; it has {known}")
    place.client.set_registered_model_alias(MODEL, ALIAS, str(version))
    return found[version]


def _why_it_stays(before: ModelVersion, card: Card) -> str | None:
    """Why a champion keeps the alias from another inspector; None where it does not."""
    had, has = before.tags, _tags(card)
    if had.get(OF_CARD) == has[OF_CARD]:
        return None
    if had.get(VALIDATED_ON) != has[VALIDATED_ON]:
        return "validated on other images, they cannot be compared"
    if had.get(COSTS) != has[COSTS]:
        return f"validated at other costs ({had.get(COSTS)}), they cannot be compared"
    if card.validation_cost < float(had[COST]):
        return None
    return f"on validation it costs {float(had[COST]):g}, this one {card.validation_cost:g}"


def _finished_run(place: Destination, card: Card) -> Run:
    for run in runs_of(place, card.identity, card.environment):
        if run.info.status == "FINISHED":
            return run
    raise LookupError(f"{card.key} is not in the store yet")


def _log_model(client: MlflowClient, run: Run, folder: Path, images: Sequence[str]) -> str:
    """The model among the outputs of a run that has ended; its address.

    The run is not started again, as `mlflow.start_run` would: killed here it would stay open.
    """
    run_id = run.info.run_id
    made = mlflow.initialize_logged_model(
        "model",
        source_run_id=run_id,
        experiment_id=run.info.experiment_id,
        params=dict(run.data.params),
    )
    with TemporaryDirectory() as scratch:
        logged = mlflow.pyfunc.log_model(
            model_id=made.model_id,
            python_model=SERVED,
            artifacts={INSPECTOR: str(folder)},
            code_paths=[str(copy_modules(Path(scratch)))],
            signature=SIGNATURE,
            input_example=pd.DataFrame({IMAGE: list(images)}),
            pip_requirements=requirements(),
        )
    client.log_outputs(run_id, [LoggedModelOutput(made.model_id, step=0)])
    model_uri: str = logged.model_uri
    return model_uri


def _tags(card: Card) -> dict[str, str]:
    return {
        OF_CARD: digest_of(card.model_dump()),
        KEY: card.key,
        IDENTITY: card.identity,
        ENVIRONMENT: card.environment,
        "weights": card.weights,
        "groups": ", ".join(card.groups),
        "threshold": str(card.thresholds.image),
        COST: str(card.validation_cost),
        VALIDATED_ON: card.validated_on,
        COSTS: f"miss {card.costs.miss:g}, false alarm {card.costs.false_alarm:g}",
    }


def _versions(client: MlflowClient) -> list[ModelVersion]:
    return list(client.search_model_versions(f"name = '{MODEL}'"))


def _versions_of(client: MlflowClient, card: Card) -> list[ModelVersion]:
    same = digest_of(card.model_dump())
    return [version for version in _versions(client) if version.tags.get(OF_CARD) == same]


def _has_run(client: MlflowClient, version: ModelVersion) -> bool:
    try:
        run = client.get_run(version.run_id or "")
    except MlflowException as error:
        if error.error_code == NO_SUCH_RUN:
            return False
        raise  # as above
    return bool(run.info.lifecycle_stage == LifecycleStage.ACTIVE)


def _delete_replaced(client: MlflowClient, card: Card, by: ModelVersion) -> None:
    """Delete other versions of the same inspector, and their models."""
    for version in _versions_of(client, card):
        if version.version != by.version:
            client.delete_model_version(MODEL, version.version)
            client.delete_logged_model((version.source or "").rpartition("/")[2])

"""From the address of a registered version to the inspector in it."""

from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.tracking.current import on_store_of
from dagm_transfer.tracking.served import INSPECTOR
from dagm_transfer.tracking.store import Destination

WITHIN = f"artifacts/{INSPECTOR}"  # where MLflow puts an artifact of a model


def registered_folder(place: Destination, uri: str) -> Path:
    """The folder with card and network of a version.

    Where the artifacts are files of this machine, it is the version's own folder: to be read only.

    Args:
        place: the store that the version is in.
        uri: `models:/NAME@ALIAS` or `models:/NAME/VERSION`.

    Raises:
        UserError: there is no such version, or what it holds is no inspector.
    """
    with on_store_of(place.client):
        try:
            found = mlflow.artifacts.download_artifacts(f"{uri}/{WITHIN}")
        except (MlflowException, OSError) as error:
            raise UserError(
                f"{uri}: no registered inspector ({reason(error)}); `dagm report` registers one "
                "(models:/NAME@ALIAS or models:/NAME/VERSION)"
            ) from error
    return Path(found)

"""From the address of a registered version to the inspector in it."""

from pathlib import Path

import mlflow
from mlflow.store.artifact.utils.models import get_model_name_and_version

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.judging.paths import CARD
from dagm_transfer.tracking.store import Destination


def registered_folder(place: Destination, uri: str) -> Path:
    """The folder with card and network of a version.

    Where the artifacts are files of this machine, it is the version's own folder: to be read only.

    Args:
        place: the store that the version is in.
        uri: `models:/NAME@ALIAS` or `models:/NAME/VERSION`.

    Raises:
        UserError: there is no such version, or what it holds is no inspector.
    """
    try:
        name, version = get_model_name_and_version(place.client, uri)  # type: ignore[no-untyped-call]
        source = place.client.get_model_version_download_uri(name, version)
        found = Path(mlflow.artifacts.download_artifacts(source))
    except Exception as error:  # whatever a store can do wrong
        raise UserError(f"{uri}: not in the tracking store ({reason(error)})") from error
    for card in sorted(found.rglob(CARD)):
        return card.parent
    raise UserError(f"{uri}: holds no inspector; `dagm report` registers one")

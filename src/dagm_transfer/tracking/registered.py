"""A registered model's files, brought here."""

from pathlib import Path

import mlflow

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.judging.paths import CARD


def download_registered(uri: str, store: str) -> Path:
    """The folder of a registered inspector.

    Args:
        uri: `models:/NAME@ALIAS` or `models:/NAME/VERSION`.
        store: the address of the tracking store.

    Raises:
        UserError: the store has no such model, does not answer, or the model is no inspector.
    """
    try:
        found = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, tracking_uri=store))
    except Exception as error:  # whatever a store can do wrong
        raise UserError(f"{uri}: not in the tracking store ({reason(error)})") from error
    for card in sorted(found.rglob(CARD)):
        return card.parent
    raise UserError(f"{uri}: holds no inspector; register the champion anew with `dagm track`")

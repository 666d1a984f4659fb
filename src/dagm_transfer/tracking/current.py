"""Those of mlflow's functions that take no client, working on a client's store."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow import MlflowClient

from dagm_transfer.tracking.location import TRACKING_URI

PROGRESS_BAR = "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"


@contextmanager
def on_store_of(client: MlflowClient) -> Iterator[None]:
    """Let mlflow's functions on models work on the client's store, quietly.

    mlflow keeps the address in MLFLOW_TRACKING_URI, which would then count as set by the user, and
    leaves the modules of every model that it tried on Python's path.
    """
    before = {name: os.environ.get(name) for name in (TRACKING_URI, PROGRESS_BAR)}
    path = sys.path
    mlflow.set_tracking_uri(client.tracking_uri)
    os.environ[PROGRESS_BAR] = "false"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path = path
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

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

    mlflow keeps the address in MLFLOW_TRACKING_URI, which would then count as set by the user,
    leaves the modules of every model that it tries on Python's path, and compiled ones in the
    model.
    """
    before = {name: os.environ.get(name) for name in (TRACKING_URI, PROGRESS_BAR)}
    path, compiles = sys.path, sys.dont_write_bytecode
    mlflow.set_tracking_uri(client.tracking_uri)
    os.environ[PROGRESS_BAR], sys.dont_write_bytecode = "false", True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path, sys.dont_write_bytecode = path, compiles
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

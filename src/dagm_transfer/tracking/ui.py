"""MLflow's page: where it is, and a server for it that ends with its process.

`mlflow server` starts the web server, a job runner and the runner's consumers as processes of
their own, and they outlive one that is killed. Here the web server runs in this process, and no
jobs: nothing is left, however the process ends.
"""

import os
import socket
import warnings
from contextlib import suppress
from pathlib import Path

import uvicorn

from dagm_transfer.core.errors import UserError
from dagm_transfer.tracking.location import artifacts, is_server, tracking_uri
from dagm_transfer.tracking.store import Destination
from dagm_transfer.tracking.view import VIEW

HOST = "127.0.0.1"
APP = "mlflow.server.fastapi_app:app"
QUEUE = 128  # connections that wait while the server starts
GRACE = 2  # seconds for requests under way when it ends


def ui_address(place: Destination, root: Path, port: int) -> str:
    """The page of the experiment's view: on the server that MLFLOW_TRACKING_URI names, or here."""
    uri = tracking_uri(root)
    base = uri.rstrip("/") if is_server(uri) else f"http://{HOST}:{port}"
    shown = f"viewStateShareKey={VIEW}&compareRunsMode=CHART&workflowType=machine_learning"
    return f"{base}/#/experiments/{place.experiment_id}/runs?{shown}"


def listen(port: int) -> socket.socket:
    """A socket at the port; who connects before the server stands waits for it.

    Raises:
        UserError: the port cannot be had.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(QUEUE)
    except (OSError, OverflowError) as error:
        found.close()
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(f"port {port}: {reason}; choose another with --port") from error
    return found


def serve(root: Path, listening: socket.socket) -> None:
    """Serve the store of a checkout until Ctrl-C or a signal ends the process."""
    # Not at the top: whether uvicorn is there already decides if the server guards itself against
    # requests of other sites.
    from mlflow.server import constants

    os.environ |= {
        constants.BACKEND_STORE_URI_ENV_VAR: tracking_uri(root),
        constants.SERVE_ARTIFACTS_ENV_VAR: "true",
        constants.ARTIFACT_ROOT_ENV_VAR: "mlflow-artifacts:/",
        constants.ARTIFACTS_DESTINATION_ENV_VAR: artifacts(root).as_uri(),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    warnings.filterwarnings("ignore", module="mlflow")  # of what mlflow will have to change
    config = uvicorn.Config(APP, log_level="warning", timeout_graceful_shutdown=GRACE)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])

"""The database that a study is kept in, and what may be said of it: no part of a password."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import optuna
from optuna import Study
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from dagm_transfer.core.errors import UserError, reason

# A worker shows every so many seconds that its trial lives; after so many without it does not.
HEARTBEAT, GRACE = 10, 40
RETRIES = 3  # of a point whose worker dies: it may be the point that kills
PATIENCE = 60  # seconds for a connection, and for a lock of SQLite
POSTGRES = ("postgres", "postgresql")  # without a driver: the one that is installed here
SECRETS = re.compile(r"://[^:/]*:(.*)@|password=([^&]*)", re.DOTALL)


@contextmanager
def experimental() -> Iterator[None]:
    """Without Optuna's warnings that heartbeats and names of objectives may change one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


def retry(study: Study, trial: FrozenTrial, most: int | None = RETRIES) -> None:
    """Have the point of a failed trial tried again, unless it was so often; None: without end."""
    trial.user_attrs = {}  # whose it was, and what became of it
    with experimental():
        RetryHeartbeatStaleTrialCallback(most)(study, trial)


def open_storage(url: str) -> RDBStorage:
    """The storage at a database's URL, made where there is none.

    A trial whose heartbeat stops fails, and its point waits to be tried again: Optuna sees to that
    whenever a worker asks for a trial.

    Raises:
        UserError: nothing answers there, or the database is another program's.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # what becomes of trials the parent says
    try:
        return _open(database(url))
    except Exception as error:  # whatever a driver can raise over a URL
        said = error if isinstance(error, UserError) else f"cannot be opened: {reason(error)}"
        raise UserError(without_password(f"{url}: {said}", url)) from error


def _open(url: URL) -> RDBStorage:
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise UserError("lies in the memory of one process; name a file, as sqlite:///study.db")
    patience = {"timeout" if url.get_backend_name() == "sqlite" else "connect_timeout": PATIENCE}
    tables = inspect(create_engine(url, connect_args=patience, poolclass=NullPool))
    if (names := tables.get_table_names()) and "studies" not in names:
        raise UserError("holds the tables of another program; name another database")
    with experimental():
        return RDBStorage(
            url.render_as_string(hide_password=False),
            engine_kwargs={"connect_args": patience, "pool_pre_ping": True},
            heartbeat_interval=HEARTBEAT,
            grace_period=GRACE,
            heartbeat_stale_trial_callback=retry,
        )


def database(url: str) -> URL:
    """A URL with the driver that is installed here, where it names none."""
    parts = make_url(url)
    return parts.set(drivername="postgresql+psycopg") if parts.drivername in POSTGRES else parts


def without_password(text: str, url: str) -> str:
    """A text with stars in place of a URL's password, and of any part that a driver makes of it.

    >>> without_password("no host cret@db", "postgresql://me:s3@cret@db/study")
    'no host ***@db'
    """
    secrets = [secret for found in SECRETS.findall(url) for secret in found if secret]
    # One that is badly quoted is cut at these, and a part of it taken for the host.
    parts = {part for secret in secrets for part in (secret, *re.split(r"[@/:?#&]", secret))}
    parts |= {unquote(part) for part in parts}
    for part in sorted(filter(None, parts), key=len, reverse=True):
        text = text.replace(part, "***")
    return text


def is_same(one: str, other: str) -> bool:
    """Whether two URLs lead to one database."""
    if (mine := file_of(one)) and (theirs := file_of(other)):
        return mine.resolve() == theirs.resolve()
    try:
        urls = [database(url) for url in (one, other)]
    except (ArgumentError, ValueError):
        return False  # whoever opens it says so
    places = [(url.get_backend_name(), url.host, url.port, url.database) for url in urls]
    return places[0] == places[1]


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for others."""
    try:
        parts = database(url)
    except (ArgumentError, ValueError):
        return None
    sqlite = parts.get_backend_name() == "sqlite" and parts.database
    return Path(str(parts.database)) if sqlite else None

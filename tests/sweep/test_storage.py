"""Databases that studies are kept in: opened or refused in one line that tells no secret."""

import sqlite3

import optuna
import pytest

from dagm_transfer.core.errors import UserError
from dagm_transfer.sweep.storage import file_of, is_same, open_storage, retry, without_password


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:s3cret@127.0.0.1:9/none", "//me:***@127.0.0.1:9/none: cannot be opened"),
        ("postgres://me:s3cret@127.0.0.1:9/none", "Connection refused"),
        ("postgresql://me:s3cret@127.0.0.1:5432x/none", "//me:***@127.0.0.1:5432x/none: cannot"),
        ("postgresql://me:s3@cr:et@127.0.0.1:9/none", "//me:***@127.0.0.1:9/none: cannot"),
        ("postgresql://me:s3%2Fcret@127.0.0.1:9/none", "//me:***@127.0.0.1:9/none: cannot"),
        ("postgresql://127.0.0.1:9/none?user=me&password=s3cret", "password=***: cannot"),
        ("redis://:s3cret@127.0.0.1:9", "redis://:***@127.0.0.1:9: cannot be opened"),
        ("mysql://me:s3cret@127.0.0.1:9/none", "cannot be opened"),
        ("sqlite:////no/such/folder/study.db", "unable to open"),
        ("sqlite://", "lies in the memory of one process"),
        ("sqlite:///:memory:", "lies in the memory of one process"),
        ("nonsense://", "cannot be opened"),
        ("study.log", "Could not parse SQLAlchemy URL"),
    ],
)
def test_a_storage_that_cannot_be_opened_is_one_line_without_a_password(url, said):
    with pytest.raises(UserError) as raised:
        open_storage(url)
    message = str(raised.value)
    assert said in message
    assert "\n" not in message
    assert not any(part in message for part in ("s3", "cret", "cr:et"))


def test_a_password_that_a_driver_takes_for_the_host_is_hidden():
    said = without_password('no host "s3/cret@db" for me', "postgresql://me:s3/cret@db/x")
    assert said == 'no host "***@db" for me'
    assert without_password("sqlite:///study.db: gone", "sqlite:///study.db").endswith("db: gone")


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as database:
        database.execute("create table runs (id integer)")
    before = path.read_bytes()
    with pytest.raises(UserError, match="tables of another program"):
        open_storage(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sqlite:///a.db", "sqlite:///./a.db", True),
        ("sqlite:///a.db", "sqlite:///b.db", False),
        ("postgres://me:x@host/db", "postgresql+psycopg://you:y@host/db", True),
        ("postgresql://host/db", "postgresql://host/other", False),
        ("sqlite:///db", "postgresql://host/db", False),
        ("postgresql://me:p@ss:word@host/db", "sqlite:///db", False),
        ("sqlite:///db", "./mlruns", False),
    ],
)
def test_two_urls_can_lead_to_one_database(one, other, same):
    assert is_same(one, other) == same


def test_only_sqlite_has_a_file(tmp_path):
    assert file_of(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert file_of("sqlite://") is None
    assert file_of("study.log") is None
    assert file_of("postgresql://host/db") is None


@pytest.mark.parametrize(("most", "tries"), [(3, 4), (0, 1)])
def test_a_point_is_retried_so_often_and_no_more(url, most, tries):
    study = optuna.create_study(storage=open_storage(url))
    study.enqueue_trial({"x": 0.25})
    drawn = []
    for _ in range(6):
        trial = study.ask()
        drawn.append(trial.suggest_float("x", 0, 1))
        trial.set_user_attr("process", "mine")
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        retry(study, study.trials[trial.number], most)
    assert drawn.count(0.25) == tries


def test_a_retry_does_not_inherit_whose_it_was(url):
    study = optuna.create_study(storage=open_storage(url))
    study.enqueue_trial({"x": 0.25}, user_attrs={"process": "gone"})
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    retry(study, study.trials[0])
    assert study.trials[1].user_attrs == {}
    assert study.ask().suggest_float("x", 0, 1) == 0.25

"""Sweeps as a user runs them: real workers, real storages, killed and interrupted."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import dom_of, needed
from optuna.trial import TrialState
from project import Project, stored
from servers import free_port, postgres, postgres_programs, served
from sweeps import (
    STUDY,
    Swept,
    begun,
    default_storage,
    different,
    wait_for_evaluations,
    workers_of,
)

from dagm_transfer.events.event import Begin, End
from dagm_transfer.events.log import LogFiles, read_log
from dagm_transfer.params import load

TRIALS = 5
STORAGES = ["sqlite", "postgresql"]
# What is read of the study once, whatever it is kept in, or not at all.
on_one_storage = pytest.mark.parametrize("swept", STORAGES[:1], indirect=True, scope="module")


@pytest.fixture(scope="module", params=STORAGES)
def swept(
    request: pytest.FixtureRequest, finished: Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Swept]:
    folder = tmp_path_factory.mktemp(request.param)
    project = finished.copy(folder / "checkout")
    if request.param == "sqlite":
        yield swept_twice(Swept(project, default_storage(project), ()))
    elif postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    else:
        with postgres(folder / "postgres") as url:
            swept = swept_twice(Swept(project, url, ("--storage", url)))
            yield swept
            # Else the connections would warn from whichever test the garbage is collected in.
            swept.opened.engine.dispose()


def swept_twice(swept: Swept) -> Swept:
    command = ["dagm", "sweep", "run", "--study", STUDY, *swept.options]
    asked = [*command, "--trials", str(TRIALS), "--workers", "2"]
    process = begun(swept.project, asked)
    wait_for_evaluations(swept.logs())
    workers_of(process)[0].kill()
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    swept.project.run(*command, "--trials", "2", "--workers", "1")
    return swept


def test_no_trial_is_lost_and_none_is_double(swept: Swept) -> None:
    done, lost = swept.points(), swept.points(TrialState.FAIL)
    assert len(done) == TRIALS + 2
    assert different(done)
    assert len(lost) == 1
    assert lost[0] in done
    assert len(swept.study().trials) == TRIALS + 3


def test_the_published_points_were_tried_first(swept: Swept) -> None:
    first = load(swept.project.root / "params.yaml").sweep.first
    assert [trial.params for trial in swept.study().trials[: len(first)]] == first


def test_every_trial_is_a_run_under_one_parent_linked_both_ways(swept: Swept) -> None:
    client = stored(swept.project)
    experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
    runs = client.search_runs([experiment.experiment_id])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert [run.info.run_name for run in parents] == [STUDY]
    children = {run.info.run_id: run for run in runs if run not in parents}
    assert {run.data.tags["mlflow.parentRunId"] for run in children.values()} == {
        parents[0].info.run_id
    }
    finished = [run for run in children.values() if run.info.status == "FINISHED"]
    assert len(finished) == TRIALS + 2
    assert [r.info.status for r in children.values() if r not in finished] == ["KILLED"]
    for trial in swept.completed():
        run = children[trial.user_attrs["mlflow.run_id"]]
        assert run.data.tags["optuna.trial"] == str(trial.number)
        assert run.data.metrics["sweep/accuracy"] == trial.values[0]
        assert run.data.metrics["sweep/to_target"] == trial.values[1]
        curve = client.get_metric_history(run.info.run_id, "val/accuracy")
        assert [m.step for m in sorted(curve, key=lambda m: m.step)] == list(range(7))
        assert not [name for name in run.data.metrics if name.startswith(("test/", "image/"))]


def test_every_trial_left_its_log(swept: Swept) -> None:
    for trial in swept.study().trials:
        log = read_log(LogFiles.at(swept.logs() / f"trial-{trial.number:04d}.jsonl"))
        assert isinstance(log[0], Begin)
        assert log[0].tags["optuna.trial"] == str(trial.number)
        if trial.state == TrialState.FAIL:
            assert not isinstance(log[-1], End), "its process was killed"
        else:
            assert isinstance(log[-1], End)
            assert log[-1].tags["optuna.state"] == trial.state.name


def test_optunas_own_commands_read_the_study(swept: Swept) -> None:
    asked = ("--storage", swept.storage, "--study-name", STUDY, "-f", "json")
    trials = json.loads(swept.project.run("optuna", "trials", *asked).partition("\n")[0])
    assert len(trials) == TRIALS + 3
    best = json.loads(swept.project.run("optuna", "best-trials", *asked).partition("\n")[0])
    assert {trial["number"] for trial in best} == {t.number for t in swept.study().best_trials}


@needed
def test_the_dashboard_shows_the_study(swept: Swept, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = ["optuna-dashboard", swept.storage, "--port", str(port), "--host", "127.0.0.1"]
    where = {"cwd": swept.project.root, "env": swept.project.environment()}
    with served(command, f"{address}/dashboard", **where):
        assert STUDY in dom_of(f"{address}/dashboard", tmp_path / "profile", 15000)
        with urllib.request.urlopen(f"{address}/api/studies", timeout=10) as answer:  # noqa: S310
            (study,) = json.load(answer)["study_summaries"]
        page = f"{address}/dashboard/studies/{study['study_id']}/trials"
        trials = dom_of(page, tmp_path / "profile", 15000)
        assert "Trial 0" in trials


def test_the_best_trial_becomes_a_variant_that_the_pipeline_trains(swept: Swept) -> None:
    said = swept.project.run("dagm", "sweep", "best", "--study", STUDY, "--write", *swept.options)
    best = max(swept.completed(), key=lambda t: (t.values[0], -t.values[1], -t.number))
    assert f"trial {best.number} is the variant tuned" in said
    params = load(swept.project.root / "params.yaml")
    assert ("tuned", 0) in params.run_keys()
    tuned = params.variants["tuned"]
    for name, value in best.params.items():
        assert getattr(tuned if hasattr(tuned, name) else tuned.phases[0], name) == value
    assert "train@tuned-0" in swept.project.run("dvc", "stage", "list")


@on_one_storage
def test_the_report_shows_what_was_found(swept: Swept) -> None:
    swept.project.run("dagm", "sweep", "report", "--study", STUDY, *swept.options)
    folder = swept.logs().parent
    page = (folder / "index.html").read_text()
    figures = {path.stem for path in (folder / "figures").glob("*.png")}
    assert {"front", "learning_rate", "history"} <= figures
    assert page.count("data:image/png;base64,") == len(figures)
    for trial in swept.completed():
        assert f'href="logs/trial-{trial.number:04d}.jsonl"' in page
    assert "its process died" in page
    table = (folder / "trials.csv").read_text().splitlines()
    assert len(table) == 1 + len(swept.study().trials)


@on_one_storage
def test_a_lost_store_comes_back_from_the_logs(swept: Swept) -> None:
    for path in swept.project.root.glob("mlflow.db*"):
        path.unlink()
    shutil.rmtree(swept.project.root / "mlartifacts")
    for _ in range(2):
        swept.project.run("dagm", "track")
        client = stored(swept.project)
        experiment = client.get_experiment_by_name(f"sweep-{STUDY}")
        runs = client.search_runs([experiment.experiment_id])
        assert len(runs) == 1 + TRIALS + 2

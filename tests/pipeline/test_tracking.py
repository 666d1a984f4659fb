"""What stands in the MLflow store after a run, and after the store was lost."""

import math

from mlflow import MlflowClient
from mlflow.entities import Run
from project import Project

from dagm_transfer.models.vgg16 import DEPTHS, layer_key


def client_of(project: Project) -> MlflowClient:
    return MlflowClient(f"sqlite:///{project.root / 'mlflow.db'}")


def runs_of(project: Project) -> dict[str, Run]:
    client = client_of(project)
    experiment = client.get_experiment_by_name("study")
    return {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}


def histories(project: Project) -> dict[str, dict[str, list[tuple[int, float, int]]]]:
    client = client_of(project)
    return {
        name: {
            key: sorted(
                (m.step, m.value, m.timestamp)
                for m in client.get_metric_history(run.info.run_id, key)
            )
            for key in run.data.metrics
        }
        for name, run in runs_of(project).items()
    }


def test_a_run_says_what_it_is(finished: Project) -> None:
    run = runs_of(finished)["finetune-s0"]
    assert run.info.status == "FINISHED"
    wanted = {
        "identity", "variant", "seed", "data.digest", "params.digest", "source.origin",
        "git.commit", "dvc.stage", "converged",
    }  # fmt: skip
    assert wanted <= run.data.tags.keys()
    assert run.data.tags["dvc.stage"] == "train@finetune-0"
    assert run.data.params["variant.learning_rate"] == "0.001"
    assert run.inputs.dataset_inputs[0].dataset.digest == run.data.tags["data.digest"][:36]


def test_layer_metrics_stand_twice(finished: Project) -> None:
    run = runs_of(finished)["finetune-s0"]
    curve = client_of(finished).get_metric_history(run.info.run_id, "layers/weight_change")
    assert sorted(m.step for m in curve) == list(DEPTHS)
    by_step = {m.step: m.value for m in curve}
    for depth in DEPTHS:
        assert run.data.metrics[f"weight_change/{layer_key(depth)}"] == by_step[depth]
    assert all(math.isfinite(value) for value in run.data.metrics.values())


def test_artifacts_lie_beside_the_store(finished: Project) -> None:
    run = runs_of(finished)["finetune-s0"]
    assert run.info.artifact_uri.startswith((finished.root / "mlartifacts").as_uri())
    names = {item.path for item in client_of(finished).list_artifacts(run.info.run_id)}
    assert {"layers.csv", "figures"} <= names


def test_the_champion_alone_is_registered(finished: Project) -> None:
    client = client_of(finished)
    (model,) = client.search_registered_models()
    version = client.get_model_version_by_alias(model.name, "champion")
    champion = [r for r in runs_of(finished).values() if r.info.run_id == version.run_id]
    assert champion[0].data.tags["identity"] == version.tags["identity"]
    assert champion[0].info.status == "FINISHED"


def test_replay_brings_everything_back_and_twice_changes_nothing(copied: Project) -> None:
    # The copy's store still holds artifact paths of the original: it starts from nothing anyway.
    before = histories(copied)
    (copied.root / "mlflow.db").unlink()
    copied.run("dagm", "track")
    once = histories(copied)
    assert once.keys() == before.keys() == {"scratch-s0", "finetune-s0"}
    for name, metrics in before.items():
        assert once[name].keys() == metrics.keys()
        for key, values in metrics.items():
            assert once[name][key] == values, f"{name} {key}"
    copied.run("dagm", "track")
    assert histories(copied) == once
    assert len(runs_of(copied)) == 2


def test_replay_keeps_when_it_happened(copied: Project) -> None:
    before = {name: (r.info.start_time, r.info.end_time) for name, r in runs_of(copied).items()}
    (copied.root / "mlflow.db").unlink()
    copied.run("dagm", "track")
    after = {name: (r.info.start_time, r.info.end_time) for name, r in runs_of(copied).items()}
    assert after == before

"""What stands in the MLflow store after a run, and after the store was lost."""

import json
import math
import shutil
from pathlib import Path

from mlflow.entities import Run
from project import Project, stored

from dagm_transfer.models.vgg16 import DEPTHS

KEYS = {"scratch-s0", "finetune-s0"}


def runs_of(project: Project) -> dict[str, Run]:
    client = stored(project)
    experiment = client.get_experiment_by_name("study")
    runs = client.search_runs([experiment.experiment_id])
    assert len({run.info.run_name for run in runs}) == len(runs)
    return {run.info.run_name: run for run in runs}


def histories(project: Project) -> dict[str, dict[str, list[tuple[int, float, int]]]]:
    client = stored(project)
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
        "identity", "environment.digest", "environment.torch", "variant", "seed", "data.digest",
        "params.digest", "source.origin", "git.commit", "dvc.stage", "converged", "diverged",
        "log.training", "log.judging", "log.layers",
    }  # fmt: skip
    assert wanted <= run.data.tags.keys()
    assert run.data.tags["dvc.stage"] == "train@finetune-0"
    assert run.data.params["variant.phases.0.learning_rate"] == "0.001"
    assert run.inputs.dataset_inputs[0].dataset.digest == run.data.tags["data.digest"][:36]


def test_every_stage_has_told_what_it_measured(finished: Project) -> None:
    metrics = runs_of(finished)["finetune-s0"].data.metrics
    assert {
        "val/accuracy", "train/images_per_second", "seconds", "test/defect_ap", "image/defect_ap",
        "layers_last/sparsity",
    } <= metrics.keys()  # fmt: skip
    assert all(math.isfinite(value) for value in metrics.values())


def test_layer_metrics_are_curves_over_depth(finished: Project) -> None:
    run = runs_of(finished)["finetune-s0"]
    curve = stored(finished).get_metric_history(run.info.run_id, "layers/weight_change")
    assert sorted(m.step for m in curve) == list(DEPTHS)
    last = {m.step: m.value for m in curve}[DEPTHS[-1]]
    assert run.data.metrics["layers_last/weight_change"] == last


def test_artifacts_lie_beside_the_store(finished: Project) -> None:
    run = runs_of(finished)["finetune-s0"]
    assert run.info.artifact_uri.startswith((finished.root / "mlartifacts").as_uri())
    names = {item.path for item in stored(finished).list_artifacts(run.info.run_id)}
    assert {"layers.csv", "figures"} <= names


def test_the_champion_alone_is_registered(finished: Project) -> None:
    client = stored(finished)
    (model,) = client.search_registered_models()
    version = client.get_model_version_by_alias(model.name, "champion")
    champion = [r for r in runs_of(finished).values() if r.info.run_id == version.run_id]
    for tag in ("identity", "environment.digest"):
        assert champion[0].data.tags[tag] == version.tags[tag]
    assert champion[0].info.status == "FINISHED"
    (card,) = (finished.root / "mlartifacts").rglob("card.json")
    named = json.loads((finished.root / "reports" / "champion.json").read_text())["key"]
    assert champion[0].info.run_name == named
    assert card.read_text() == (finished.root / "models" / named / "card.json").read_text()


def test_replay_brings_everything_back_and_twice_changes_nothing(
    finished: Project, tmp_path: Path
) -> None:
    # A plain copy's store is of the original's place: it is made anew without being asked.
    copied = Project(shutil.copytree(finished.root, tmp_path / "moved", symlinks=True))
    before = histories(copied)
    times = {name: (r.info.start_time, r.info.end_time) for name, r in runs_of(copied).items()}
    said = copied.run("dagm", "track")
    assert "another place" in said
    once = histories(copied)
    assert once.keys() == before.keys() == KEYS
    for name, metrics in before.items():
        assert once[name].keys() == metrics.keys()
        for key, values in metrics.items():
            assert once[name][key] == values, f"{name} {key}"
    after = runs_of(copied)
    assert {n: (r.info.start_time, r.info.end_time) for n, r in after.items()} == times
    assert all(run.info.artifact_uri.startswith(copied.root.as_uri()) for run in after.values())
    assert "another place" not in copied.run("dagm", "track")
    assert histories(copied) == once
    assert {n: r.info.run_id for n, r in runs_of(copied).items()} == {
        n: r.info.run_id for n, r in after.items()
    }

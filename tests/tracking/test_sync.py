"""A run's finished logs in the store, put there once, twice, and after a number moved."""

from dataclasses import replace

import pytest
from mlflow.entities import ViewType

from dagm_transfer.events.event import Timing
from dagm_transfer.events.identity import environment_digest

MS = 1000
START = 1_700_000_000 * MS
AT_END = START + 3 * MS


def test_a_run_says_what_it_is(store, make_logs):
    assert store.put(make_logs())
    run = store.run()
    tags = run.data.tags
    assert run.info.run_name == "finetune-s0"
    assert run.info.status == "FINISHED"
    assert (run.info.start_time, run.info.end_time) == (START, AT_END)
    digest = environment_digest({"torch": "2.11", "device": "cpu"})
    wanted = {
        "identity": "a" * 64, "environment.digest": digest, "environment.torch": "2.11",
        "environment.device": "cpu", "variant": "finetune", "seed": "0", "data.digest": "d" * 64,
        "source.origin": "file", "git.commit": "c0ffee", "dvc.stage": "train@finetune-0",
        "python": "3.11", "diverged": "false", "converged": "true",
    }  # fmt: skip
    assert wanted.items() <= tags.items()
    assert {"params.digest", "log.training", "log.judging", "log.layers"} <= tags.keys()
    assert run.data.params["variant.learning_rate"] == "0.001"
    assert run.inputs.dataset_inputs[0].dataset.digest == "d" * 36


def test_every_metric_has_its_step_and_its_time(store, make_logs):
    store.put(make_logs())
    assert store.history(store.run()) == {
        "val/accuracy": [(1, 0.5, START + MS), (2, 0.75, START + 2 * MS)],
        "train/images_per_second": [(1, 250.0, START + MS), (2, 250.0, START + 2 * MS)],
        "iterations": [(2, 2.0, AT_END)],
        "seconds": [(2, 4.0, AT_END)],
        "test/defect_tpr": [(2, 0.5, AT_END)],
        "layers/weight_change": [(1, 0.125, AT_END), (2, 0.25, AT_END)],
        "layers_last/weight_change": [(2, 0.25, AT_END)],
    }


def test_the_layers_are_a_long_table_too(store, make_logs):
    store.put(make_logs())
    client, run_id = store.place.client, store.run().info.run_id
    assert {item.path for item in client.list_artifacts(run_id)} == {"layers.csv", "figures"}
    table = store.work.root / "mlartifacts" / "study" / run_id / "artifacts" / "layers.csv"
    assert table.read_text().splitlines() == [
        "depth,metric,value", "1,weight_change,0.125", "2,weight_change,0.25",
    ]  # fmt: skip


def test_twice_changes_nothing(store, make_logs):
    store.put(make_logs())
    once = store.everything()
    assert not store.put(make_logs())
    assert store.everything() == once


def test_another_clock_is_not_another_log(store, make_logs):
    store.put(make_logs())
    once = store.everything()
    logs = make_logs(seconds=9.0)
    logs["judging"] = [replace(event, timing=Timing(5.0)) for event in logs["judging"]]
    assert not store.put(logs)
    assert store.everything() == once


def test_what_comes_later_is_added_to_the_run(store, make_logs):
    logs = make_logs()
    store.put({"training": logs["training"]})
    run_id = store.run().info.run_id
    assert store.put({kind: logs[kind] for kind in ("training", "layers")})
    assert store.put(logs)
    assert store.run().info.run_id == run_id
    assert store.run().info.end_time == AT_END
    assert "test/defect_tpr" in store.run().data.metrics


def test_a_log_that_is_not_at_hand_stays(store, make_logs):
    logs = make_logs()
    store.put(logs)
    assert not store.put({"training": logs["training"]})
    assert "test/defect_tpr" in store.run().data.metrics


@pytest.mark.parametrize(
    ("moved", "key", "values"),
    [
        ({"accuracy": 1.0}, "val/accuracy", [0.5, 1.0]),
        ({"tpr": 1.0}, "test/defect_tpr", [1.0]),
        ({"change": 1.0}, "layers/weight_change", [1.0, 0.25]),
    ],
)
def test_a_moved_number_makes_the_run_anew(store, make_logs, moved, key, values):
    store.put(make_logs())
    old = store.run().info.run_id
    assert store.put(make_logs(**moved))
    run = store.run()
    assert run.info.run_id != old
    assert store.place.client.get_run(old).info.lifecycle_stage == "deleted"
    found = store.history(run)
    assert [value for _, value, _ in found[key]] == values
    for logged in found.values():
        assert len({step for step, _, _ in logged}) == len(logged)
    assert found.keys() == {
        "val/accuracy", "train/images_per_second", "iterations", "seconds", "test/defect_tpr",
        "layers/weight_change", "layers_last/weight_change",
    }  # fmt: skip


def test_two_environments_are_two_runs(store, make_logs):
    store.put(make_logs())
    assert store.put(make_logs(environment={"torch": "2.11", "device": "H100"}, accuracy=0.8))
    assert len(store.runs()) == 2
    assert not store.put(make_logs())
    assert len(store.runs()) == 2


def test_of_equal_runs_one_is_kept(store, make_logs):
    client, logs = store.place.client, make_logs()
    store.put(logs)
    first = store.run()
    # As two equal machines leave it that trained at once.
    twin = client.create_run(
        store.place.experiment_id, start_time=first.info.start_time, tags=dict(first.data.tags)
    )
    client.delete_tag(twin.info.run_id, "log.layers")
    client.set_terminated(twin.info.run_id, "FINISHED")
    assert store.put(logs)
    assert store.run().info.run_id == first.info.run_id


def test_what_a_killed_sync_left_is_cleared(store, make_logs):
    logs = make_logs()
    broken = {**store.draws, "training": lambda _: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        type(store)(store.work, broken).put(logs)
    assert store.run().info.status == "KILLED"
    assert store.put(logs)
    assert store.run().info.status == "FINISHED"
    everything = store.place.client.search_runs(
        [store.place.experiment_id], run_view_type=ViewType.ALL
    )
    assert len(everything) == 2


def test_a_deleted_experiment_comes_back(store, make_logs):
    store.put(make_logs(accuracy=0.25))
    store.put(make_logs())
    before = store.everything()
    store.place.client.delete_experiment(store.place.experiment_id)
    again = type(store)(store.work)
    assert again.place.experiment_id == store.place.experiment_id
    again.put(make_logs())  # the run that had been replaced came back with the experiment
    assert again.everything() == before

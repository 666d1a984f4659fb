"""The course of training: from the trunks that `train` keeps to the table that `layers` writes."""

import filecmp
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from runs import DATA, FACTS, TRUNK, run_below, write_data

from dagm_transfer.analysis.layer_metrics import OF_A_CHANGE, OF_A_MOMENT
from dagm_transfer.analysis.meters.features import AFTER, BEFORE, PARTS, Features, at
from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.core.tables import read_csv
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.metrics.weight_change import weight_change_rate
from dagm_transfer.models.vgg16 import DEPTHS
from dagm_transfer.stages.features import features
from dagm_transfer.stages.layers import layers
from dagm_transfer.stages.train import train
from dagm_transfer.training.paths import TrainingPaths
from dagm_transfer.training.settings import Machine
from dagm_transfer.training.snapshots import kept_steps, network_at

CPU = torch.device("cpu")
SETTINGS = Analysis(inputs=16, n_neighbors=1, probe_draws=2, surrogates=2, calibrated=[13])
BATCH = 4


def measured(root: Path, **asked: object) -> tuple[str, list[tuple[int, int]]]:
    """Train and measure a run below a folder; its key, and the batches that `features` showed."""
    run = run_below(
        root, init="imagenet", iterations=4, learning_rate=1e-4, batch_size=BATCH, **asked
    )
    work = WorkPaths(root / "work")
    outputs = TrainingPaths(run.key)
    shown: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        train(
            run, machine=Machine(device="cpu", cache_max_gib=0.0, checkpoint_every=1), device=CPU,
            paths=outputs, work=work, watchers=[], provenance={}, say=print,
        )  # fmt: skip
        features(
            run.key, SETTINGS, data=Prepared(root / DATA), trunk=root / TRUNK,
            trunk_facts=root / FACTS, root=root, device=CPU,
            on_batch=lambda *done: shown.append(done),
        )  # fmt: skip
        layers(run.key, SETTINGS, trunk=root / TRUNK, trunk_facts=root / FACTS, root=root)
    return run.key, shown


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A run that kept trunks after 1 and 4 of 4 iterations, and one that kept none."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("course")
    write_data(root, per_label=6)
    kept = measured(root, snapshots=[4, 1, 9])
    none = measured(root, seed=1, trainable_from=14)
    torch.set_num_threads(threads)
    return root, kept, none


def course_of(root: Path, key: str) -> dict[tuple[int, int, str], float]:
    rows = read_csv(root / AnalysisPaths(key).course)
    return {(int(r["iteration"]), int(r["depth"]), r["metric"]): float(r["value"]) for r in rows}


def test_each_moment_is_streamed_once_and_what_is_the_same_never_twice(project):
    root, (key, shown), (frozen, shown_frozen) = project
    folder = root / AnalysisPaths(key).features
    batches = 16 // BATCH
    assert len(shown) == 3 * len(PARTS) * batches, "before, at 1, and at 4, which is after"
    assert len(shown_frozen) == len(PARTS) * batches
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == [AFTER, at(1), at(4), BEFORE]
    names = [f"{part}/{p.name}" for part in PARTS for p in (folder / AFTER / part).iterdir()]
    assert len(names) == len(PARTS) * 14
    assert filecmp.cmpfiles(folder / at(4), folder / AFTER, names, shallow=False)[0] == names
    found = Features(folder)
    early, late, start = (found.responses(w, "test", 13) for w in (at(1), AFTER, BEFORE))
    assert not np.array_equal(early, start)
    assert not np.array_equal(early, late)
    assert sorted(p.name for p in (root / AnalysisPaths(frozen).features).iterdir()) == [
        AFTER, BEFORE, "inputs.csv",
    ]  # fmt: skip


def test_the_course_has_every_metric_from_the_start_to_the_end(project):
    root, (key, _), _ = project
    course = course_of(root, key)
    assert {(step, depth, name) for step, depth, name in course} == {
        (step, depth, name)
        for step in (0, 1, 4)
        for depth in DEPTHS
        for name in (*OF_A_CHANGE, *OF_A_MOMENT)
    }
    table = {
        (int(r["depth"]), r["metric"]): float(r["value"])
        for r in read_csv(root / AnalysisPaths(key).layers)
    }
    for depth in DEPTHS:
        for name in OF_A_MOMENT:
            ends = course[0, depth, name], course[4, depth, name]
            expected = table[depth, f"{name}_initial"], table[depth, name]
            assert ends == pytest.approx(expected, nan_ok=True)
        for name in OF_A_CHANGE:
            assert course[4, depth, name] == pytest.approx(table[depth, name], nan_ok=True)
        assert course[0, depth, "weight_change"] == 0
        assert course[0, depth, "cka_to_start"] == pytest.approx(1)
    assert math.isfinite(course[1, 13, "flatness_over_channels"])


def test_on_the_way_the_kept_trunk_is_measured(project):
    root, (key, _), _ = project
    course, path = course_of(root, key), root / TrainingPaths(key).snapshots
    assert kept_steps(path) == [1, 4]
    start = run_below(root, init="imagenet").initial_network()
    trunk = network_at(1, path, start)
    for depth in DEPTHS:
        kernels = (net.conv(depth).weight.detach() for net in (start, trunk))
        assert course[1, depth, "weight_change"] == weight_change_rate(*kernels) > 0
        responses = Features(root / AnalysisPaths(key).features).responses(at(1), "test", depth)
        assert course[1, depth, "inactive_channels"] == pytest.approx((responses <= 0).mean())
        assert course[1, depth, "weight_change"] < course[4, depth, "weight_change"]


def test_without_kept_trunks_there_is_no_course(project):
    root, _, (key, _) = project
    assert read_csv(root / AnalysisPaths(key).course) == []
    assert (root / AnalysisPaths(key).course).read_text() == "iteration,depth,name,metric,value\n"

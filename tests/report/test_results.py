"""Which runs are read, and which of them is the champion."""

import math
from dataclasses import replace

import pytest

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.log import LogFiles
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.report.found.results import champion, check_data, gather, with_layers


def best_of(project):
    best = champion(gather(project.keys, project.root))
    return best and best.begin.key


def test_least_cost_on_validation_wins_whatever_the_accuracy(project, sketches):
    project.add("finetune", 0, sketches["finetune"], cost=3.0)
    project.add("frozen", 0, sketches["frozen"], cost=2.0)
    assert best_of(project) == "frozen-s0"


def test_of_equal_cost_the_least_validation_loss_wins(project, sketches):
    project.add("frozen", 0, sketches["frozen"], cost=2.0)
    project.add("finetune", 0, sketches["finetune"], cost=2.0)
    assert best_of(project) == "finetune-s0"


def test_test_images_have_no_say(project, sketches):
    project.add("finetune", 0, replace(sketches["finetune"], strength=0.0), cost=1.0)
    project.add("frozen", 0, replace(sketches["frozen"], strength=9.0), cost=2.0)
    assert best_of(project) == "finetune-s0"


def test_a_run_that_diverged_is_no_champion(project, sketches):
    project.add("finetune", 0, sketches["finetune"], cost=0.0, diverges_at=50)
    assert best_of(project) is None
    project.add("frozen", 0, sketches["frozen"], cost=99.0)
    assert best_of(project) == "frozen-s0"


def test_only_the_named_runs_are_read(project, sketches):
    project.add("finetune", 0, sketches["finetune"])
    project.add("frozen", 0, sketches["frozen"])
    assert list(gather([("frozen", 0)], project.root)) == ["frozen"]


def test_runs_on_other_data_are_refused(project, sketches):
    project.add("finetune", 0, sketches["finetune"])
    project.add("frozen", 0, sketches["frozen"], digest="other")
    results = gather(project.keys, project.root)
    with pytest.raises(UserError, match=r"^frozen-s0: trained on other data"):
        check_data(results, Prepared(project.root / PREPARED))


def test_a_run_that_is_not_judged_is_an_error(project, sketches):
    key = project.add("finetune", 0, sketches["finetune"])
    LogFiles.at(project.root / JudgingPaths(key).log).log.unlink()
    with pytest.raises(UserError, match="no finished log"):
        gather(project.keys, project.root)


def test_layers_that_were_not_measured_are_none_and_have_no_number(project, sketches):
    keys = [project.add(name, 0, sketches[name]) for name in ("finetune", "frozen")]
    without, other = (project.root / AnalysisPaths(key).layers for key in keys)
    without.unlink()
    (run,), (measured,) = gather(project.keys, project.root).values()
    assert run.layers is None
    assert math.isnan(run.layer("sparsity", [13]))
    assert run.over_depth("sparsity") == []
    assert list(with_layers({"finetune": [run], "frozen": [measured]})) == ["frozen"]
    other.unlink()
    assert with_layers(gather(project.keys, project.root)) == {}


@pytest.mark.parametrize(
    ("kept_in", "now", "earlier"),
    [("log", '"false_alarm_limit": null, ', ""), ("table", "part,kind", "piece,kind")],
)
def test_a_run_that_an_earlier_release_judged_is_to_be_judged_again(
    project, sketches, kept_in, now, earlier
):
    key = project.add("finetune", 0, sketches["finetune"])
    path = project.root / getattr(JudgingPaths(key), kept_in)
    assert now in path.read_text()
    path.write_text(path.read_text().replace(now, earlier))
    with pytest.raises(UserError, match=r"of an earlier release; `dvc repro` judges again$"):
        gather(project.keys, project.root)

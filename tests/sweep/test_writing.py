"""A trial's settings in params.yaml."""

from pathlib import Path

import pytest

from dagm_transfer.params import load
from dagm_transfer.sweep.writing import write_variant
from dagm_transfer.training.settings import Phase

ROOT = Path(__file__).resolve().parents[2]
POINT = {"learning_rate": 0.00234, "trainable_from": 13, "momentum": 0.9}


@pytest.fixture
def path(tmp_path):
    target = tmp_path / "params.yaml"
    target.write_text((ROOT / "params" / "demo.yaml").read_text())
    return target


def test_the_variant_is_the_point_over_the_base_with_the_sweeps_budget(path):
    before = load(path)
    write_variant(path, before, POINT)
    after = load(path)
    assert after.study.variants == [*before.study.variants, "tuned"]
    phase = Phase(trainable_from=13, learning_rate=0.00234, iterations=before.sweep.iterations)
    changed = {"momentum": 0.9, "evaluate_every": before.sweep.evaluate_every, "phases": [phase]}
    expected = before.variants["finetune"].model_copy(update=changed)
    assert after.variants == {**before.variants, "tuned": expected}
    assert after.sweep == before.sweep


def test_nothing_else_in_the_file_changes(path):
    lines = path.read_text().splitlines()
    write_variant(path, load(path), POINT)
    written = path.read_text().splitlines()
    added = [line for line in written if line not in lines]
    kept = iter(written)
    assert all(line in kept for line in lines), "a line was lost, changed or moved"
    assert {"    - tuned", "  tuned:", "        learning_rate: 0.00234"} <= set(added)


def test_a_second_trial_takes_the_place_of_the_first(path):
    write_variant(path, load(path), POINT)
    write_variant(path, load(path), {**POINT, "trainable_from": 14})
    after = load(path)
    assert after.study.variants.count("tuned") == 1
    assert after.variants["tuned"].phases[0].trainable_from == 14


def test_a_head_that_was_chosen_is_the_models(path):
    write_variant(path, load(path), {**POINT, "head": "fc"})
    assert load(path).model.head == "fc"

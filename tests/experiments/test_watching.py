"""A training that is looked at on its way: what it sees, and how it goes on when it was killed."""

import json

import pytest
import torch
from small import recipe, small_inputs, small_network

from dagm_transfer.analysis.silence import silence
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from watching import watch

CPU = torch.device("cpu")
LOOKS = [1, 3, 6]
RECIPE = recipe(snapshots=LOOKS, evaluate_every=6)


def watched(folder):
    network = small_network()
    rows = watch(
        network, small_inputs(6), small_inputs(3, seed=1), small_inputs(4, seed=2), RECIPE, CPU,
        folder,
    )  # fmt: skip
    return network, rows


def value(rows, **wanted):
    (found,) = [row["value"] for row in rows if wanted.items() <= row.items()]
    return found


def test_it_looks_before_and_after_and_the_end_is_that_of_the_network(tmp_path):
    network, rows = watched(tmp_path)
    assert sorted({row["iteration"] for row in rows}) == [0, *LOOKS]
    found = silence(network, small_inputs(4, seed=2), [2, 13], scale="unit", device=CPU)
    for depth in (2, 13):
        seen = value(rows, iteration=6, depth=depth, metric="inactive")
        assert seen == pytest.approx(found[depth]["inactive"], abs=1e-5)
    assert {row["depth"] for row in rows if row["iteration"] == 1} == {0, 8, 13}
    assert all(row["metric"] != "dead_over_100" for row in rows), "there are sixteen inputs"


def test_a_look_leaves_the_training_as_it_was(tmp_path):
    looked_at, rows = watched(tmp_path)
    plain, evaluations = small_network(), []
    train_network(
        plain, small_inputs(6), small_inputs(3, seed=1), RECIPE, CPU, make_feeds=feeds_of_pixels,
        record=evaluations.append,
    )  # fmt: skip
    assert [row["value"] for row in rows if row["metric"] == "val/accuracy"] == [
        round(evaluation.metrics["val/accuracy"], 5) for evaluation in evaluations
    ]
    for ours, theirs in zip(looked_at.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("looks_before", [0, 1, 2])
def test_killed_it_goes_on_with_what_it_saw(tmp_path, monkeypatch, looks_before):
    whole, rows = watched(tmp_path / "whole")
    monkeypatch.setattr("watching.CHECKPOINT_EVERY", 1)
    written = []

    def dies(path, content):
        if len(written) > looks_before:
            raise KeyboardInterrupt
        written.append(path)
        path.write_text(json.dumps(content))

    monkeypatch.setattr("watching.write_json", dies)
    with pytest.raises(KeyboardInterrupt):
        watched(tmp_path / "broken")
    monkeypatch.undo()
    again, found = watched(tmp_path / "broken")
    assert found == rows
    for ours, theirs in zip(again.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)

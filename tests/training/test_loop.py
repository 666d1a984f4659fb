"""The training loop: against plain SGD by hand, killed and resumed, cached, diverged."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small import recipe, small_network
from torch import nn

from dagm_transfer.events.log import LogFiles, read_log, to_line
from dagm_transfer.models.initial import to_input
from dagm_transfer.training import loop
from dagm_transfer.training.batches import Batches, groups_by_label
from dagm_transfer.training.checkpoint import read_checkpoint
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network
from dagm_transfer.training.settings import Phase

# Every kind of draw and of optimiser state that a resumed run has to find again.
KINDS = {
    "plain": {"momentum": 0.0},
    "momentum": {},
    "augment": {"augment": True},
    "frozen": {"trainable_from": 8},
    "frozen and not cached": {"trainable_from": 8, "make_feeds": feeds_of_pixels},
    "frozen and augment": {"trainable_from": 8, "augment": True},
    "head alone": {"trainable_from": 14},
    "dropout": {"head": "fc"},
    "epochs": {"sampling": "epoch", "batch_size": 5},
    "head first, then all": {
        "phases": [
            Phase(trainable_from=14, learning_rate=0.05, iterations=3),
            Phase(trainable_from=1, learning_rate=0.01, iterations=3),
        ]
    },
}


def step_of(path) -> int:
    """The iterations done at a checkpoint, 0 without one."""
    checkpoint = read_checkpoint(path)
    return checkpoint.step if checkpoint else 0


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_is_evaluated_before_the_first_iteration_every_so_often_and_at_its_end(run_fit):
    fitted = run_fit(iterations=5, evaluate_every=2)
    assert [e.step for e in fitted.evaluations] == [0, 2, 4, 5]
    assert (fitted.outcome.iterations, fitted.outcome.diverged) == (5, False)
    names = {"train/loss", "train/accuracy", "val/loss", "val/accuracy"}
    assert [set(e.metrics) for e in fitted.evaluations] == [names] * 4
    speed = {"train/images_per_second"}
    assert [set(e.timing.facts) for e in fitted.evaluations] == [set(), *[speed] * 3]


@pytest.mark.parametrize(
    ("phases", "every", "snapshots", "steps"),
    [
        ([6], 2, [], [2, 4, 6]),
        ([5], 2, [], [2, 4, 5]),
        ([3], 10, [], [3]),
        ([3, 4], 2, [], [2, 3, 4, 6, 7]),
        ([6], 2, [3, 6, 9], [2, 3, 4, 6]),
    ],
)
def test_evaluations_lie_on_multiples_at_ends_of_phases_and_at_snapshots(
    phases, every, snapshots, steps
):
    made = [Phase(trainable_from=1, learning_rate=0.1, iterations=n) for n in phases]
    asked = recipe(phases=made, evaluate_every=every, snapshots=snapshots)
    assert asked.stops() == steps


def test_an_easy_problem_is_learned(run_fit):
    fitted = run_fit(iterations=90, evaluate_every=90, learning_rate=0.005, batch_size=12)
    first, last = fitted.evaluations[0].metrics, fitted.evaluations[-1].metrics
    assert first["val/accuracy"] <= 0.5
    assert last["val/accuracy"] >= 0.9
    assert last["val/loss"] < 0.7 * first["val/loss"]


@pytest.mark.parametrize(
    "settings", [{"momentum": 0.0}, {"momentum": 0.9}, {"momentum": 0.5, "weight_decay": 0.1}]
)
def test_training_is_stochastic_gradient_descent(run_fit, make_network, make_inputs, settings):
    fitted = run_fit(iterations=3, evaluate_every=2, learning_rate=0.01, **settings)
    network, train = make_network(), make_inputs(6)
    weights = list(network.parameters())
    velocities = [torch.zeros_like(w) for w in weights]
    batches = Batches(groups_by_label(train.labels), 4, seed=0)
    losses = []
    for iteration in range(3):
        rows = batches.rows(iteration)
        inputs = to_input(torch.from_numpy(train.pixels[rows])[:, None], "unit")
        loss = nn.functional.cross_entropy(network(inputs), torch.from_numpy(train.labels[rows]))
        gradients = torch.autograd.grad(loss, weights)
        losses.append(float(loss.detach()))
        with torch.no_grad():
            for w, v, g in zip(weights, velocities, gradients, strict=True):
                v.mul_(settings["momentum"]).add_(g + settings.get("weight_decay", 0.0) * w)
                w.sub_(0.01 * v)
    torch.testing.assert_close(
        fitted.state, dict(network.state_dict()), rtol=1e-5, atol=1e-6, check_stride=False
    )
    # The recorded loss is the mean over the batches since the last evaluation.
    told = [e.metrics["train/loss"] for e in fitted.evaluations[1:]]
    assert told == pytest.approx([np.mean(losses[:2]), losses[2]], rel=1e-5)


def test_evaluations_are_those_of_the_network_at_that_step(run_fit, make_network, make_inputs):
    train, val = make_inputs(6), make_inputs(4, seed=1)
    # `train_subset` of 8 leaves two of each label to be watched, spread over its six.
    watched = [0, 3, 6, 9, 12, 15, 18, 21]
    network, expected = make_network(), []

    def accuracy(pixels, labels):
        with torch.inference_mode():
            logits = network(to_input(torch.from_numpy(pixels)[:, None], "unit"))
        return (logits.argmax(1).numpy() == labels).mean()

    def watch(_):
        on_train = accuracy(train.pixels[watched], train.labels[watched])
        expected.append((on_train, accuracy(val.pixels, val.labels)))

    settings = {"iterations": 60, "evaluate_every": 20, "batch_size": 12, "learning_rate": 0.005}
    fitted = run_fit(network=network, watch=watch, **settings)
    told = [(e.metrics["train/accuracy"], e.metrics["val/accuracy"]) for e in fitted.evaluations]
    np.testing.assert_allclose(told, expected)
    assert len(set(told)) > 1, "the accuracies must move, or they show nothing"


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_two_fits_with_one_seed_are_equal_to_the_last_bit(run_fit, settings):
    first, second = run_fit("first", **settings), run_fit("second", **settings)
    assert first.told == second.told
    assert equal(first.state, second.state)


@pytest.mark.parametrize(
    ("kind", "killed_at"),
    [*((kind, 4) for kind in KINDS), *(("momentum", step) for step in (0, 2, 6))],
)
def test_a_killed_fit_goes_on_to_the_numbers_of_an_unbroken_one(run_fit, kind, killed_at):
    settings = KINDS[kind]
    unbroken = run_fit("unbroken", **settings)
    killed = run_fit("killed", killed_at=killed_at, **settings)
    assert killed.outcome is None
    kept = step_of(killed.workspace.checkpoint)
    resumed = run_fit("killed", **settings)
    # The log keeps what was told up to the checkpoint (see `JsonlRecorder.keep_until`).
    past = [(step, metrics) for step, metrics in killed.told if kept and step <= kept]
    assert past + resumed.told == unbroken.told
    assert equal(resumed.state, unbroken.state)
    first, second = (
        read_checkpoint(run.workspace.checkpoint).optimiser["momentum_buffers"]
        for run in (resumed, unbroken)
    )
    for mine, theirs in zip(first, second, strict=True):
        assert mine is theirs or torch.equal(mine, theirs)


def test_momentum_is_part_of_what_resumes(run_fit):
    # Without its buffers a resumed run would differ: the test above must be able to fail.
    run_fit("killed", killed_at=4)
    path = run_fit("killed", killed_at=4).workspace.checkpoint
    content = torch.load(path, weights_only=True)
    for buffer in content["optimiser"]["momentum_buffers"]:
        buffer.zero_()
    torch.save(content, path)
    assert not equal(run_fit("killed").state, run_fit("unbroken").state)


def test_a_fit_that_had_ended_says_so_again_and_trains_no_more(run_fit):
    done = run_fit()
    again = run_fit()
    assert again.told == []
    assert again.outcome.iterations == 6
    assert again.outcome.seconds == done.outcome.seconds
    assert equal(again.state, done.state)


def test_seconds_go_on_counting_after_a_kill(run_fit):
    killed = run_fit(killed_at=4)
    before = read_checkpoint(killed.workspace.checkpoint).seconds
    assert before > 0
    assert run_fit().outcome.seconds > before


@pytest.mark.parametrize(("every", "steps"), [(1, [0, 0, 1, 2, 3, 4]), (2, [0, 0, 0, 2, 2, 4])])
def test_a_checkpoint_is_written_every_so_many_evaluations(run_fit, tmp_path, every, steps):
    path, seen = tmp_path / "run" / "checkpoint.pt", []
    run_fit(
        iterations=5,
        evaluate_every=1,
        checkpoint_every=every,
        watch=lambda _: seen.append(step_of(path)),
    )
    assert seen == steps


@pytest.mark.parametrize(
    "settings",
    [
        {"seed": 1},
        {"momentum": 0.0},
        {"augment": True},
        {"weight_decay": 0.1},
        {"sampling": "epoch"},
        {"input_scale": "bytes"},
        {"precision": "bfloat16"},
        {"trainable_from": 2},
    ],
)
def test_each_setting_of_a_recipe_counts(run_fit, settings):
    changed = {"learning_rate": 1e-4, **settings}
    other, base = run_fit("other", **changed), run_fit("base", learning_rate=1e-4)
    assert other.told[-1] != base.told[-1]
    assert not equal(other.state, base.state)


def test_half_the_digits_train_to_nearly_the_same(run_fit):
    half, whole = (
        run_fit(precision, precision=precision, learning_rate=1e-3)
        for precision in ("bfloat16", "float32")
    )
    assert {tensor.dtype for tensor in half.state.values()} == {torch.float32}
    torch.testing.assert_close(half.state, whole.state, rtol=0.02, atol=0.002)


@pytest.mark.parametrize("trainable_from", [2, 6, 14])
def test_a_cache_changes_no_bit_and_frozen_weights_stand_still(
    run_fit, make_network, tmp_path, trainable_from
):
    cached = run_fit("cached", trainable_from=trainable_from)
    kept = list((tmp_path / "cache").glob("*.npy"))
    assert len(kept) == 2, "training and validation"
    anew = run_fit("anew", trainable_from=trainable_from, make_feeds=feeds_of_pixels)
    assert list((tmp_path / "cache").glob("*.npy")) == kept
    assert equal(cached.state, anew.state)
    assert cached.told == anew.told
    before = make_network().state_dict()
    frozen = {
        f"features.{place}"
        for depth, place in enumerate((0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), start=1)
        if depth < trainable_from
    }
    for name, tensor in cached.state.items():
        stood_still = torch.equal(tensor, before[name])
        assert stood_still == (name.rpartition(".")[0] in frozen), name


def test_nothing_is_cached_where_images_are_augmented_or_all_trains(run_fit, tmp_path):
    run_fit("augmented", augment=True, trainable_from=8)
    run_fit("all", trainable_from=1)
    assert not (tmp_path / "cache").exists()


def test_training_images_are_turned_all_eight_ways_and_evaluated_ones_are_not(run_fit, monkeypatch):
    seen, turn = [], loop.rotate_and_flip

    def spy(pixels, choices):
        seen.append(choices)
        return turn(pixels, choices)

    monkeypatch.setattr(loop, "rotate_and_flip", spy)
    fitted = run_fit(augment=True, iterations=20, evaluate_every=20, learning_rate=1e-12)
    assert len(seen) == 20, "once an iteration, never for an evaluation"
    assert set(torch.cat(seen).tolist()) == set(range(8))
    first, last = (e.metrics for e in fitted.evaluations)
    assert last["val/loss"] == pytest.approx(first["val/loss"], abs=1e-6)


def test_dropout_acts_in_training_and_not_in_evaluation(run_fit):
    settings = {"head": "fc", "learning_rate": 1e-12, "input_scale": "bytes"}
    fitted = run_fit(iterations=2, evaluate_every=1, **settings)
    assert fitted.network.training
    losses = [e.metrics["val/loss"] for e in fitted.evaluations]
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-7)


def test_phases_are_trainings_one_after_the_other(run_fit, make_network):
    # As the variant `lp_ft` does: head first, then all, with the batches going on.
    first, then = KINDS["head first, then all"]["phases"]
    states = {}

    def watch(evaluation):
        states[evaluation.step] = {k: v.clone() for k, v in network.state_dict().items()}

    network = make_network()
    run_fit("both", network=network, watch=watch, phases=[first, then])
    alone = run_fit("head", phases=[first])
    assert equal(states[3], alone.state)
    moved = [name for name in states[3] if not torch.equal(states[0][name], states[3][name])]
    assert moved == ["head.1.weight", "head.1.bias"]
    assert not [name for name in states[6] if torch.equal(states[3][name], states[6][name])]


def test_each_phase_has_an_optimiser_of_its_own(run_fit):
    half = Phase(trainable_from=1, learning_rate=0.01, iterations=3)
    whole = Phase(trainable_from=1, learning_rate=0.01, iterations=6)
    with_momentum = [
        run_fit(f"m{n}", phases=p).state for n, p in enumerate(([half, half], [whole]))
    ]
    assert not equal(*with_momentum), "momentum begins anew"
    without = [
        run_fit(f"p{n}", phases=p, momentum=0.0).state
        for n, p in enumerate(([half, half], [whole]))
    ]
    assert equal(*without)


def test_the_loss_is_what_is_made_small(run_fit):
    def twice(logits, labels, inputs):
        assert inputs.shape[1:] == (3, 32, 32)
        return 2 * nn.functional.cross_entropy(logits, labels)

    settings = {"momentum": 0.0, "iterations": 3}
    doubled = run_fit("twice", loss=twice, learning_rate=0.01, **settings)
    faster = run_fit("faster", learning_rate=0.02, **settings)
    torch.testing.assert_close(doubled.state, faster.state, rtol=1e-5, atol=1e-6)


def test_snapshots_are_the_trunk_at_those_iterations(run_fit):
    kept = {}

    def watch(evaluation):
        kept[evaluation.step] = {k: v.clone() for k, v in network.features.state_dict().items()}

    network = small_network()
    fitted = run_fit(network=network, watch=watch, snapshots=[3, 6, 100])
    names = sorted(path.name for path in fitted.workspace.folder.glob("snapshot-*"))
    assert names == ["snapshot-0000003.safetensors", "snapshot-0000006.safetensors"]
    for step in (3, 6):
        stored = load_file(fitted.workspace.snapshot(step))
        assert equal(stored, {f"features.{name}": v for name, v in kept[step].items()})
    plain = run_fit("plain")
    assert equal(plain.state, fitted.state), "looking on changes nothing"


def test_without_a_workspace_nothing_is_written(tmp_path, cpu, make_inputs):
    train_network(
        small_network(), make_inputs(6), make_inputs(4), recipe(snapshots=[2]), cpu,
        make_feeds=feeds_of_pixels, record=lambda _: None,
    )  # fmt: skip
    assert not list(tmp_path.iterdir())


@pytest.fixture(params=[1e4, 1e30])
def diverging(run_fit, request):
    return run_fit(learning_rate=request.param, iterations=40, evaluate_every=2)


def test_a_diverging_run_stops_early_and_says_so(diverging):
    assert diverging.outcome.diverged
    assert diverging.outcome.iterations == diverging.evaluations[-1].step < 40


def test_a_diverging_run_is_recorded_in_finite_numbers(diverging, tmp_path):
    assert not {"train/loss", "val/loss"} <= diverging.evaluations[-1].metrics.keys()
    assert {"val/accuracy", "train/accuracy"} <= set(diverging.evaluations[-1].metrics)
    for evaluation in diverging.evaluations:
        assert all(map(math.isfinite, evaluation.metrics.values()))
        json.loads(to_line(evaluation))
    (tmp_path / "log.jsonl").write_text("".join(map(to_line, diverging.evaluations)))
    read = read_log(LogFiles.at(tmp_path / "log.jsonl"))
    assert [e.metrics for e in read] == [e.metrics for e in diverging.evaluations]


def test_a_run_whose_last_step_broke_it_has_diverged(run_fit):
    # Each loss is taken before its step: that of the only iteration is still a number.
    fitted = run_fit(learning_rate=1e30, iterations=1, evaluate_every=1)
    assert "val/loss" not in fitted.evaluations[-1].metrics
    assert fitted.outcome.diverged


def test_a_steady_run_has_not_diverged(run_fit):
    assert not run_fit(learning_rate=1e-3).outcome.diverged

"""The first sentence of the report says what the curves say, and no more."""

import pytest

from dagm_transfer.events.event import Begin, Evaluation, Timing
from dagm_transfer.judging.settings import Judge, Whole
from dagm_transfer.report.found.results import Layers, Result
from dagm_transfer.report.summary import environments, headline, searches_behind, seeds_said

JUDGE = Judge(
    miss_cost=20.0,
    false_alarm_limit=None,
    false_alarm_cost=1.0,
    targets=[0.95],
    tolerance=0.005,
    whole=Whole(stride=32, normal=0, defective=0),
)
ONE, TWO = "All of this is one seed", "All of this is two seeds"


def result(
    variant, seed, accuracies=(), to_95=None, environment=None, settings=None, measured=True
):
    """A run evaluated every ten iterations."""
    begin = Begin(
        identity="", key=f"{variant}-s{seed}", variant=variant, seed=seed, kind="training",
        params={"variant": settings or {}}, data={}, source={},
        environment=environment or {"torch": "2.11"}, timing=Timing(0.0),
    )  # fmt: skip
    curve = [
        Evaluation(10 * place, {"val/accuracy": accuracy}, Timing(0.0))
        for place, accuracy in enumerate(accuracies)
    ]
    metrics = {} if to_95 is None else {"convergence/to_95": to_95}
    layers = Layers([], {}, 0) if measured else None
    return Result(begin, curve, metrics, False, None, None, JUDGE, layers, {}, {})


def results(**variants):
    return {
        name: [result(name, seed, *run) for seed, run in enumerate(runs)]
        for name, runs in variants.items()
    }


@pytest.mark.parametrize(
    ("finetune", "scratch", "said"),
    [
        ([([0.1, 0.5, 0.97], 20)], [([0.1, 0.2, 0.4, 0.6], None)],
         "at iteration 20; trained from scratch it stands at 40.0 % when next evaluated."),
        ([([0.1, 0.97], 10)], [([0.1, 0.2, 0.96], 20)],
         "at iteration 10; trained from scratch at 20."),
        ([([0.1, 0.5, 0.9], None)], [([0.1, 0.2, 0.96], 20)], "Fine-tuning did not reach 95 %"),
        ([([0.1, 0.5, 0.9], None)], [([0.1, 0.2, 0.4], None)], "No variant reached any"),
        ([([0.1, 0.5, 0.97], 20)], [([0.1, 0.2], None)],
         "at iteration 20; trained from scratch it had ended before."),
        ([([0.1, 0.97], 10), ([0.1, 0.9], None)], [([0.1, 0.2], None), ([0.1, 0.3], None)],
         "10 (1 of 2 seeds); trained from scratch it stands at 20.0 % when next evaluated."),
        ([([0.1, 0.97], 10), ([0.1, 0.5, 0.97], 20)], [([0.1, 0.2], None), ([0.1, 0.3], None)],
         "iteration 10 / 20; trained from scratch it stands at 20.0 % / – when next evaluated."),
        ([([0.1, 0.97], 10), ([0.1, 0.5, 0.97], 20), ([0.1, 0.97], 10)],
         [([0.1, 0.2], None), ([0.1, 0.3, 0.4], None), ([0.1, 0.3], None)],
         ("at iteration 10 (median of 3 seeds; 10 to 20); trained from scratch it stands at "
          "30.0 % (median of 3 seeds; 20.0 % to 40.0 %) when next evaluated.")),
        ([([0.1, 0.97], 10)] * 3, [([0.1, 0.2, 0.96], 20)] * 3,
         "at iteration 10 (in each of 3 seeds); trained from scratch at 20 (in each of 3 seeds)."),
    ],
)  # fmt: skip
def test_where_scratch_stands_when_fine_tuning_arrives(finetune, scratch, said):
    assert said in headline(results(finetune=finetune, scratch=scratch))


def test_layers_of_fewer_runs_are_told_of():
    runs = [result("scratch", seed, [0.1], measured=seed > 0) for seed in range(3)]
    of = {"scratch": runs, "lp_ft": [result("lp_ft", 0, [0.1], measured=False)],
          "frozen": [result("frozen", 0, [0.1])]}  # fmt: skip
    said = "Layers were measured of fewer runs than these: scratch 2 of 3, lp_ft 0 of 1."
    assert headline(of).endswith(said)
    assert "Layers" not in headline({"frozen": of["frozen"]})
    assert headline({"lp_ft": of["lp_ft"]}).endswith("Layers were measured of no run.")


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (1, "one seed: another seed, or another machine, moves these numbers by points"),
        (2, "two seeds: another seed, or another machine, moves these numbers by points"),
        (3, "over 3 seeds on one machine; another machine moves the numbers as well"),
    ],
)
def test_what_few_seeds_are_worth_is_said(seeds, said):
    runs = [([0.1, 0.97], 10)] * seeds
    assert said in headline(results(finetune=runs, scratch=runs))
    assert said in headline(results(frozen=runs))


def test_devices_that_differ_are_told_of():
    runs = results(finetune=[([0.1, 0.97], 10)] * 3, scratch=[([0.1, 0.2], None)] * 3)
    assert " on one machine; another" in headline(runs)
    for run in runs["scratch"]:
        run.begin.environment["gpu"] = "Hopper"
    said = headline(runs)
    assert "in 2 environments (finetune on a CPU, scratch on Hopper); another machine" in said


def test_the_caution_is_of_the_variant_with_the_fewest_seeds():
    run = ([0.1, 0.97], 10)
    said = headline(results(finetune=[run] * 3, scratch=[run]))
    assert "What is said of scratch is one seed: another seed" in said
    some = results(finetune=[run] * 2, scratch=[run] * 3)
    assert "What is said of finetune is two seeds: another seed" in headline(some)
    assert seeds_said(some) == "2 to 3 seeds"
    assert seeds_said(results(finetune=[run])) == "one seed"


def test_the_target_is_the_lowest_that_was_asked_for():
    runs = results(finetune=[([0.1, 0.9], None)], scratch=[([0.1, 0.2], None)])
    runs["finetune"][0].metrics.update({"convergence/to_99_5": 40, "convergence/to_90": 10})
    assert "first reaches 90 % validation accuracy at iteration 10;" in headline(runs)


def test_environments_are_told_with_their_runs():
    here, there = {"torch": "2.11", "threads": "2"}, {"torch": "2.11", "threads": "4"}
    runs = {"scratch": [result("scratch", n, environment=e) for n, e in enumerate((here, there))]}
    assert environments(runs) == [
        ("torch 2.11, threads 2", ["scratch-s0"]),
        ("torch 2.11, threads 4", ["scratch-s1"]),
    ]


PHASE = {"learning_rate": 0.001, "iterations": 60}
SETTLE = {"learning_rate": 0.0001, "iterations": 20}
CHOSEN = {"init": "he", "momentum": 0.9, "learning_rate": 0.001}
SETTINGS = {"init": "he", "momentum": 0.9, "phases": [PHASE]}


@pytest.mark.parametrize(
    ("digest", "settings", "told"),
    [
        ("a", SETTINGS, True),
        ("b", SETTINGS, False),
        ("a", {**SETTINGS, "momentum": 0.0}, False),
        ("a", {**SETTINGS, "phases": [{**PHASE, "learning_rate": 0.01}]}, False),
        ("a", {**SETTINGS, "phases": [PHASE, SETTLE]}, True),
        ("a", {**SETTINGS, "phases": [SETTLE, {**PHASE, "learning_rate": 0.01}]}, False),
    ],
)
def test_a_search_is_told_of_where_it_was_made_on_these_inputs_and_is_used(digest, settings, told):
    found = {"chosen": CHOSEN, "summary": "the best of 12"}
    recorded = {"a": {"data": "cloth", "variants": {"scratch": found}}}
    runs = {"scratch": [result("scratch", 0, settings=settings)]}
    facts = {"inputs_digest": digest}
    assert searches_behind(recorded, runs, facts) == ({"scratch": "the best of 12"} if told else {})
    assert searches_behind(recorded, {}, facts) == {}

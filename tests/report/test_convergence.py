"""Iterations are told as closely as they are known."""

from dataclasses import replace

import pytest

from dagm_transfer.events.event import Timing
from dagm_transfer.report.found.results import gather
from dagm_transfer.report.tables.iterations import convergence_table, targets

HEADING = "validation accuracy first reached at iteration"


@pytest.fixture
def three_seeds(project, sketches):
    """Of which the last diverges."""
    for seed in range(3):
        project.add("finetune", seed, sketches["finetune"], diverges_at=50 if seed == 2 else None)
    return gather(project.keys, project.root)


def column(results, *name):
    table = convergence_table(results, "")
    return table.rows[0][table.columns.index(name)]


def told(run, **metrics):
    """The run with other metrics, and no timings."""
    kept = {k: v for k, v in run.metrics.items() if not k.startswith("convergence")}
    named = {f"convergence/{name}": value for name, value in metrics.items()}
    return replace(run, metrics={**kept, **named})


def test_one_run_is_known_to_within_its_evaluations(three_seeds):
    run = told(three_seeds["finetune"][0], iterations=30, to_95=20)
    assert column({"finetune": [run]}, "", "converged at").text == "20 to 30"
    assert column({"finetune": [run]}, HEADING, "95 %").text == "20"


def test_targets_are_those_that_were_judged_by(three_seeds):
    runs = [told(three_seeds["finetune"][0], to_99_5=40, to_80=10)]
    assert targets({"finetune": runs}) == {80.0: "convergence/to_80", 99.5: "convergence/to_99_5"}
    assert column({"finetune": runs}, HEADING, "99.5 %").text == "40"


def test_what_was_never_reached_is_a_dash(three_seeds):
    run = told(three_seeds["finetune"][0])
    assert column({"finetune": [run]}, "", "converged at").text == "–"
    runs = [run, told(three_seeds["finetune"][1], iterations=30)]
    assert column({"finetune": runs}, "", "converged at").text == "– / 20 to 30"


def test_three_seeds_have_a_median_in_which_never_counts_last(three_seeds):
    first, second, third = three_seeds["finetune"]
    runs = [told(first, to_95=40), told(second), told(third, to_95=20)]
    cell = column({"finetune": runs}, HEADING, "95 %")
    assert (cell.text, cell.note) == ("40", "2 of 3 seeds: 20 to 40")
    runs[2] = told(third)
    cell = column({"finetune": runs}, HEADING, "95 %")
    assert (cell.text, cell.note) == ("–", "1 of 3 seeds: 40")


def test_what_the_training_took_is_of_its_timings(three_seeds):
    assert [round(run.seconds, 1) for run in three_seeds["finetune"]] == [41.5, 42.5, 43.5]
    cell = column(three_seeds, "", "seconds")
    assert (cell.text, cell.note) == ("42", "42 to 44")
    cell = column(three_seeds, "", "MiB at most")
    assert (cell.text, cell.note) == ("901", "900 to 902")


def test_what_no_log_tells_has_no_column_and_what_some_tell_a_dash(three_seeds):
    first, *others = three_seeds["finetune"]
    lacking = replace(first, seconds=None, peak_mib=None)
    assert column({"finetune": [lacking, others[0]]}, "", "seconds").text == "– / 42"
    names = [name for _, name in convergence_table({"finetune": [lacking]}, "").columns]
    assert names[-1] == "iterations trained"


def test_the_speed_of_a_training_is_the_median_between_evaluations(three_seeds):
    first = three_seeds["finetune"][0]
    speeds = [None, 7.0, 9.0, 8.0]
    timed = [
        replace(e, timing=Timing(0.0, {"train/images_per_second": v} if v else {}))
        for e, v in zip(first.evaluations[:4], speeds, strict=True)
    ]
    run = replace(first, evaluations=[*timed, *first.evaluations[4:]])
    assert run.images_per_second == 8.0
    assert column({"finetune": [run]}, "", "images a second").text == "8"
    assert first.images_per_second is None


def test_seconds_of_a_cpu_and_of_a_gpu_are_told_apart(three_seeds):
    of = three_seeds["finetune"]
    on_gpu = [
        replace(run, seconds=seconds, begin=replace(run.begin, environment={"gpu": "Hopper"}))
        for run, seconds in zip(of, (3.0, 4.0, 5.0), strict=True)
    ]
    cell = column({"finetune": on_gpu}, "", "seconds")
    assert (cell.text, cell.note) == ("4", "3 to 5"), "of one device it goes without saying"
    mixed = {"finetune": [*of[:2], on_gpu[2]]}
    assert column(mixed, "", "seconds").text == "42 / 42 on a CPU\n5 on Hopper"
    beside = {"finetune": on_gpu, "frozen": of}
    assert column(beside, "", "seconds").text == "4 (3 to 5) on Hopper"
    with_memory = {"finetune": [replace(run, peak_mib=1280.0) for run in mixed["finetune"]]}
    memory = column(with_memory, "", "MiB at most").text
    assert memory == "1280 / 1280\n1280", "in the order of the devices, named once a row"


def test_a_run_that_diverged_is_told_of(three_seeds):
    cell = column(three_seeds, "", "iterations trained")
    assert (cell.text, cell.note) == ("120", "50 to 120; 1 of 3 diverged")

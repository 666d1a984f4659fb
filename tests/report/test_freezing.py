"""The section on sweeps over depths and learning rates, of logs made by hand."""

import pytest

from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Evaluation, Timing
from dagm_transfer.events.log import LogFiles, write_log
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.found.sweep_logs import SweptTrial, pareto_numbers, swept_trials
from dagm_transfer.report.paths import SWEEPS
from dagm_transfer.report.sections.freezing import freezing_section
from dagm_transfer.source.paths import TRUNK

NOW = Timing(1.0)


def write_trial(
    project, study, number, depth, rate, accuracy, *, seed=0, state="COMPLETE", digest=None,
    counts=True, ends=60,
):  # fmt: skip
    begin = Begin(
        identity=f"{study} {number}", environment={}, key=f"{study}-{number:04d}", variant="sweep",
        seed=seed, kind="training", source={}, timing=NOW,
        params={"variant": {"phases": [{"trainable_from": depth, "learning_rate": rate,
                                        "iterations": 60}]}},
        data={**project.facts, "digest": digest or project.digest},
        tags={"optuna.study": study, "optuna.trial": str(number), "sweep.target": "0.95"},
    )  # fmt: skip
    reached = accuracy >= 0.95
    course = [Evaluation(step, {"val/accuracy": accuracy * step / 60}, NOW) for step in (0, 30, 60)
              if step <= ends]  # fmt: skip
    end = End(
        ends, {"sweep/accuracy": accuracy,
             **({"sweep/to_target": 5.0 * depth if reached else 60} if counts else {})},
        {"optuna.state": state, "reached": str(reached).lower()}, NOW,
    )  # fmt: skip
    log = project.root / SWEEPS / study / "logs" / f"trial-{number:04d}.jsonl"
    write_log(LogFiles.at(log), [begin, *course, end])


def accuracy_at(depth, rate, seed):
    """Level to depth 11, then worse; the larger rate is better for the head alone."""
    lost = 0.0 if depth <= 11 else 0.03 * (depth - 11)
    return 0.995 - lost - (0.02 if (rate > 1e-3) == (depth < 14) else 0.0) - 0.002 * seed


@pytest.fixture
def study(project):
    return Study({}, (), None, Prepared(project.root / PREPARED), project.root / TRUNK,
                 project.root / RAW, project.root)  # fmt: skip


@pytest.fixture
def swept(project, study):
    for seed in (0, 1):
        points = [(depth, rate) for rate in (1e-3, 3e-3) for depth in range(1, 15)]
        for number, (depth, rate) in enumerate(points):
            accuracy = accuracy_at(depth, rate, seed)
            name = f"freezing-s{seed}"
            write_trial(project, name, number, depth, rate, accuracy, seed=seed)
    return study


def test_sentences_say_what_the_logs_have(swept):
    section = freezing_section(swept)
    assert "after 60 iterations at the better learning rate (median of 2 seeds)" in section.found
    assert "1: 99.4 %, 5: 99.4 %, 8: 99.4 %, 11: 99.4 %, 13: 93.4 %, 14: 90.4 %" in section.found
    assert section.found.endswith("the best, 99.4 %: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11.")
    assert section.control == ""


def test_a_search_beside_it_names_its_best(project, swept):
    for number, (depth, rate, accuracy) in enumerate(((1, 1e-3, 0.96), (14, 3e-3, 0.9))):
        write_trial(project, "transfer", number, depth, rate, accuracy)
    section = freezing_section(swept)
    assert "2 trials of 60 iterations" in section.control
    assert "96.0 %: from depth 1, learning rate 0.001" in section.control
    assert "1: 96.0 %, 14: 90.0 %" in section.control
    assert [drawing.name for drawing in section.drawings] == ["freezing", "sweep"]


def test_the_figure_has_a_line_a_rate_over_all_depths(swept):
    (drawing,) = freezing_section(swept).drawings
    left, right = drawing.figure.axes
    for axes in (left, right):
        assert [list(line.get_xdata()) for line in axes.lines] == [list(range(1, 15))] * 2
    assert left.lines[0].get_ydata()[0] == pytest.approx(0.994)
    assert right.lines[0].get_ydata()[-1] == 60, "never got there"
    png_of(drawing.figure)


def test_a_study_of_accuracy_alone_is_drawn_as_well(project, study):
    write_trial(project, "transfer", 0, 1, 1e-3, 0.96, counts=False)
    (trial,) = swept_trials(project.root, "transfer", study.data)
    assert (trial.to_target, trial.reached) == (60, True)
    (drawing,) = freezing_section(study).drawings
    png_of(drawing.figure)


def test_one_that_diverged_early_was_not_quick(project, study):
    write_trial(project, "transfer", 0, 1, 3e-2, 0.4, counts=False, ends=30)
    write_trial(project, "transfer", 1, 1, 1e-3, 0.96, counts=False)
    trials = swept_trials(project.root, "transfer", study.data)
    assert pareto_numbers(trials) == {1}
    assert "2 trials of 60 iterations" in freezing_section(study).control


def test_trials_that_were_not_completed_or_are_of_other_data_do_not_count(project, study):
    write_trial(project, "transfer", 0, 1, 1e-3, 0.9, state="PRUNED")
    write_trial(project, "transfer", 1, 1, 1e-3, 0.9, digest="other")
    assert swept_trials(project.root, "transfer", study.data) == []
    assert freezing_section(study) is None


def test_the_pareto_set():
    def trial(number, accuracy, to_target):
        return SweptTrial(
            number, 0, 1, 1e-3, accuracy, 0.95, to_target, reached=True, iterations=60
        )

    trials = [trial(0, 0.99, 20), trial(1, 0.98, 20), trial(2, 0.97, 10), trial(3, 0.99, 20)]
    assert pareto_numbers(trials) == {0, 2, 3}

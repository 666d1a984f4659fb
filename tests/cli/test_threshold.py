"""`dagm threshold`, as it is typed."""

import os
import re
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from judged import drawn, judge_settings, write_judged

from dagm_transfer.inspection.thresholds.operating_point import operating_point, read_judged_run
from dagm_transfer.judging.threshold_rule import LEAST_COST, ThresholdRule
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.params import load

DEMO = Path(__file__).resolve().parents[2] / "params" / "demo.yaml"
KEY = "finetune-s0"
PER_THOUSAND = "--false-alarms-per-thousand"


@pytest.fixture
def project(tmp_path):
    """The demo's parameters, and two runs that were judged by them; the second is the champion."""
    (tmp_path / "params.yaml").write_bytes(DEMO.read_bytes())
    settings = judge_settings(whole=load(DEMO).judge.whole)
    for seed, key in enumerate((KEY, "frozen-s0")):
        val, test = drawn(20, 8, 1.5, seed), drawn(30, 12, 1.5, seed + 9)
        write_judged(tmp_path, val, test, key=key, settings=settings)
    (tmp_path / "reports" / "champion.json").write_text('{"key": "frozen-s0"}')
    return tmp_path


@pytest.fixture
def dagm(project, monkeypatch, typed):
    """Runs `dagm threshold`."""
    monkeypatch.chdir(project)
    return partial(typed, "threshold")


def params(project) -> bytes:
    return (project / "params.yaml").read_bytes()


def rows(said: str) -> list[list[str]]:
    """The cells of both tables, row by row."""
    table = re.compile(r"^(?:all|cloth|steel) .*", re.MULTILINE)
    return [re.split(r" {2,}", row.strip()) for row in table.findall(said)]


@pytest.mark.parametrize(
    ("options", "rule", "costs"),
    [
        ((), LEAST_COST, Costs(20, 1)),
        (("--miss", "3"), LEAST_COST, Costs(3, 1)),
        (("--miss", "2", "--false-alarm", "40"), LEAST_COST, Costs(2, 40)),
        ((PER_THOUSAND, "100"), ThresholdRule(false_alarm_limit=0.1), Costs(20, 1)),
    ],
)
def test_both_parts_and_every_group_are_shown_as_they_are_counted(
    dagm, project, options, rule, costs
):
    code, out, _ = dagm(KEY, *options)
    point = operating_point(read_judged_run(KEY, project), rule, costs)
    assert code == 0
    assert f"threshold {point.threshold:.4g} on the log-odds of defective" in out
    assert f"the one {rule.words}; " in out
    assert "28.6 % of these images are defective" in out, "16 of 56"
    for defects, normals in ((16, 40), (24, 60)):  # validation and test
        passing, rejecting = costs.miss * defects, costs.false_alarm * normals
        assert f"every image would cost {passing:g}, to reject every image {rejecting:g}\n" in out
    assert f"a miss costs {costs.miss:g}, a false alarm {costs.false_alarm:g}" in out
    expected = [
        [name, f"{o.found} of {o.defects}", f"{o.false_alarms} of {o.normals}", f"{o.cost:g}"]
        for part in (point.val, point.test)
        for name, o in {"all": part.overall, **part.groups}.items()
    ]
    shown = [[name, found, alarms, cost] for name, found, _, alarms, _, cost in rows(out)]
    assert shown == expected


def test_without_a_key_it_is_the_champions(dagm, project):
    assert dagm()[1].startswith("frozen-s0: ")
    (project / "reports" / "champion.json").write_text('{"key": null}')
    assert "no run ended with a finite loss; name a run" in dagm()[2]
    (project / "reports" / "champion.json").unlink()
    assert "not there yet; `dvc repro` makes it, or name a run" in dagm()[2]


def test_nothing_is_written_unless_asked_for_and_how_to_is_said(dagm, project):
    _, _, err = dagm(KEY, PER_THOUSAND, "5")
    assert err == "`--write` sets it so in params.yaml\n"
    assert dagm(KEY)[2] == ""
    assert params(project) == DEMO.read_bytes()


def test_a_rule_is_written_and_the_next_call_shows_it(dagm, project):
    _, _, err = dagm(KEY, PER_THOUSAND, "0.7", "--write")
    assert err == (
        "params.yaml: judge.false_alarm_limit 0.0007; `dvc repro` judges all runs by it, and "
        "trains none again\n"
    )
    assert params(project).decode() == DEMO.read_text().replace(
        "false_alarm_limit: null  ", "false_alarm_limit: 0.0007"
    )
    judge = load(project / "params.yaml").judge
    assert judge == load(DEMO).judge.model_copy(update={"false_alarm_limit": 0.0007})
    code, out, _ = dagm(KEY)
    assert code == 0
    assert "of at most 0.7 false alarms in 1,000" in out
    assert "so far it is judged with" in out


def test_costs_put_an_end_to_the_limit(dagm, project):
    dagm(KEY, PER_THOUSAND, "5", "--write")
    dagm(KEY, "--miss", "50", "--write")
    judge = load(project / "params.yaml").judge
    assert (judge.miss_cost, judge.false_alarm_cost, judge.false_alarm_limit) == (50, 1, None)
    # The costs of old, and the file is that of old.
    dagm(KEY, "--miss", "20", "--write")
    assert params(project) == DEMO.read_bytes()


def test_what_params_yaml_says_already_is_not_written_again(dagm, project):
    for options in ((), ("--miss", "20"), ("--false-alarm", "1.0")):
        file = project / "params.yaml"
        file.touch()
        # Not the whole of stat(): reading the file moves its time of access.
        before = file.stat().st_ino, file.stat().st_mtime_ns
        assert "nothing changed" in dagm(KEY, *options, "--write")[2]
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--miss", "5", PER_THOUSAND, "5"), "--miss: seeks the least cost"),
        (("--false-alarm", "5", PER_THOUSAND, "5"), "--false-alarm: seeks the least cost"),
        (("--miss", "0"), "--miss: 0 is no cost"),
        (("--miss", "nan"), "--miss: nan is no cost"),
        (("--false-alarm", "-1"), "--false-alarm: -1 is no cost"),
        (("--false-alarm", "inf"), "--false-alarm: inf is no cost"),
        ((PER_THOUSAND, "1000"), "--false-alarms-per-thousand: 1000 is none of 0 to 1,000"),
        ((PER_THOUSAND, "-0.1"), "--false-alarms-per-thousand: -0.1 is none"),
        ((PER_THOUSAND, "nan"), "--false-alarms-per-thousand: nan is none"),
    ],
)
def test_options_that_ask_for_no_threshold_are_one_line(dagm, project, options, said):
    code, out, err = dagm(KEY, *options, "--write")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"error: {said}")
    assert params(project) == DEMO.read_bytes()


def test_a_run_that_is_not_there_is_one_line(dagm):
    code, out, err = dagm("nobody-s0")
    assert (code, out) == (1, "")
    assert err == (
        "error: reports/judged/nobody-s0.csv: not there; judged are finetune-s0, frozen-s0\n"
    )


def test_other_settings_of_whole_images_than_it_was_judged_by_are_said(dagm, project):
    assert "judge.whole has now" not in dagm(KEY)[1]
    text = params(project).decode()
    (project / "params.yaml").write_text(text.replace("    normal: 2\n", "    normal: 0\n", 1))
    assert "warning: judged by other settings than judge.whole has now" in dagm(KEY)[1]


def test_a_single_group_is_one_row(dagm, project):
    write_judged(project, drawn(5, 5, 2, groups=1), drawn(5, 5, 2, groups=1), groups=["cloth"])
    assert [row[0] for row in rows(dagm(KEY)[1])] == ["all", "all"]


def test_groups_may_be_called_anything(dagm, project):
    names = ["all", "[red]cloth[/red]"]
    write_judged(project, drawn(5, 5, 2), drawn(5, 5, 2), groups=names)
    shown = [
        line.split("  ")[0] for line in dagm(KEY)[1].splitlines() if re.search(r"\d of ", line)
    ]
    assert shown[:6] == ["all", *names, "all", *names]


SMALL = 1000  # bytes that a file may have: params.yaml does not go in


def test_a_disk_that_is_full_leaves_the_file_as_it_was(project):
    done = subprocess.run(
        [sys.executable, "-B", "-c", "from dagm_transfer.cli.main import main; main()",
         "threshold", KEY, "--miss", "50", "--write"],
        cwd=project, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True,
        check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: OSError: [Errno 27]")
    assert params(project) == DEMO.read_bytes()
    assert sorted(path.name for path in project.iterdir()) == ["models", "params.yaml", "reports"]


def test_it_starts_without_torch(project):
    """A threshold is looked at where nothing is trained."""
    code = (
        "import sys\nfrom dagm_transfer.cli.main import app\n"
        f"app(['threshold', '{KEY}'], standalone_mode=False)\n"
        "print({'torch', 'mlflow', 'optuna', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\nset()\n")

"""A run's log: lines, torn lines, and what a resumed run keeps of it."""

import json
from dataclasses import replace

import pytest

from dagm_transfer.core.errors import UserError
from dagm_transfer.events.event import (
    Begin,
    End,
    Evaluation,
    MemoryRecorder,
    Timing,
    record_all,
)
from dagm_transfer.events.log import (
    JsonlRecorder,
    LogFiles,
    copy_log,
    finished_log,
    read_log,
    to_line,
)

BEGIN = Begin(
    identity="ab12",
    key="finetune-s0",
    variant="finetune",
    seed=0,
    kind="training",
    params={"variant": {"learning_rate": 1e-3}},
    data={"digest": "cd34", "groups": ["texture 1", "texture 2"]},
    source={"origin": "file"},
    environment={"torch": "2"},
    timing=Timing(1.5, {"git.commit": "ef56"}),
    tags={"optuna.trial": "3"},
)
SPEED = "train/images_per_second"
EVALUATIONS = [
    Evaluation(step, {"val/accuracy": step / 100}, Timing(2.0 + step, {SPEED: 7.5}))
    for step in (0, 10, 20)
]
END = End(20, {"test/accuracy": 0.1 + 0.2}, {"diverged": "false"}, Timing(30.0, {"seconds": 9.0}))
EVENTS = [BEGIN, *EVALUATIONS, END]


@pytest.fixture
def log(tmp_path) -> JsonlRecorder:
    return JsonlRecorder(
        LogFiles(tmp_path / "runs" / "finetune-s0.jsonl", tmp_path / "timings" / "finetune-s0.json")
    )


@pytest.fixture
def full(log) -> JsonlRecorder:
    for event in EVENTS:
        log.record(event)
    return log


def test_a_log_reads_back_as_the_events_it_was_given(full):
    assert read_log(full.files) == EVENTS


def test_an_evaluation_is_a_line_with_step_and_metrics(full):
    lines = [json.loads(line) for line in full.files.log.read_text().splitlines()]
    assert [line["step"] for line in lines[1:4]] == [0, 10, 20]
    assert lines[2]["metrics"] == {"val/accuracy": 0.1}
    assert lines[0].keys() == {"begin"}
    assert lines[4].keys() == {"end"}


def test_each_event_is_on_disk_when_record_returns(log):
    for number, event in enumerate(EVENTS, start=1):
        log.record(event)
        assert read_log(log.files) == EVENTS[:number]


def test_a_second_recorder_goes_on_where_the_first_ended(log):
    log.record(BEGIN)
    JsonlRecorder(log.files).record(EVALUATIONS[0])
    assert read_log(log.files) == EVENTS[:2]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_json_has_no_word_for_is_refused_and_leaves_the_log_whole(log, value):
    log.record(BEGIN)
    with pytest.raises(ValueError, match="JSON"):
        log.record(Evaluation(0, {"val/loss": value}, Timing(0.0)))
    assert read_log(log.files) == [BEGIN]


def test_a_log_torn_at_any_byte_is_read_up_to_the_tear(full):
    whole = full.files.log.read_bytes()
    ends = [n for n, byte in enumerate(whole, start=1) if byte == ord("\n")]
    for kept in range(0, len(whole) + 1, 7):
        full.files.log.write_bytes(whole[:kept])
        assert read_log(full.files) == EVENTS[: sum(end <= kept for end in ends)]


def test_there_is_nothing_in_a_log_that_was_never_written(tmp_path):
    assert read_log(LogFiles.at(tmp_path / "none.jsonl")) == []


def test_text_with_line_breaks_of_any_kind_stays_on_its_line(log):
    begin = replace(BEGIN, tags={"dvc.exp": "a\nb\u2028c\x85d"})
    log.record(begin)
    log.record(EVALUATIONS[0])
    assert read_log(log.files) == [begin, EVALUATIONS[0]]


@pytest.mark.parametrize(
    ("step", "kept"), [(0, EVENTS[:2]), (10, EVENTS[:3]), (15, EVENTS[:3]), (99, EVENTS[:4])]
)
def test_a_log_is_kept_until_a_step_and_never_with_an_end(full, step, kept):
    assert full.keep_until(step) == kept
    assert read_log(full.files) == kept


def test_a_torn_line_is_gone_before_the_next_is_written(full):
    full.files.log.write_text("".join(map(to_line, EVENTS[:3])) + '{"step": 20, "met')
    assert full.keep_until(20) == EVENTS[:3]
    full.record(EVALUATIONS[2])
    assert read_log(full.files) == EVENTS[:4]


def test_every_recorder_is_told_in_order():
    recorders = [MemoryRecorder(), MemoryRecorder()]
    for event in EVENTS:
        record_all(recorders, event)
    assert [recorder.events for recorder in recorders] == [EVENTS, EVENTS]


def test_equal_runs_have_equal_logs_whenever_they_ran(tmp_path):
    texts = []
    for number in (0, 1):
        log = JsonlRecorder(LogFiles.at(tmp_path / str(number) / "log.jsonl"))
        for event in EVENTS:
            log.record(replace(event, timing=Timing(100.0 * number, {"seconds": number})))
        texts.append(log.files.log.read_bytes())
    assert texts[0] == texts[1]


def test_without_timings_events_are_as_old_as_the_log(full):
    full.files.timings.unlink()
    age = full.files.log.stat().st_mtime
    assert [event.timing for event in read_log(full.files)] == [Timing(age)] * 5


def test_a_copied_log_is_the_same(full, tmp_path):
    target = LogFiles.at(tmp_path / "kept" / "log.jsonl")
    copy_log(full.files, target)
    assert read_log(target) == EVENTS


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00" * 512 + b"\n",
        b"{not json}\n",
        b'{"begin": {"identity": 1}}\n',
        b'{"step": 1}\n',
        b"[1, 2]\n",
    ],
)
def test_a_damaged_line_is_named(full, damage):
    lines = full.files.log.read_bytes().splitlines(keepends=True)
    full.files.log.write_bytes(b"".join([*lines[:2], damage, *lines[2:]]))
    with pytest.raises(UserError, match=r"finetune-s0\.jsonl: line 3 is no event") as told:
        read_log(full.files)
    assert "\n" not in str(told.value)


def test_damaged_timings_are_named(full):
    full.files.timings.write_bytes(b"\x00" * 100)
    with pytest.raises(UserError, match=r"finetune-s0\.json: no timings"):
        read_log(full.files)


def test_a_log_without_an_end_is_not_finished(full):
    assert finished_log(full.files) == EVENTS
    full.keep_until(99)
    with pytest.raises(UserError, match="no finished log"):
        finished_log(full.files)

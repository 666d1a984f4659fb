"""A run's log: lines, torn lines, and what a resumed run keeps of it."""

import json
from dataclasses import replace

import pytest

from dagm_transfer.training.recorder import (
    Begin,
    End,
    Evaluation,
    JsonlRecorder,
    MemoryRecorder,
    read_log,
    record_all,
    to_line,
)

BEGIN = Begin(
    identity="ab12",
    key="finetune-s0",
    variant="finetune",
    seed=0,
    kind="training",
    params={"variant": {"learning_rate": 1e-3}},
    data={"digest": "cd34", "textures": [1, 2]},
    source={"origin": "file"},
    environment={"torch": "2"},
    time=1.5,
)
EVALUATIONS = [Evaluation(step, {"val/accuracy": step / 100}, 2.0 + step) for step in (0, 10, 20)]
END = End(20, {"test/accuracy": 0.1 + 0.2}, {"converged": "false"}, 30.0)
EVENTS = [BEGIN, *EVALUATIONS, END]


@pytest.fixture
def log(tmp_path) -> JsonlRecorder:
    return JsonlRecorder(tmp_path / "runs" / "finetune-s0.jsonl")


@pytest.fixture
def full(log) -> JsonlRecorder:
    for event in EVENTS:
        log.record(event)
    return log


def test_a_log_reads_back_as_the_events_it_was_given(full):
    assert read_log(full.path) == EVENTS


def test_an_evaluation_is_a_line_with_step_and_metrics(full):
    lines = [json.loads(line) for line in full.path.read_text().splitlines()]
    assert [line["step"] for line in lines[1:4]] == [0, 10, 20]
    assert lines[2]["metrics"] == {"val/accuracy": 0.1}
    assert lines[0].keys() == {"begin"}
    assert lines[4].keys() == {"end"}


def test_each_event_is_on_disk_when_record_returns(log):
    for number, event in enumerate(EVENTS, start=1):
        log.record(event)
        assert read_log(log.path) == EVENTS[:number]


def test_a_second_recorder_goes_on_where_the_first_ended(log):
    log.record(BEGIN)
    JsonlRecorder(log.path).record(EVALUATIONS[0])
    assert read_log(log.path) == EVENTS[:2]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_metric_that_json_has_no_word_for_is_refused_and_leaves_the_log_whole(log, value):
    log.record(BEGIN)
    with pytest.raises(ValueError, match="JSON"):
        log.record(Evaluation(0, {"val/loss": value}, 0.0))
    assert read_log(log.path) == [BEGIN]


def test_a_log_torn_at_any_byte_is_read_up_to_the_tear(full):
    whole = full.path.read_bytes()
    ends = [n for n, byte in enumerate(whole, start=1) if byte == ord("\n")]
    for kept in range(0, len(whole) + 1, 7):
        full.path.write_bytes(whole[:kept])
        assert read_log(full.path) == EVENTS[: sum(end <= kept for end in ends)]


def test_there_is_nothing_in_a_log_that_was_never_written(tmp_path):
    assert read_log(tmp_path / "none.jsonl") == []


def test_text_with_line_breaks_of_any_kind_stays_on_its_line(log):
    begin = replace(BEGIN, environment={"dvc.exp": "a\nb\u2028c\x85d"})
    log.record(begin)
    log.record(EVALUATIONS[0])
    assert read_log(log.path) == [begin, EVALUATIONS[0]]


@pytest.mark.parametrize(
    ("step", "kept"), [(0, EVENTS[:2]), (10, EVENTS[:3]), (15, EVENTS[:3]), (99, EVENTS[:4])]
)
def test_a_log_is_kept_until_a_step_and_never_with_an_end(full, step, kept):
    assert full.keep_until(step) == kept
    assert read_log(full.path) == kept


def test_a_torn_line_is_gone_before_the_next_is_written(full):
    full.path.write_text("".join(map(to_line, EVENTS[:3])) + '{"step": 20, "met')
    assert full.keep_until(20) == EVENTS[:3]
    full.record(EVALUATIONS[2])
    assert read_log(full.path) == EVENTS[:4]


def test_every_recorder_is_told_in_order():
    recorders = [MemoryRecorder(), MemoryRecorder()]
    for event in EVENTS:
        record_all(recorders, event)
    assert [recorder.events for recorder in recorders] == [EVENTS, EVENTS]

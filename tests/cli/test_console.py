"""What a person sees of long work."""

import pytest

from dagm_transfer.cli import console
from dagm_transfer.cli.console import ConsoleRecorder, bar, progress_lines
from dagm_transfer.events.event import Begin, End, Evaluation, Timing


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_where_the_output_is_a_file_a_line_comes_every_half_minute():
    clock, said = Clock(), []
    show = progress_lines("judged images", said.append, clock)
    for done in range(1, 101):
        clock.now = 3.0 * done
        show(done, 100)
    assert len(said) == 10
    assert said[0] == "judged images  10/100  left 4:30"
    assert said[-1] == "judged images  100/100  left 0:00"


def test_short_work_says_nothing_in_a_file():
    clock, said = Clock(), []
    show = progress_lines("judged images", said.append, clock)
    for done in range(1, 101):
        clock.now = 0.2 * done
        show(done, 100)
    assert said == []


def test_work_in_a_file_is_not_silent(monkeypatch, capsys):
    # The tests' own output is a file.
    clock = Clock()
    monkeypatch.setattr(console.time, "monotonic", clock)
    with bar("judged images") as show:
        clock.now = 31.0
        show(1, 2)
    assert "judged images  1/2  left 0:31" in capsys.readouterr().err


@pytest.fixture
def lines(monkeypatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(console, "say", said.append)
    return said


def test_a_training_shows_iterations_speed_and_time_left(lines):
    phases = [{"iterations": 30}, {"iterations": 70}]
    begin = Begin(
        identity="", environment={}, key="lp_ft-s0", variant="lp_ft", seed=0, kind="training",
        params={"variant": {"phases": phases}, "train": {"batch_size": 24}}, data={}, source={},
        timing=Timing(0.0),
    )  # fmt: skip
    metrics = {"train/loss": 0.5, "train/accuracy": 0.75, "val/accuracy": 0.5}
    recorder = ConsoleRecorder()
    recorder.record(begin)
    recorder.record(Evaluation(0, metrics, Timing(10.0)))
    recorder.record(Evaluation(50, metrics, Timing(70.0, {"train/images_per_second": 12.0})))
    recorder.record(End(100, {}, {}, Timing(130.0)))
    assert "0/100" in lines[0]
    assert "left" not in lines[0]
    assert "50/100" in lines[1]
    assert "12 images/s" in lines[1]
    assert lines[1].endswith("left 1:40")
    assert lines[2] == "lp_ft-s0  trained for 100 iterations"

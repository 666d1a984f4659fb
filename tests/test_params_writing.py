"""params.yaml written by a command: the values that change, and no other byte of any preset."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagm_transfer.core.errors import UserError
from dagm_transfer.params import load
from dagm_transfer.params_writing import change_params

ROOT = Path(__file__).resolve().parents[1]
PRESETS = sorted((ROOT / "params").glob("*.yaml"))
each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)


def copied(folder, preset):
    path = folder / "params.yaml"
    path.write_bytes(preset.read_bytes())
    return path


def changed(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """The lines that differ, as many before as after."""
    lines = [text.decode().split("\n") for text in (before, after)]
    return [pair for pair in zip(*lines, strict=True) if pair[0] != pair[1]]


@each_preset
def test_a_preset_that_is_told_what_it_says_keeps_every_byte(tmp_path, preset):
    path = copied(tmp_path, preset)
    change_params(path, lambda content: content["judge"].update(miss_cost=20.0))
    assert path.read_bytes() == preset.read_bytes()


@each_preset
def test_a_value_changes_alone_and_its_comment_stays_where_it_was(tmp_path, preset):
    path = copied(tmp_path, preset)
    written = change_params(
        path, lambda content: content["judge"].update(miss_cost=5.5, false_alarm_limit=0.005)
    )
    assert written == load(path)
    assert (written.judge.miss_cost, written.judge.false_alarm_limit) == (5.5, 0.005)
    first, second = changed(preset.read_bytes(), path.read_bytes())
    assert first == (first[1].replace("5.5 ", "20.0"), first[0].replace("20.0", "5.5 "))
    assert second == (second[0], second[0].replace("null ", "0.005"))
    assert all(line.count("#") == 1 for line in (*first, *second))
    change_params(
        path, lambda content: content["judge"].update(miss_cost=20.0, false_alarm_limit=None)
    )
    assert path.read_bytes() == preset.read_bytes()


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    st.none() | st.floats(0, 1, exclude_max=True),
)
def test_every_number_comes_back_as_it_went(tmp_path_factory, cost, limit):
    path = copied(tmp_path_factory.mktemp("params"), ROOT / "params" / "demo.yaml")
    values = {"miss_cost": cost, "false_alarm_limit": limit}
    change_params(path, lambda content: content["judge"].update(values))
    judge = load(path).judge
    assert (judge.miss_cost, judge.false_alarm_limit) == (cost, limit)


@pytest.mark.parametrize("value", [-1.0, "dear", None])
def test_what_is_no_set_of_parameters_is_refused_and_the_file_stays(tmp_path, value):
    path = copied(tmp_path, PRESETS[0])
    with pytest.raises(UserError, match=r"params.yaml: judge.miss_cost: "):
        change_params(path, lambda content: content["judge"].update(miss_cost=value))
    assert path.read_bytes() == PRESETS[0].read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_of_a_link_it_is_the_file_that_changes(tmp_path):
    (tmp_path / "kept").mkdir()
    path, link = copied(tmp_path / "kept", PRESETS[0]), tmp_path / "params.yaml"
    link.symlink_to(path)
    change_params(link, lambda content: content["judge"].update(miss_cost=3.0))
    assert link.is_symlink()
    assert load(path).judge.miss_cost == 3.0


def test_quotes_and_flow_lists_of_a_users_own_file_stay(tmp_path):
    path = tmp_path / "params.yaml"
    text = (ROOT / "params" / "demo.yaml").read_text()
    text = text.replace("  seeds:\n    - 0\n", "  seeds: [0, 1]   # two\n")
    text = text.replace("origin: auto ", "origin: 'auto'")
    path.write_text(text)
    change_params(path, lambda content: content["judge"].update(miss_cost=3.0))
    assert path.read_text() == text.replace("miss_cost: 20.0", "miss_cost: 3.0 ")


def test_lines_that_end_as_on_windows_go_on_ending_so(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    change_params(path, lambda content: content["judge"].update(miss_cost=7.0))
    assert len(changed(before, path.read_bytes())) == 1
    assert load(path).judge.miss_cost == 7.0

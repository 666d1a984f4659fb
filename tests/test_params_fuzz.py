"""Whatever stands at whichever key of a preset: it loads, or one line names file and key."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dagm_transfer.core.errors import UserError
from dagm_transfer.params import Params, load

PRESETS = {
    path.stem: YAML(typ="safe", pure=True).load(path)
    for path in sorted((Path(__file__).resolve().parents[1] / "params").glob("*.yaml"))
}
LONGEST = 400  # characters of a line, the file's name left out
DIGITS = "9" * 400
# As YAML, on one line.
WRONG = [
    *("null", "~", "true", "no", "''", "' '", "text", "'1'", '"a\\nb"', '"\\u2028"', '"\\ud800"'),
    *('"\\e[2J"', f"'{'x' * 10_000}'", "../..", "2007-01-01", "2007-13-99", "12:30:45", "1_000"),
    *("0", "1", "2", "3", "-1", "1000000", DIGITS, f"-{DIGITS}", "9" * 5000, "0x" + "f" * 5000),
    *("0.0", "-0.0", "0.5", "1.0", "-1.5", "1.0e-300", "5.0e-324", "1.0e+308", "1.0e+999"),
    *(".nan", ".inf", "-.inf", "0o17", "0b1", "!!int x", "!!float y", "!!binary '?'", "!!set {a}"),
    *("[]", "[null]", "[[]]", "[0]", "[1, 1]", "[text, text]", "[.nan]", "[{}]", "[0, text, null]"),
    *("{}", "{text: 1}", "{1: 2}", "{null: null}", "{[1]: 2}", "&a [*a]", "&a {b: *a}", "*nowhere"),
    *("{low: 1, high: 2}", "{low: 2, high: 1}", "{low: .nan, high: 1}", "{low: a, high: []}"),
    *(f"{{low: 1, high: {DIGITS}}}", "{kind: dagm}", "{kind: null}", "!mine {}", "[" * 900),
]  # fmt: skip
UNKNOWN = [
    *("unknown", "''", "a b", "a.b", "'[a]'", f"'{'x' * 1000}'", '"a\\nb"', '"\\e[2J"'),
    *('"\\ud800"', "0", "1.5", "null", "true", "2007-01-01", "[1]", "{a: 1}", ".nan", DIGITS),
]  # fmt: skip
WRITTEN = st.one_of(
    st.sampled_from(WRONG),
    st.integers().map(str),
    st.floats().map(lambda value: f"{value}".replace("inf", ".inf").replace("nan", ".nan")),
    st.text().map(json.dumps),
)
Key = tuple[Any, ...]


class Written(str):
    """A value as it stands in a file."""

    __slots__ = ()


def keys_of(content: Any, above: Key = ()) -> Iterator[Key]:
    """Every key and every place in a list of a tree, from the top down."""
    for name, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield (*above, name)
        if isinstance(value, dict | list):
            yield from keys_of(value, (*above, name))


def at(content: Any, key: Key) -> Any:
    for name in key:
        content = content[name]
    return content


def flow(value: Any) -> str:
    """YAML on one line, in a twentieth of the time that ruamel needs to write it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"? {flow(k)} : {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return value if isinstance(value, Written) else json.dumps(value)


@st.composite
def mistakes(draw: st.DrawFn, content: dict[str, Any]) -> tuple[Key, str]:
    """A key of these parameters, and the whole file with something else there."""
    key = draw(st.sampled_from(list(keys_of(content))))
    changed = copy.deepcopy(content)
    *above, last = key
    section, value = at(changed, above), at(changed, key)
    how = ["wrong", "missing"]
    if isinstance(section, list):
        how.append("twice")
    if isinstance(value, dict):
        how.append("unknown")
    match draw(st.sampled_from(how)):
        case "wrong":
            section[last] = Written(draw(WRITTEN))
        case "missing":
            del section[last]
        case "twice":
            section.append(value)
        case "unknown":
            value[Written(draw(st.sampled_from(UNKNOWN)))] = 1
    return key, flow(changed)


def check(path: Path, content: dict[str, Any], key: Key, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    try:
        assert isinstance(load(path), Params)
    except UserError as error:
        said = str(error)
    else:
        return
    assert said.startswith(f"{path}: ")
    said = said.removeprefix(f"{path}: ")
    assert said.isprintable()  # so it is one line as well
    assert len(said) <= LONGEST
    if said.startswith("not readable as YAML: "):
        assert re.search(r"line 1, column \d+|nested too deep", said)
    else:
        # The key, one below it, or the one that it contradicts.
        named, changed = said.partition(": ")[0], dotted(key)
        known = {dotted(each) for each in keys_of(content)}
        assert named in known or named.startswith(changed)


def dotted(key: Key) -> str:
    return ".".join(map(str, key))


TRIED = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_written_otherwise_is_the_same(tmp_path, preset):
    path = tmp_path / "params.yaml"
    path.write_text(flow(PRESETS[preset]))
    assert load(path).model_dump(by_alias=True, exclude_unset=True) == PRESETS[preset]


@pytest.mark.parametrize("preset", PRESETS)
@TRIED
@given(data=st.data())
def test_a_mistake_is_one_line_of_the_file_and_the_key(tmp_path, preset, data):
    content = PRESETS[preset]
    check(tmp_path / "params.yaml", content, *data.draw(mistakes(content)))

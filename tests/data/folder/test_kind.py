"""Images of a user's own behind the registry."""

import re
import shutil
from pathlib import Path

import pytest
from own_images import Own
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json
from dagm_transfer.data.kinds.folder.kind import Folder
from dagm_transfer.data.kinds.kind import Kind
from dagm_transfer.data.kinds.registry import IMPORTABLE, Images
from dagm_transfer.data.paths import Places
from dagm_transfer.data.raw_index import digest_of_store, write_index
from dagm_transfer.data.settings import Data

PAGE = Path(__file__).resolve().parents[3] / "docs" / "your-own-images.md"
PRESET = PAGE.parents[1] / "params" / "real.yaml"


def settings(*groups: str) -> Folder:
    content = {"kind": "folder", "groups": list(groups), "subject": "bolts"}
    return TypeAdapter(Images).validate_python(content)


@pytest.fixture
def places(tmp_path) -> Places:
    """A project that two groups were imported into."""
    own = Own(tmp_path / "parts")
    own.write(*(f"bolt {n}/{kind}/1.png" for n in (10, 9) for kind in ("good", "bad")))
    places = Places.below(tmp_path / "project")
    records = []
    for found in own.plan().found:
        path = places.incoming / found.record.path
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found.image.origin, path)
        records.append(found.record)
    write_index(places.incoming, records)
    groups = {record.group: {"normal": 1, "defective": 1} for record in records}
    digest = digest_of_store(places.incoming)
    write_json(places.imported, {"kind": "folder", "groups": groups, "digest": digest})
    return places


def acquired(places: Places, kind: Kind) -> Path:
    kind.acquire(places, 1, lambda *_: None)
    return places.raw


def test_it_is_one_of_the_kinds_that_can_be_imported():
    assert [*IMPORTABLE.values()][-1] is Folder
    assert (settings().subject, settings().kind) == ("bolts", "folder")


def test_all_groups_come_in_natural_order(places):
    kind = settings()
    raw = acquired(places, kind)
    assert list(kind.groups(raw)) == ["bolt 9", "bolt 10"]
    assert [record.group for record in kind.index(raw)] == ["bolt 9"] * 2 + ["bolt 10"] * 2
    assert kind.missing(places.imported) == {}


def test_chosen_groups_come_as_they_are_named_and_keep_their_numbers(places):
    raw = acquired(places, settings("bolt 10"))
    assert [record.group for record in settings("bolt 10").index(raw)] == ["bolt 10"] * 2
    assert list(settings("bolt 10", "bolt 9").groups(raw)) == ["bolt 10", "bolt 9"]
    assert settings("bolt 10").groups(raw).items() <= settings().groups(raw).items()
    assert len(set(settings().groups(raw).values())) == 2


def test_a_group_that_was_not_imported_is_named(places):
    with pytest.raises(UserError, match=r"groups: nut was not imported; .* bolt 9, bolt 10"):
        acquired(places, settings("bolt 9", "nut"))


@pytest.mark.parametrize(
    "change",
    [{"groups": ["a", "a"]}, {"groups": [1]}, {"groups": [""]}, {"subject": ""}, {"seed": 0}],
)
def test_settings_that_mean_nothing_are_refused(change):
    content = {"kind": "folder", "groups": [], "subject": "images"}
    assert Folder.model_validate(content)
    with pytest.raises(ValidationError):
        Folder.model_validate({**content, **change})


def test_the_settings_that_the_page_shows_are_valid():
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = YAML(typ="safe", pure=True).load(block)["data"]
    content = YAML(typ="safe", pure=True).load(PRESET.read_text(encoding="utf-8"))["data"]
    assert shown.keys() <= content.keys()
    data = Data.model_validate({**content, **shown})
    assert (data.images.kind, data.input) == ("folder", "patch")

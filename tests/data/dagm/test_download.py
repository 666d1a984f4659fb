"""DAGM from its Zenodo record: what is listed, checked, pinned, and how each failure is told."""

import json
import subprocess
from pathlib import Path

import pytest
from downloads import BY_HAND, ONE, SIZE, TWO, content
from file_server import RECORD, Site, path_of, says, status

from dagm_transfer.core.files import digest_of_file, read_json, write_json
from dagm_transfer.data.kinds.dagm.fetch import Patience


def altered(site: Site, **changes: object) -> str:
    """The record as text, its first file changed."""
    listing = json.loads(json.dumps(site.listing()))
    listing["files"][0].update(changes)
    return json.dumps(listing)


def test_every_file_of_the_record_comes_and_is_pinned(site, here):
    assert here.bring(site.record) == [here.folder / ONE, here.folder / TWO]
    assert here.holds(site)
    assert read_json(here.pins) == {name: digest_of_file(here.folder / name) for name in (ONE, TWO)}
    assert here.lines == []


def test_the_bytes_are_counted_to_the_end(site, here):
    here.bring(site.record)
    counts = [done for done, _ in here.bytes]
    assert counts == sorted(counts)
    assert {total for _, total in here.bytes} == {2 * SIZE}
    assert counts[-1] == 2 * SIZE


def test_a_file_that_is_there_is_not_fetched_again(site, here):
    here.bring(site.record)
    (here.folder / TWO).unlink()
    here.bring(site.record)
    assert [len(site.asked_for(name)) for name in (ONE, TWO)] == [1, 2]
    assert here.holds(site)
    assert here.bytes[-1] == (SIZE, SIZE)


def test_a_file_brought_by_hand_is_checked_and_pinned(site, here):
    here.folder.mkdir()
    (here.folder / ONE).write_bytes(site.files[ONE])
    here.bring(site.record)
    assert site.asked_for(ONE) == []
    assert ONE in read_json(here.pins)


@pytest.mark.parametrize("other", [b"short", bytes(SIZE)])
def test_a_file_with_other_bytes_is_replaced(site, here, other):
    here.folder.mkdir()
    (here.folder / ONE).write_bytes(other)
    here.bring(site.record)
    assert here.holds(site)


@pytest.mark.parametrize("path", [RECORD, path_of(ONE)])
@pytest.mark.parametrize(("code", "attempts"), [(403, 1), (404, 1), (429, 4), (502, 4)])
def test_a_refusal_says_what_to_do_instead(site, here, path, code, attempts):
    site.faults[path] += [status(code)] * 9
    said = here.fail(site.record)
    assert f"HTTP {code}" in said
    assert BY_HAND in said
    assert "`dagm import FOLDER`" in said
    assert len([asked for asked, _ in site.asked if asked == path]) == attempts


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("http://127.0.0.1:9/api/records/1", "Connection refused"),
        ("http://no-such-host.invalid/api/records/1", "no-such-host.invalid: "),
    ],
)
def test_without_a_network_the_way_by_hand_is_said_at_once(here, monkeypatch, record, why):
    monkeypatch.setenv("no_proxy", "*")
    said = here.fail(record, Patience())
    assert why in said
    assert BY_HAND in said
    assert here.lines == []
    assert not here.folder.exists()


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("<html>please log in</html>", "json"),
        ("", "json"),
        ("[]", "record: "),
        ('{"entries": []}', "record.files: "),
        ('{"files": []}', "record.files: "),
        ('{"files": [{"key": "Class1.zip"}]}', "record.files.0.size: "),
    ],
)
def test_a_record_that_is_none_is_refused(site, here, told, named):
    site.faults[RECORD].append(says(told))
    said = here.fail(site.record)
    assert named in said
    assert BY_HAND in said
    assert not here.folder.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../Class1.zip"},
        {"key": "/etc/Class1.zip"},
        {"key": ".."},
        {"key": "a\\b"},
        {"key": ""},
        {"key": "a\nb"},
        {"size": -1},
        {"size": 0},
        {"checksum": "sha1:0"},
        {"checksum": "md5:" + "0" * 31},
        {"links": {"self": "file:///etc/passwd"}},
        {"links": {"self": "ftp://example.org/Class1.zip"}},
        {"links": {}},
    ],
)
def test_a_record_leads_nowhere_but_to_files_of_the_web(site, here, changes):
    site.faults[RECORD].append(says(altered(site, **changes)))
    assert "record.files.0." in here.fail(site.record)
    assert not here.folder.exists()


def test_wrong_bytes_are_removed(site, here):
    site.served[ONE] = content(9)
    said = here.fail(site.record)
    assert ONE in said
    assert "md5" in said
    assert sorted(here.folder.iterdir()) == []
    del site.served[ONE]
    here.bring(site.record)
    assert here.holds(site)


def test_a_release_that_changed_is_refused_until_it_is_accepted(site, here):
    here.bring(site.record)
    pinned = read_json(here.pins)
    before, site.files[ONE] = site.files[ONE], content(3)
    said = here.fail(site.record)
    assert ONE in said
    assert str(here.pins) in said
    assert "either the release changed or the transfer was tampered with; delete the entry" in said
    # What stood there still stands, and is pinned as it was.
    assert (here.folder / ONE).read_bytes() == before
    assert not here.part.exists()
    assert read_json(here.pins) == pinned
    write_json(here.pins, {TWO: pinned[TWO]})
    here.bring(site.record)
    assert here.holds(site)
    assert read_json(here.pins) == {TWO: pinned[TWO], ONE: digest_of_file(here.folder / ONE)}


def test_a_file_that_is_there_has_to_be_the_pinned_one_too(site, here):
    here.bring(site.record)
    write_json(here.pins, {ONE: "0" * 64})
    assert f"not {'0' * 12}" in here.fail(site.record)
    assert (here.folder / ONE).exists()


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n", "[1]", '{"Class1.zip": 1}'])
def test_pins_that_cannot_be_read_are_told_before_the_first_byte(site, here, text):
    here.pins.write_text(text)
    said = here.fail(site.record)
    assert said.startswith(f"{here.pins}: ")
    assert site.asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line(site, here):
    here.folder.mkdir()
    here.part.symlink_to("/dev/full")
    assert "No space left on device" in here.fail(site.record)


def test_files_that_cannot_fit_are_not_begun(site, here):
    site.faults[RECORD].append(says(altered(site, size=1 << 60)))
    assert "MiB are free; make room" in here.fail(site.record)
    assert site.asked_for(ONE) == []


def test_a_folder_that_cannot_be_is_one_line(site, here):
    here.folder.write_text("a file")
    assert str(here.folder) in here.fail(site.record)


def test_what_is_pinned_is_gits_and_what_was_fetched_is_not():
    root = Path(__file__).resolve().parents[3]
    names = ["data/downloaded.json", "data/downloads/Class1.zip"]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *names],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == names[1:]

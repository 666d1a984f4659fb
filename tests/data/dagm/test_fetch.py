"""One file over a real server: what breaks on the way, and where it goes on."""

import signal
import subprocess
import sys
import threading
import time

import pytest
from downloads import HALF, ONE, SIZE, content
from file_server import RECORD, breaks_after, hangs_after, path_of, says, status

from dagm_transfer.data.kinds.dagm.fetch import Patience

# A download as a program that can be killed.
DOWNLOAD = """
import sys
from pathlib import Path
from dagm_transfer.data.kinds.dagm.download import download_dagm
from dagm_transfer.data.kinds.dagm.fetch import Patience
record, folder, pins = sys.argv[1:]
download_dagm(record, Path(folder), Path(pins), Patience(), lambda *_: None, print)
"""


def test_the_rest_alone_is_fetched(site, here):
    here.half()
    here.bring(site.record)
    assert site.sent[ONE] == SIZE - HALF
    assert site.asked_for(ONE)[0]["Range"] == f"bytes={HALF}-"
    assert here.holds(site)
    assert here.bytes[-1] == (2 * SIZE - HALF, 2 * SIZE - HALF)


def test_a_whole_part_is_checked_without_a_request(site, here):
    here.folder.mkdir()
    here.part.write_bytes(site.files[ONE])
    here.bring(site.record)
    assert site.asked_for(ONE) == []
    assert here.holds(site)


def test_a_part_longer_than_the_file_begins_anew(site, here):
    here.folder.mkdir()
    here.part.write_bytes(bytes(SIZE + 1))
    here.bring(site.record)
    assert here.holds(site)


def test_a_server_that_ignores_ranges_begins_anew(site, here):
    site.ranges = False
    here.half(of=3)
    here.bring(site.record)
    assert site.sent[ONE] == SIZE
    assert here.holds(site)
    assert here.bytes[-1] == (2 * SIZE, 2 * SIZE)


def test_a_range_that_cannot_be_is_asked_for_no_more(site, here):
    here.half()
    site.faults[path_of(ONE)].append(status(416))
    here.bring(site.record)
    assert "Range" not in site.asked_for(ONE)[1]
    assert here.holds(site)


def test_a_connection_that_breaks_goes_on_where_it_stood(site, here):
    site.faults[path_of(ONE)] += [breaks_after(100_000), breaks_after(100_000)]
    here.bring(site.record)
    asked = [headers.get("Range") for headers in site.asked_for(ONE)]
    assert asked == [None, "bytes=100000-", "bytes=200000-"]
    assert site.sent[ONE] == SIZE
    assert here.holds(site)
    assert "ended at 100000 of 300000 bytes; again in 0 s" in here.lines[0]


def test_one_that_gets_on_may_break_any_number_of_times(site, here):
    site.faults[path_of(ONE)] += [breaks_after(20_000)] * 14
    here.bring(site.record)
    assert here.holds(site)


def test_one_that_gets_nowhere_is_given_up_after_three_more_attempts(site, here):
    site.ranges = False
    site.faults[path_of(ONE)] += [breaks_after(HALF)] * 9
    said = here.fail(site.record)
    assert len(site.asked_for(ONE)) == 1 + 3
    assert "goes on where it stood" in said
    assert here.part.stat().st_size == HALF


def test_the_rest_is_asked_for_of_the_same_content(site, here):
    site.tags[ONE] = '"first"'
    site.faults[path_of(ONE)] += [breaks_after(HALF), status(403)]
    here.fail(site.record)
    assert here.part.stat().st_size == HALF
    here.bring(site.record)
    assert site.asked_for(ONE)[-1]["If-Range"] == '"first"'
    assert site.sent[ONE] == SIZE + len(b"not now")
    assert here.holds(site)


def test_where_the_content_changed_meanwhile_all_of_it_is_fetched(site, here):
    site.tags[ONE] = '"first"'
    site.faults[path_of(ONE)] += [breaks_after(HALF), status(403)]
    here.fail(site.record)
    site.files[ONE], site.tags[ONE] = content(3), '"second"'
    here.bring(site.record)
    assert site.sent[ONE] == HALF + len(b"not now") + SIZE
    assert here.holds(site)


def test_a_weak_tag_is_never_sent_back(site, here):
    site.tags[ONE] = 'W/"first"'
    site.faults[path_of(ONE)].append(breaks_after(HALF))
    here.bring(site.record)
    assert "If-Range" not in site.asked_for(ONE)[1]
    assert here.holds(site)


@pytest.mark.parametrize("path", [RECORD, path_of(ONE)])
@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(site, here, path, code):
    site.faults[path] += [status(code), status(code)]
    here.bring(site.record)
    assert here.holds(site)
    assert [f"HTTP {code}" in line for line in here.lines] == [True, True]


def test_a_server_says_itself_how_long_it_is_busy(site, here):
    site.faults[RECORD].append(status(429, Retry_After="1"))
    began = time.monotonic()
    here.bring(site.record, Patience(silence=5.0, pauses=(0.0,), longest=60.0))
    assert time.monotonic() - began >= 1
    assert here.lines[0].endswith("again in 1 s")


@pytest.mark.parametrize("asked", ["99999", "Wed, 21 Oct 2065 07:28:00 GMT", "-1", "soon"])
def test_a_server_does_not_ask_for_more_than_we_are_ready_for(site, here, asked):
    site.faults[RECORD].append(status(503, Retry_After=asked))
    here.bring(site.record)
    assert here.holds(site)


@pytest.mark.parametrize("path", [RECORD, path_of(ONE)])
def test_silence_is_waited_for_and_no_longer(site, here, path):
    until = threading.Event()
    hang = hangs_after(1000, until) if path != RECORD else lambda _: until.wait(60)
    site.faults[path] += [hang, hang]
    said = here.fail(site.record, Patience(silence=0.2, pauses=(), longest=0.0))
    until.set()
    assert "no byte in 0.2 s" in said


def test_a_server_that_falls_silent_once_is_asked_for_the_rest(site, here):
    until = threading.Event()
    site.faults[path_of(ONE)].append(hangs_after(HALF, until))
    here.bring(site.record, Patience(silence=0.3, pauses=(0.0,), longest=0.0))
    until.set()
    assert site.sent[ONE] == SIZE
    assert here.holds(site)


def test_a_page_in_the_place_of_a_file_is_refused_before_it_is_written(site, here):
    site.faults[path_of(ONE)].append(says("<html>please log in</html>"))
    assert "26 bytes there, and should have 300000" in here.fail(site.record)
    assert not here.part.exists()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_download_goes_on_where_it_stood(site, here, how):
    until = threading.Event()
    site.faults[path_of(ONE)].append(hangs_after(HALF, until))
    command = [sys.executable, "-c", DOWNLOAD, site.record, str(here.folder), str(here.pins)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (here.part.exists() and here.part.stat().st_size > 100_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(how)
    process.wait(timeout=30)
    until.set()
    had, sent = here.part.stat().st_size, site.sent[ONE]
    here.bring(site.record)
    assert site.sent[ONE] - sent == SIZE - had
    assert here.holds(site)


def test_an_address_that_leads_to_another_is_followed_with_what_was_asked(site, here):
    here.half()
    site.faults[path_of(ONE)].append(status(302, Location=path_of(ONE)))
    here.bring(site.record)
    assert [headers["Range"] for headers in site.asked_for(ONE)] == [f"bytes={HALF}-"] * 2
    assert here.holds(site)

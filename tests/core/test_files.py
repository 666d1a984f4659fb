"""Files that are whole or absent, and digests."""

import hashlib
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from memory import peak_above

from dagm_transfer.core.files import (
    beside,
    digest_of,
    digest_of_arrays,
    digest_of_file,
    read_json,
    write_json,
    write_text,
)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_draft_takes_the_targets_place_at_the_end(tmp_path):
    target = tmp_path / "deep" / "er" / "file.txt"
    with beside(target) as draft:
        draft.write_text("whole")
        assert not target.exists()
        assert draft.name == target.name, "writers that go by the suffix find it"
    assert target.read_text() == "whole"
    assert names(target.parent) == ["file.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("old", [None, "old"])
def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path, old, error):
    target = tmp_path / "file.txt"
    if old:
        target.write_text(old)

    def fail_halfway() -> None:
        with beside(target) as draft:
            draft.write_text("half")
            raise error

    with pytest.raises(error):
        fail_halfway()
    assert names(tmp_path) == (["file.txt"] if old else [])
    assert not old or target.read_text() == old


def test_an_error_in_a_folder_leaves_the_old_folder(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old.txt").touch()

    def fail_halfway() -> None:
        with beside(target) as draft:
            draft.mkdir()
            (draft / "new.txt").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert names(tmp_path) == ["folder"]
    assert names(target) == ["old.txt"]


def test_a_folder_is_replaced_and_not_merged(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old.txt").touch()
    with beside(target) as draft:
        draft.mkdir()
        (draft / "new.txt").touch()
    assert names(target) == ["new.txt"]
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("old", ["file", "folder", "link to a folder"])
@pytest.mark.parametrize("new", ["file", "folder"])
def test_whatever_stood_at_the_target_is_replaced(tmp_path, old, new):
    target = tmp_path / "project" / "target"
    target.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").touch()
    if old == "file":
        target.write_text("old")
    elif old == "folder":
        target.mkdir()
        (target / "old.txt").touch()
    else:
        target.symlink_to(elsewhere)
    with beside(target) as draft:
        if new == "file":
            draft.write_text("new")
        else:
            draft.mkdir()
            (draft / "new.txt").touch()
    assert target.is_dir() == (new == "folder")
    assert not target.is_symlink()
    assert names(target.parent) == ["target"]
    assert names(elsewhere) == ["kept.txt"]


@pytest.fixture
def told(monkeypatch) -> list[tuple[str, int]]:
    """What `beside` has the system do, in order, and the inode it does it to.

    A file that is synced is told with its size besides: what is not yet written is not synced.
    """
    calls: list[tuple[str, int]] = []
    fsync, sync_all, replace = os.fsync, os.sync, os.replace

    def fsync_told(handle: int) -> None:
        state = os.fstat(handle)
        kind = "folder" if stat.S_ISDIR(state.st_mode) else f"file of {state.st_size}"
        calls.append((f"fsync {kind}", state.st_ino))
        fsync(handle)

    def sync_told() -> None:
        calls.append(("sync everything", 0))
        sync_all()

    def replace_told(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        calls.append(("replace", Path(source).stat().st_ino))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync_told)
    monkeypatch.setattr(os, "sync", sync_told)
    monkeypatch.setattr(os, "replace", replace_told)
    monkeypatch.setattr(os, "rename", replace_told)
    return calls


@pytest.mark.parametrize("old", [None, "old"])
def test_a_file_is_on_the_disk_before_it_gets_its_name_and_the_name_before_it_returns(
    tmp_path, told, old
):
    target = tmp_path / "file.txt"
    if old:
        target.write_text(old)
    with beside(target) as draft:
        draft.write_text("whole")
        assert told == []
    file, folder = target.stat().st_ino, tmp_path.stat().st_ino
    assert told == [("fsync file of 5", file), ("replace", file), ("fsync folder", folder)]


def test_a_folder_is_on_the_disk_before_it_gets_its_name(tmp_path, told):
    target = tmp_path / "folder"
    with beside(target) as draft:
        (draft / "deep").mkdir(parents=True)
        (draft / "deep" / "new.txt").write_text("new")
        assert told == []
    made, folder = target.stat().st_ino, tmp_path.stat().st_ino
    assert told == [("sync everything", 0), ("replace", made), ("fsync folder", folder)]


@pytest.mark.parametrize("write", [write_text, write_json])
def test_what_is_written_whole_is_synced(tmp_path, told, write):
    write(tmp_path / "file", "text")
    assert [what.split()[0] for what, _ in told] == ["fsync", "replace", "fsync"]


def test_a_draft_that_failed_is_neither_synced_nor_renamed(tmp_path, told):
    def fail_halfway() -> None:
        with beside(tmp_path / "file") as draft:
            draft.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert told == []


def test_text_is_written_as_utf_8(tmp_path):
    write_text(tmp_path / "text", "γ ≤ 1\n")
    assert (tmp_path / "text").read_bytes() == "γ ≤ 1\n".encode()


def test_json_comes_back_and_ends_its_last_line(tmp_path):
    content = {"a": [1, 2.5, None], "b": {"c": "d"}}
    write_json(tmp_path / "x.json", content)
    assert read_json(tmp_path / "x.json") == content
    assert (tmp_path / "x.json").read_text().endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_without_a_word_for_a_number_is_refused_and_the_old_file_stays(tmp_path, value):
    write_json(tmp_path / "x.json", {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "x.json", {"a": value})
    assert read_json(tmp_path / "x.json") == {"a": 1}
    assert names(tmp_path) == ["x.json"]


def test_a_digest_hangs_on_content_not_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    different = [{"a": 1}, {"a": 2}, {"a": 1.5}, {"b": 1}, {"a": "1"}, [1, 2], [2, 1]]
    assert len({digest_of(content) for content in different}) == len(different)


def test_a_digest_is_sha256_of_compact_json():
    expected = hashlib.sha256(json.dumps({"a": [1, 2]}).replace(" ", "").encode()).hexdigest()
    assert digest_of({"a": [1, 2]}) == expected


@pytest.mark.parametrize("size", [0, 10, 3 * 2**20 + 1])
def test_a_files_digest_is_sha256_of_its_bytes(tmp_path, size):
    content = np.random.default_rng(0).bytes(size)
    (tmp_path / "file").write_bytes(content)
    assert digest_of_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_the_digest_of_arrays_sees_names_types_shapes_and_values():
    base = np.arange(6, dtype=np.int32)
    different = [
        {"a": base},
        {"b": base},
        {"a": base.astype(np.int64)},
        {"a": base.astype(np.float32)},
        {"a": base.reshape(2, 3)},
        {"a": base[::-1]},
        {"a": base, "b": base},
    ]
    assert len({digest_of_arrays(arrays) for arrays in different}) == len(different)


def test_the_digest_of_arrays_does_not_see_their_order_or_layout():
    a, b = np.arange(6).reshape(2, 3), np.arange(3.0)
    assert digest_of_arrays({"a": a, "b": b}) == digest_of_arrays({"b": b, "a": a})
    assert digest_of_arrays({"a": a}) == digest_of_arrays({"a": np.asfortranarray(a)})


WIDE = (np.arange(3 * 700 * 701) % 251).astype(np.uint8).reshape(3, 700, 701)


@pytest.mark.parametrize(
    ("arrays", "digest"),
    [
        ({}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            {"b": np.arange(3.0), "a": np.arange(6, dtype=np.int32)},
            "70963ca6b190cbff61f7b64debbca51b5d856f8f5b61452eb7309475eec67f50",
        ),
        (
            {"a": np.array(7)},
            "a57f54562a2497ebd27cb4ee72cb7a241bb68803e062498908b028bc626cfd19",
        ),
        (
            {"a": np.zeros((0, 4), np.uint8)},
            "485bb61deec02eadab885127be6deea409ab67ba5adc62b6594dd274e9786b0a",
        ),
        (
            {"a": np.zeros((4, 0), np.uint8)},
            "2c9e93c73dcfc8f9da0b9cc38f939344001b7e2463c7b54d31c1d7e660ee488e",
        ),
        (
            {"a": np.arange(600_000.0)},
            "7c39a93d8a424d0b0c95de0dc199fae3854b1f32e369919af80487baf27b5e8d",
        ),
        (
            {"inputs": np.asfortranarray(WIDE)},
            "a3b959398c416ca8cc256a3f3cba72726b115f01ca858ce16c56bcc851375412",
        ),
        (
            {"inputs": WIDE[::-1, ::2]},
            "21bc98da9767e0d5b99352242696ad058609e662b9d35c5b925e9af26fa3d170",
        ),
    ],
)
def test_the_digest_of_arrays_is_the_one_that_runs_are_known_by(arrays, digest):
    assert digest_of_arrays(arrays) == digest


def test_an_array_in_a_file_has_the_digest_of_its_values(tmp_path):
    np.save(tmp_path / "array.npy", WIDE)
    for mode in ("r", "c"):
        mapped = np.load(tmp_path / "array.npy", mmap_mode=mode)
        assert digest_of_arrays({"inputs": mapped}) == digest_of_arrays({"inputs": WIDE})
        assert digest_of_arrays({"a": mapped[1:]}) == digest_of_arrays({"a": WIDE[1:]})
        assert (mapped == WIDE).all()


def test_a_mapped_array_that_was_changed_in_memory_keeps_the_change(tmp_path):
    np.save(tmp_path / "array.npy", WIDE)
    mapped = np.load(tmp_path / "array.npy", mmap_mode="c")
    mapped[1] = 7
    digest = digest_of_arrays({"a": mapped})
    assert (mapped[1] == 7).all()
    assert digest_of_arrays({"a": mapped}) == digest == digest_of_arrays({"a": np.array(mapped)})


def test_a_mapped_array_is_hashed_without_being_in_memory(tmp_path):
    shape = (200, 1024, 1024)
    np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint8, shape).flush()  # of holes
    taken = peak_above(
        "import numpy as np\nfrom dagm_transfer.core.files import digest_of_arrays",
        'digest_of_arrays({"a": np.load(sys.argv[1], mmap_mode="r")})',
        tmp_path / "a.npy",
    )
    assert taken < 30 * 2**20


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path, monkeypatch):
    target = tmp_path / "data"
    target.mkdir()
    (target / "old.txt").write_text("old")
    rename, fail = Path.replace, "new"

    def replace(path, onto):
        if path.name == "data" and Path(onto) == target and path != tmp_path / "data":
            raise OSError(fail)
        return rename(path, onto)

    monkeypatch.setattr(Path, "replace", replace)

    def put() -> None:
        with beside(target) as draft:
            draft.mkdir()
            (draft / "new.txt").write_text("new")

    with pytest.raises(OSError, match=fail):
        put()
    assert [path.name for path in target.iterdir()] == ["old.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]

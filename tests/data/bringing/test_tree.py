"""A folder or a zip opened: the same flat list of files, and what is said of the rest."""

import os
import resource
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from trees import as_nobody, folder_of, see, zip_bytes, zip_of

from dagm_transfer.core.errors import UserError
from dagm_transfer.data.bringing.litter import is_litter
from dagm_transfer.data.bringing.tree import open_tree

CLASSES = {"Class1/Train/0001.PNG": b"one", "Class1/Train/Label/Labels.txt": b"1", "a.csv": b"x"}
ODD = ["two words.png", "two\nlines.png", "Größe 検査.png", "<script>.png", "[red]%s.png"]


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The temporary folder, watched."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_names_begin_with_the_sources_own(tmp_path):
    folder = folder_of(tmp_path / "DAGM", CLASSES)
    seen = see(folder)
    assert seen.names == sorted(f"DAGM/{name}" for name in CLASSES)
    assert dict(seen.files)["DAGM/Class1/Train/0001.PNG"] == b"one"
    assert seen.notes == ()
    assert seen.told == []


@pytest.mark.parametrize("name", ["Class1.zip", "Class1.ZIP", "Class1"])
def test_a_zip_is_a_folder_of_its_stem(tmp_path, name):
    source = zip_of(tmp_path / name, {"Train/0001.PNG": b"one", "Train/0002.PNG": b"two"})
    seen = see(source)
    assert seen.files == [("Class1/Train/0001.PNG", b"one"), ("Class1/Train/0002.PNG", b"two")]
    assert seen.told == [(1, 2), (2, 2)]


def test_zips_in_folders_and_zips_are_opened_where_they_lie(tmp_path):
    inner = zip_bytes({"Train/1.png": b"inner"})
    files = {"Class1.zip": inner, "more.Zip": zip_bytes({"deep/Class2.zip": inner}), "3.png": b"3"}
    assert see(folder_of(tmp_path / "all", files)).files == [
        ("all/3.png", b"3"),
        ("all/Class1/Train/1.png", b"inner"),
        ("all/more/deep/Class2/Train/1.png", b"inner"),
    ]


def test_a_folder_beside_a_zip_of_it_gives_both(tmp_path):
    files = {"A/1.png": b"of the folder", "A.zip": zip_bytes({"1.png": b"of the zip"})}
    assert see(folder_of(tmp_path / "all", files)).files == [
        ("all/A/1.png", b"of the folder"),
        ("all/A/1.png", b"of the zip"),
    ]


def test_a_name_that_is_a_link_counts_as_what_it_leads_to(tmp_path):
    (tmp_path / "link").symlink_to(folder_of(tmp_path / "parts", {"1.png": b""}))
    assert see(tmp_path / "link").names == ["parts/1.png"]


@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_no_image_and_no_label_is_counted_in_one_note(tmp_path, zipped):
    suffixes = ["png", "jpg", "JPEG", "bmp", "Tif", "tiff", "txt", "csv"]
    images = [f"{n}.{e}" for n, e in enumerate(suffixes)]
    files = dict.fromkeys([*images, "b.pdf", "a.mp4", "e/c.doc", "d.rar", "none"], b"")
    source = tmp_path / "all"
    source = zip_of(source, files) if zipped else folder_of(source, files)
    seen = see(source)
    assert seen.names == sorted(f"all/{name}" for name in images)
    assert seen.texts == [
        "left out: 5 files, neither image nor label: all/a.mp4, all/b.pdf, all/d.rar and 2 more"
    ]


@pytest.mark.parametrize("zipped", [False, True])
def test_litter_is_passed_over_in_silence(tmp_path, zipped):
    litter = [".DS_Store", "._1.png", "__MACOSX/._1.png", "A/Thumbs.db", "1.png~", "~$1.csv",
              "@eaDir/1.png/S.jpg", ".git/x.txt", "._A.zip"]  # fmt: skip
    files = {"A/1.png": b"", **dict.fromkeys(litter, b"litter")}
    source = tmp_path / "all"
    source = zip_of(source, files) if zipped else folder_of(source, files)
    seen = see(source)
    assert (seen.names, seen.notes) == (["all/A/1.png"], ())


def test_pipes_and_sockets_are_left_out_unopened(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "b.png"))
        seen = see(tmp_path)
    assert seen.names == []
    assert "2 files" in seen.texts[0]


def test_links_to_files_and_folders_are_followed(tmp_path):
    elsewhere = folder_of(
        tmp_path / "elsewhere", {"A/1.png": b"1", "z.zip": zip_bytes({"2.png": b"2"})}
    )
    source = folder_of(tmp_path / "all", {})
    (source / "B").symlink_to(elsewhere / "A")
    (source / "3.png").symlink_to(elsewhere / "A" / "1.png")
    (source / "y.zip").symlink_to(elsewhere / "z.zip")
    seen = see(source)
    assert seen.files == [("all/3.png", b"1"), ("all/B/1.png", b"1"), ("all/y/2.png", b"2")]
    assert seen.notes == ()


def test_links_to_nowhere_are_left_out_and_said(tmp_path):
    source = folder_of(tmp_path / "all", {"1.png": b""})
    (source / "2.png").symlink_to(source / "gone.png")
    (source / "3").symlink_to("3")
    (source / "4").symlink_to("1.png/x")
    seen = see(source)
    assert seen.names == ["all/1.png"]
    assert seen.texts == ["left out: 3 links, to nowhere: all/2.png, all/3, all/4"]


def test_links_that_lead_back_are_left_out_and_said(tmp_path):
    folder_of(tmp_path, {"unasked.png": b""})
    source = folder_of(tmp_path / "all", {"A/1.png": b"", "B/2.png": b""})
    (source / "A" / "up").symlink_to(tmp_path)
    (source / "A" / "self").symlink_to(".")
    (source / "A" / "other").symlink_to("../B")
    (source / "B" / "other").symlink_to("../A")
    seen = see(source)
    assert seen.names == ["all/A/1.png", "all/B/2.png"]
    (text,) = seen.texts
    assert text.startswith("left out: 4 folders, reached once more by a link: all/A/other, all/A/s")


def test_a_link_that_loops_elsewhere_ends(tmp_path):
    elsewhere = folder_of(tmp_path / "elsewhere", {"1.png": b""})
    (elsewhere / "back").symlink_to(tmp_path / "all")
    source = folder_of(tmp_path / "all", {})
    (source / "out").symlink_to(elsewhere)
    seen = see(source)
    assert seen.names == ["all/out/1.png"]
    assert "all/out/back" in seen.texts[0]


@pytest.mark.parametrize("locked", ["A", "A/1.png", "z.zip", ""])
def test_what_may_not_be_read_is_named(public, locked):
    source = folder_of(public / "all", {"A/1.png": b"", "B/2.png": b"", "z.zip": zip_bytes({})})
    assert len(as_nobody(see, source).names) == 2
    (source / locked).chmod(0)
    with pytest.raises(UserError, match=r"cannot be read \(Permission denied") as raised:
        as_nobody(see, source)
    assert str(raised.value).startswith(f"{source / locked}: ")
    (source / locked).chmod(0o755)


def test_what_is_left_out_anyway_need_not_be_readable(public):
    source = folder_of(
        public / "all", {"A/1.png": b"", ".git/2.png": b"", "lost+found/a": b"", "a.pdf": b""}
    )
    for name in (".git", "lost+found", "a.pdf"):
        (source / name).chmod(0)
    assert as_nobody(see, source).names == ["all/A/1.png"]
    for name in (".git", "lost+found"):
        (source / name).chmod(0o755)


@pytest.mark.parametrize("name", ["absent", "absent.zip", "a.txt/absent", "link"])
def test_an_absent_source_is_said_to_be_absent(tmp_path, name):
    folder_of(tmp_path, {"a.txt": b""})
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UserError, match="not found"):
        see(tmp_path / name)


def test_a_pipe_is_no_source(tmp_path):
    os.mkfifo(tmp_path / "a.zip")
    with pytest.raises(UserError, match="neither a folder nor a zip"):
        see(tmp_path / "a.zip")


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_an_empty_source_is_an_empty_tree(tmp_path, make):
    seen = see(make(tmp_path / "all", {}))
    assert (seen.files, seen.notes) == ([], ())


@pytest.mark.parametrize("make", [folder_of, zip_of])
def test_odd_names_are_handed_on_as_they_are(tmp_path, make):
    seen = see(make(tmp_path / "all", dict.fromkeys(ODD, b"")))
    assert seen.names == sorted(f"all/{name}" for name in ODD)


def test_bytes_that_are_no_text_are_handed_on_and_shown_on_one_line(tmp_path):
    latin = os.fsdecode("Größe".encode("latin-1"))
    source = folder_of(tmp_path / "all", {f"{latin}.png": b"bytes", f"{latin}\n.pdf": b""})
    seen = see(source)
    assert seen.files == [(f"all/{latin}.png", b"bytes")]
    assert seen.texts[0].encode().count(b"\n") == 0
    with pytest.raises(UserError, match=r"Gr\\udcf6\\udcdfe"):
        see(source / latin)


@pytest.mark.skipif(shutil.which("zip") is None, reason="no zip program here")
def test_a_zip_of_the_zip_program_has_the_folders_names(tmp_path):
    latin = os.fsdecode("Größe.png".encode("latin-1"))
    source = folder_of(tmp_path / "all", dict.fromkeys([*ODD, latin, "Prüfung/ü.png"], b""))
    subprocess.run(["zip", "-qr", tmp_path / "all.zip", "."], cwd=source, check=True)
    assert see(tmp_path / "all.zip").names == see(source).names


def test_unpacked_files_lie_in_one_folder_that_goes(tmp_path, temporary):
    long = "/".join(["x" * 250] * 30)
    source = zip_of(tmp_path / "all.zip", {f"{long}.png": b"1", "A/<?>:|*.png": b"2"})
    with open_tree(source, lambda *_: None) as tree:
        assert [file.origin.read_bytes() for file in tree.files] == [b"2", b"1"]
        assert len(list(temporary.iterdir())) == 1
        assert all(file.origin.is_relative_to(temporary) for file in tree.files)
        assert all(file.origin.name.isdecimal() for file in tree.files)
    assert list(temporary.iterdir()) == []


def test_nothing_unpacked_stays_after_an_error(tmp_path, temporary):
    def stop(*_: int) -> None:
        assert len(list(temporary.iterdir())) == 1
        raise KeyboardInterrupt

    source = zip_of(tmp_path / "all.zip", {"1.png": b"1"})
    with pytest.raises(KeyboardInterrupt), open_tree(source, stop):
        pass
    with pytest.raises(KeyboardInterrupt), open_tree(source, lambda *_: None):
        raise KeyboardInterrupt
    assert list(temporary.iterdir()) == []


def test_a_folder_without_zips_needs_no_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    assert see(folder_of(tmp_path / "all", {"1.png": b""})).names == ["all/1.png"]
    with pytest.raises(UserError, match="set TMPDIR"):
        see(zip_of(tmp_path / "all.zip", {"1.png": b""}))


@pytest.fixture
def small_disk(temporary) -> Path:
    """A temporary folder on a disk of 256 KiB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,nr_inodes=20", "none", temporary]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield temporary
    subprocess.run(["umount", temporary], check=True)


@pytest.mark.usefixtures("small_disk")
def test_what_does_not_fit_is_refused_before_it_is_unpacked(tmp_path):
    source = zip_of(tmp_path / "all.zip", {"1.png": b"", "2.png": bytes(2**20)})
    with pytest.raises(UserError, match=r"needs 1.0 MiB, and .* has 0.2 MiB free.*TMPDIR"):
        see(source)


@pytest.mark.usefixtures("small_disk")
def test_what_fits_alone_but_not_together_is_refused(tmp_path):
    part = {"1.png": bytes(160 * 2**10)}
    source = folder_of(tmp_path / "all", {"a.zip": zip_bytes(part), "b.zip": zip_bytes(part)})
    with pytest.raises(UserError, match=r"needs 0.3 MiB"):
        see(source)


def test_a_disk_that_fills_up_meanwhile_is_named(tmp_path, small_disk):
    source = zip_of(tmp_path / "all.zip", {f"{n}.png": b"1" for n in range(30)})
    with pytest.raises(UserError, match=r"No space left on device.*TMPDIR") as raised:
        see(source)
    assert str(raised.value).startswith(str(small_disk))
    assert list(small_disk.iterdir()) == []


def see_limited(source: Path) -> None:
    """Open a tree where no file may be longer than 2,000 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
    see(source)


def test_a_disk_that_takes_no_file_so_large_is_named(public):
    source = zip_of(public / "all.zip", {"1.png": bytes(2001)})
    with pytest.raises(UserError, match=r"File too large.*TMPDIR"):
        as_nobody(see_limited, source)


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0")
NAMES = st.text(LETTERS, min_size=1, max_size=12).filter(
    lambda name: not (name.startswith(".") or is_litter(Path(name)) or name[1:2] == ":")
)
PATHS = st.tuples(st.lists(NAMES.map("{}d".format), max_size=2), NAMES.map("{}.png".format))


@given(st.dictionaries(PATHS.map(lambda p: "/".join([*p[0], p[1]])), st.binary(max_size=9)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_zip_of_a_folder_gives_what_the_folder_gives(files):
    with tempfile.TemporaryDirectory() as made:
        try:
            folder = folder_of(Path(made, "all"), files)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            assume(False)
        zipped = see(zip_of(Path(made, "zipped", "all.zip"), files))
        assert zipped.files == see(folder).files
        assert sorted(zipped.files) == sorted((f"all/{n}", data) for n, data in files.items())

"""Zips that are broken, hostile, or made by odd programs."""

import random
import shutil
import stat
import subprocess
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from trees import folder_of, see, zip_bytes, zip_of

from dagm_transfer.core.errors import UserError

IMAGE = random.Random(0).randbytes(4000)
DEFLATE64, PPMD = 9, 98


def lying(**says: int) -> bytes:
    """A zip of one image whose table of contents says something else of it."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("1.png", IMAGE)
        for attribute, value in says.items():
            setattr(content.getinfo("1.png"), attribute, value)
    return made.getvalue()


def damaged(files: dict[str, bytes]) -> bytes:
    """A zip of stored files, a byte of the last one changed."""
    zipped = bytearray(zip_bytes(files, zipfile.ZIP_STORED))
    zipped[zipped.index(b"PK\1\2") - 1] ^= 1
    return bytes(zipped)


def nested(depth: int) -> bytes:
    """An image in so many zips."""
    content = {"1.png": b"1"}
    for _ in range(depth - 1):
        content = {"in.zip": zip_bytes(content)}
    return zip_bytes(content)


def refusal(tmp_path: Path, zipped: bytes) -> str:
    """The one error that a zip gives, named itself, in a folder, or in another zip."""
    source = tmp_path / "bad.zip"
    source.write_bytes(zipped)
    folder = folder_of(tmp_path / "all", {"bad.zip": zipped, "good.zip": zip_bytes({"1.png": b""})})
    outer = zip_of(tmp_path / "outer.zip", {"bad.zip": zipped})
    said = []
    for named, place in (
        (source, source),
        (folder, folder / "bad.zip"),
        (outer, outer / "bad.zip"),
    ):
        with pytest.raises(UserError) as raised:
            see(named)
        text = str(raised.value)
        assert text.isprintable()
        assert text.startswith(str(place))
        said.append(text.removeprefix(str(place)))
    assert len(set(said)) == 1
    return said[0]


BROKEN = {
    "empty": b"",
    "no zip": b"GIF89a" * 100,
    "cut short": zip_bytes({"1.png": IMAGE, "2.png": IMAGE})[:-3000],
    "without its end": zip_bytes({"1.png": IMAGE})[:-10],
    "wrong checksum": damaged({"1.png": IMAGE, "2.png": IMAGE}),
    "longer than declared": lying(file_size=100),
    "shorter than declared": lying(file_size=5000),
}
broken = pytest.mark.parametrize("zipped", BROKEN.values(), ids=BROKEN)


@broken
def test_a_broken_source_is_an_error(tmp_path, zipped):
    source = folder_of(tmp_path, {"bad.zip": zipped}) / "bad.zip"
    with pytest.raises(UserError, match="not a whole zip file") as raised:
        see(source)
    assert str(raised.value).startswith(f"{source}: ")


def test_a_source_that_is_a_file_but_no_zip_is_an_error_that_asks_for_its_folder(tmp_path):
    source = folder_of(tmp_path, {"list.csv": b"path;label"}) / "list.csv"
    with pytest.raises(UserError, match="neither a folder nor a zip; name the folder"):
        see(source)


@broken
@pytest.mark.parametrize("outer", [folder_of, zip_of])
def test_a_broken_zip_below_is_passed_over_as_a_whole_with_a_warning(tmp_path, zipped, outer):
    files = {"bad.zip": zipped, "good.zip": zip_bytes({"1.png": b"1"}), "z.png": b"z"}
    seen = see(outer(tmp_path / "all", files))
    assert seen.files == [("all/good/1.png", b"1"), ("all/z.png", b"z")]
    (text,) = seen.texts
    assert text.startswith("warning: all/bad.zip is not a whole zip file (")


def test_a_damaged_file_that_nobody_wants_hurts_nobody(tmp_path):
    source = folder_of(tmp_path, {"a.zip": damaged({"1.png": b"1", "readme.pdf": b"stray"})})
    assert see(source / "a.zip").names == ["a/1.png"]


def test_any_byte_of_a_zip_may_be_wrong(tmp_path):
    inner = zip_bytes({"2.csv": b"2"}, zipfile.ZIP_BZIP2)
    zipped = zip_bytes({"A/1.png": b"one", "b.zip": inner}, zipfile.ZIP_LZMA)
    source, outcomes = tmp_path / "a.zip", set()
    for place, byte in enumerate(zipped):
        flipped = byte ^ 1 << place % 8
        source.write_bytes(zipped[:place] + bytes([flipped]) + zipped[place + 1 :])
        try:
            outcomes.add(len(see(source).files))
        except UserError:
            outcomes.add("refused")
    assert outcomes >= {2, "refused"}


def test_no_more_is_unpacked_than_is_declared(tmp_path):
    zipped = lying(file_size=100, CRC=zlib.crc32(IMAGE[:100]))
    source = folder_of(tmp_path, {"a.zip": zipped}) / "a.zip"
    assert see(source).files == [("a/1.png", IMAGE[:100])]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_compression_that_python_reads_is_read(tmp_path, method):
    source = folder_of(tmp_path, {"a.zip": zip_bytes({"1.png": IMAGE}, method)}) / "a.zip"
    assert see(source).files == [("a/1.png", IMAGE)]


@pytest.mark.parametrize("method", [DEFLATE64, PPMD])
def test_other_compressions_are_refused(tmp_path, method):
    said = refusal(tmp_path, lying(compress_type=method))
    assert said == "/1.png: cannot be read: zip it anew with ordinary (Deflate) compression"


def test_a_zip_for_later_programs_is_refused(tmp_path):
    assert "zip it anew" in refusal(tmp_path, lying(extract_version=200))


@pytest.mark.skipif(shutil.which("zip") is None, reason="no zip program here")
def test_an_encrypted_file_is_refused(tmp_path):
    folder = folder_of(tmp_path / "secret", {"1.png": IMAGE})
    subprocess.run(["zip", "-qr", "-P", "word", "secret.zip", "."], cwd=folder, check=True)
    assert "/1.png: encrypted" in refusal(tmp_path, (folder / "secret.zip").read_bytes())


@pytest.mark.parametrize(
    "name",
    ["../1.png", "A/../../1.png", "/1.png", "C:/1.png", "c:1.png", "..\\1.png", "C:\\1.png",
     "\\\\host\\1.png", "../A/"],
)  # fmt: skip
def test_a_name_that_leads_out_is_refused(tmp_path, name):
    assert "leads out of the zip" in refusal(tmp_path, zip_bytes({name: b""}))


def test_a_name_with_a_zero_in_it_is_refused(tmp_path):
    zipped = zip_bytes({"1.png?.exe": b""}).replace(b"png?", b"png\0")
    assert r"/1.png\x00.exe: leads out of the zip" in refusal(tmp_path, zipped)


def test_a_symbolic_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("1.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "linked.zip", "w") as content:
        content.writestr(link, "/etc/passwd")
    assert "/1.png: a symbolic link" in refusal(tmp_path, (tmp_path / "linked.zip").read_bytes())


@pytest.mark.parametrize("second", ["A/1.png", "A\\1.png", "./A/1.png", "A//1.png"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_is_refused(tmp_path, second):
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as content:
        for name in ("A/1.png", second):
            content.writestr(name, b"")
    assert ": twice in the zip" in refusal(tmp_path, (tmp_path / "twice.zip").read_bytes())


def test_folders_may_stand_there_twice_and_by_themselves(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as content:
        for name in ("A/", "./", "A/1.png", "B\\"):
            content.writestr(name, b"")
    seen = see(tmp_path / "a.zip")
    assert (seen.names, seen.notes) == (["a/A/1.png"], ())


def test_a_bomb_is_refused(tmp_path):
    said = refusal(tmp_path, lying(file_size=2**30 + 1, compress_size=2**22))
    assert said.startswith("/1.png: 4.0 MiB that would unpack to 1.0 GiB")


def test_more_than_fits_is_refused_whatever_its_ratio(tmp_path):
    source = tmp_path / "large.zip"
    source.write_bytes(lying(file_size=2**50, compress_size=2**45))
    with pytest.raises(UserError, match=r"needs 1,048,576.0 GiB, and .* GiB free; .* TMPDIR"):
        see(source)


def test_as_many_zips_in_one_another_as_anybody_makes(tmp_path):
    source = folder_of(tmp_path, {"in.zip": nested(5), "deep.zip": nested(6)})
    assert see(source / "in.zip").files == [("in/in/in/in/in/1.png", b"1")]
    with pytest.raises(
        UserError, match=r"deep.zip/in.zip/in.zip/in.zip/in.zip/in.zip: a zip within"
    ):
        see(source / "deep.zip")


def test_backslashes_are_folders(tmp_path):
    source = zip_of(
        tmp_path / "a.zip", {"A\\Train\\1.png": b"1", "B\\": b"", "c\\d.zip": nested(1)}
    )
    assert see(source).files == [("a/A/Train/1.png", b"1"), ("a/c/d/1.png", b"1")]


@pytest.mark.parametrize(
    ("system", "stored", "name"),
    [(0, "é".encode("cp437"), "é"), (0, "é".encode(), "é"), (19, "é".encode(), "é"),
     (3, "é".encode("latin-1"), "\udce9")],
)  # fmt: skip
def test_names_without_a_stated_encoding(tmp_path, system, stored, name):
    placeholder = "name" + "_" * len(stored)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as content:
        info = zipfile.ZipInfo(f"{placeholder}.png")
        info.create_system = system
        content.writestr(info, b"")
    zipped = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(zipped.replace(placeholder.encode(), b"name" + stored))
    assert see(tmp_path / "a.zip").names == [f"a/name{name}.png"]

"""Which files are meant by what was typed."""

import os
from pathlib import Path

import pytest
from shots import good_shots
from trees import as_nobody

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.predicting.image_files import NO_IMAGE, image_files
from dagm_transfer.inspection.predicting.predict import predictions


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def found(*named: str) -> list[str]:
    return [str(file.path) for file in image_files(named)]


@pytest.mark.usefixtures("here")
def test_a_folder_is_its_images_in_the_order_that_people_count_in():
    put("shots/10.png", "shots/9.PNG", "shots/deep/1.tif", "shots/notes.txt", "shots/labels.csv")
    put("shots/.hidden.png", "shots/.DS_Store", "shots/__MACOSX/1.png", "shots/a.png.heat.png")
    assert found("shots") == ["shots/9.PNG", "shots/10.png", "shots/deep/1.tif"]


def test_each_file_is_there_once_however_it_is_spelt(here):
    put("shots/1.png", "shots/2.png")
    Path("same").symlink_to("shots")
    expected = ["shots/1.png", "shots/2.png"]
    spelt = ("shots/1.png", "shots", "./shots/2.png", "shots/../shots", "same", "shots/*.png")
    assert found(*spelt, str(here / "shots")) == expected


def test_linked_folders_are_followed_and_loops_end(here):
    put("elsewhere/1.png", "shots/2.png")
    Path("shots/more").symlink_to(here / "elsewhere")
    Path("shots/round").symlink_to(here / "shots")
    Path("elsewhere/back").symlink_to(here / "shots")
    assert found("shots") == ["shots/2.png", "shots/more/1.png"]


def test_patterns_match_as_a_shells_do_and_end_at_loops(here):
    put("a/1.png", "a/2.tif", "b/1.png", "b/deep/3.png", "b/.hidden/4.png", "b/1.png.heat.png")
    for name in ("b/round", "b/again"):
        Path(name).symlink_to(here / "b")
    assert found("a/*.png") == ["a/1.png"]
    assert found("?/[12].*") == ["a/1.png", "a/2.tif", "b/1.png"]
    assert found("b/**/*.png") == ["b/1.png", "b/deep/3.png"]
    assert found(f"{here}/*/1.png") == [f"{here}/a/1.png", f"{here}/b/1.png"]
    assert found(f"../{here.name[:-1]}?/a/1.*") == [f"../{here.name}/a/1.png"]


@pytest.mark.usefixtures("here")
def test_a_name_that_looks_like_a_pattern_is_a_name_where_there_is_such_a_file():
    put("shot[1].png", "shot1.png")
    assert found("shot[1].png") == ["shot[1].png"]


@pytest.mark.usefixtures("here")
def test_what_is_named_itself_needs_no_suffix():
    put("scan", "shots/scan.webp", "shots/a.png")
    assert found("scan", "shots/*") == ["scan", "shots/a.png", "shots/scan.webp"]


@pytest.mark.usefixtures("here")
def test_odd_names_are_files_like_others():
    odd = ["shots/a,b.png", "shots/two\nlines.png", "shots/-x.png", "shots/=1+1.png"]
    odd.append(os.fsdecode(b"shots/latin\xe9.png"))
    put(*odd)
    assert set(found("shots")) == set(odd)
    assert set(found("shots/*")) == set(odd)


@pytest.mark.usefixtures("here")
def test_what_is_no_file_has_a_fault_and_is_not_passed_over():
    put("shots/1.png", "shots/full.png/2.png")
    Path("shots/empty.png").mkdir()
    Path("shots/gone.png").symlink_to("nowhere")
    os.mkfifo("shots/pipe.png")
    faults = {str(file.path): file.fault for file in image_files(["shots"])}
    assert faults == {
        "shots/1.png": None,
        "shots/full.png/2.png": None,
        "shots/empty.png": NO_IMAGE,
        "shots/gone.png": "a link to nowhere",
        "shots/pipe.png": "neither a file nor a folder",
    }
    for name in ("shots/empty.png", "shots/gone.png", "shots/pipe.png"):
        assert [file.fault for file in image_files([name])] == [faults[name]]


@pytest.mark.usefixtures("here")
def test_nothing_found_is_one_line_that_names_what_was_typed():
    Path("empty").mkdir()
    put("a.png", "notes/readme.txt")
    for named, said in (
        (["empty"], "empty: no image there"),
        (["notes", "empty"], "notes, empty: no image there"),
        (["a.png", "gone.png"], "gone.png: not found"),
        (["a.png/b.png"], "a.png/b.png: not found"),
        (["*.tif"], r"\*.tif: no file has such a name"),
        (["a**b.png"], r"a\*\*b.png: not a pattern"),
        (["a.png", ""], "one of the names is empty"),
        (["two\nlines.png"], r"two\\nlines.png: not found"),
    ):
        with pytest.raises(UserError, match=said) as met:
            image_files(named)
        assert "\n" not in str(met.value)


def errors_below(folder: Path) -> list[str | None]:
    """Why each image there cannot be read; none of them is judged."""
    return [prediction.error for prediction in predictions(None, image_files([str(folder)]))]


def test_an_image_that_may_not_be_read_is_one_that_cannot_be_read(public):
    (path,) = good_shots(public / "shots", 1)
    path.chmod(0)
    (said,) = as_nobody(errors_below, public / "shots")
    assert said == "not a readable image (Permission denied); bring it again"


def test_a_folder_that_may_not_be_read_is_one_line(public):
    shut = public / "shots" / "shut"
    good_shots(shut, 1)
    shut.chmod(0)
    with pytest.raises(UserError, match=r"shut: cannot be read \(Permission denied\); give"):
        as_nobody(errors_below, public / "shots")
    shut.chmod(0o755)

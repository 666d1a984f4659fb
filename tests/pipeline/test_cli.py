"""Errors are one line that names what is wrong; nothing starts before."""

from pathlib import Path

import pytest
from PIL import Image
from project import Project, new_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return new_project(tmp_path_factory.mktemp("cli") / "checkout")


def one_line(said: str) -> str:
    assert said.count("\n") == 1, said
    assert said.startswith("error: "), said
    return said


def with_params(project: Project, old: str, new: str) -> Project:
    path = project.root / "params.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return project


@pytest.fixture
def restored(project: Project) -> Project:
    project.run("git", "checkout", "-q", "params.yaml")
    return project


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("batch_size: 4", "batch_siz: 4", "train.batch_siz: unknown key"),
        ("batch_size: 4", "batch_size: four", "train.batch_size"),
        ("momentum: 0.9", "momentum: 1.5", "variants.scratch.momentum"),
        ("kind: synthetic", "kind: cat_pictures", "data.images"),
    ],
)
def test_bad_parameters_are_named_before_any_work(
    restored: Project, old: str, new: str, named: str
) -> None:
    said = with_params(restored, old, new).run("dagm", "acquire", ok=False)
    assert named in one_line(said)
    assert not (restored.root / "data" / "raw").exists()


def test_the_command_says_its_version_and_how_to_see_more(project: Project) -> None:
    assert project.run("dagm", "--version").startswith("dagm 0.1")
    assert "--debug" in project.run("dagm", "--help")


def test_debug_shows_where(restored: Project) -> None:
    said = restored.run("dagm", "--debug", "train", "nobody", ok=False)
    assert "Traceback" in said
    assert "no variant nobody" in said


def test_training_before_the_data(restored: Project) -> None:
    said = one_line(restored.run("dagm", "train", "finetune", ok=False))
    assert "data/prepared" in said


def test_presets_are_checked_and_put_in_place(restored: Project) -> None:
    restored.run("dagm", "preset", "demo")
    params = restored.root / "params.yaml"
    assert params.read_text() == (restored.root / "params" / "demo.yaml").read_text()
    assert "demo" in one_line(restored.run("dagm", "preset", "none", ok=False))


def test_importing_nothing(restored: Project, tmp_path: Path) -> None:
    assert "not found" in one_line(restored.run("dagm", "import", "/nowhere", ok=False))
    said = one_line(restored.run("dagm", "import", str(tmp_path), ok=False))
    assert "holds no image" in said
    (tmp_path / "holiday").mkdir()
    Image.new("L", (64, 64)).save(tmp_path / "holiday" / "1.png")
    said = one_line(restored.run("dagm", "import", str(tmp_path), ok=False))
    assert "Class1" in said
    assert "good" in said


def test_partial_data_need_leave(restored: Project) -> None:
    for name in ("Class3/1.png", "Class3_def/1.png"):
        path = restored.root.parent / "older" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (64, 64), 100 + len(name)).save(path)
    (path.parent / "labels.txt").write_text("1\t10\t5\t0.5\t30\t30\n")
    restored.run("dagm", "import", str(path.parent.parent))
    asked = "kind: dagm\n    allow_partial: false"
    with_params(restored, "kind: synthetic", asked)
    with_params(restored, "      - 3\n      - 6\n", "      - 3\n")
    for line in ("normal: 14", "defective: 14", "size: 128", "seed: 0"):
        with_params(restored, f"    {line}", "    # drawn alone")
    said = one_line(restored.run("dagm", "acquire", ok=False))
    assert "999 of 1000 normal and 149 of 150 defective images are missing" in said
    assert "allow_partial" in said
    with_params(restored, "allow_partial: false", "allow_partial: true")
    restored.run("dagm", "acquire")
    assert (restored.root / "data" / "raw" / "Class3_def" / "1.png").exists()

"""The stage `report` over whole studies made by hand."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from undrawn import study_in, undrawn_page

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.paths import CHAMPION, CLAIMS, FIGURES, QUALITY, REPORT, SEARCH, SHOWN
from dagm_transfer.report.samples import source_and_target
from dagm_transfer.report.sections.order import sections_of
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.stages.report import report

pytestmark = pytest.mark.filterwarnings("error")
NAMES = {
    "accuracy", "errors", "loss", "samples", "weight_change", "cka_to_start", "sparsity",
    "inactive_channels", "probe_accuracy", "probe_accuracy_5", "intrinsic_dimension", "manifold",
}  # fmt: skip
AGAIN = """
import sys
from pathlib import Path
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.stages.report import report
root, keys = Path(sys.argv[1]), [tuple(key.split(" ")) for key in sys.argv[2:]]
data = Prepared(root / PREPARED)
compared = [key for key in keys if key[0] in ("finetune", "scratch")]
report(keys, compared, data=data, trunk=root / TRUNK, raw=root / RAW, root=root)
"""


def compared_of(project):
    return [key for key in project.keys if key[0] in ("finetune", "scratch")]


def said_of(project):
    """What a reader of the report reads, no picture drawn."""
    study = study_in(project.root, project.keys, compared_of(project))
    return text_in(undrawn_page(study, sections_of(study)))


def report_on(project):
    root = project.root
    data = Prepared(root / PREPARED)
    compared = compared_of(project)
    report(project.keys, compared, data=data, trunk=root / TRUNK, raw=root / RAW, root=root)


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    """Five variants with three seeds, reported."""
    made = make_study(tmp_path_factory.mktemp("study"))
    report_on(made)
    return made


@pytest.fixture(scope="module")
def page(study):
    return text_of(study.root)


def text_of(root: Path) -> str:
    return text_in((root / REPORT).read_text(encoding="utf-8"))


def text_in(page: str) -> str:
    """What a reader reads, in one line."""
    shown = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(shown))


def outputs_of(root: Path) -> dict[str, bytes]:
    pages = [root / REPORT, root / QUALITY, root / CHAMPION, root / CLAIMS]
    paths = [*pages, *sorted(path for path in (root / FIGURES).rglob("*") if path.is_file())]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_the_runs_that_are_laid_side_by_side_are_named(study):
    keys = [f"{variant}-s{seed}" for variant in ("scratch", "finetune") for seed in range(3)]
    assert json.loads((study.root / SHOWN).read_text(encoding="utf-8")) == keys


def test_every_figure_is_written_and_in_the_page(study):
    assert {path.stem for path in (study.root / FIGURES).glob("*.png")} == NAMES
    html = (study.root / REPORT).read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == len(NAMES)
    assert re.findall(r"(?:src|href)=\"(?!data:|#)([^\"]*)", html) == [QUALITY.name]


def test_the_contents_lead_to_every_section(study):
    html = (study.root / REPORT).read_text(encoding="utf-8")
    links = re.findall(r'href="#([^"]+)"', html)
    assert links == re.findall(r'<section id="([^"]+)"', html)
    assert len(set(links)) == len(links) > 9


def test_no_picture_is_large(study):
    sizes = {path.name: path.stat().st_size for path in (study.root / FIGURES).rglob("*.png")}
    assert max(sizes.values()) <= 300_000, sizes


def test_the_outputs_are_the_same_bytes_in_another_process(study):
    before = outputs_of(study.root)
    subprocess.run(
        [sys.executable, "-c", AGAIN, str(study.root), *(f"{v} {s}" for v, s in study.keys)],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        check=True,
    )
    assert outputs_of(study.root) == before


def test_the_champion_is_named_for_those_who_come_after(study, page):
    assert json.loads((study.root / CHAMPION).read_text()) == {"key": "finetune-s1"}
    assert "finetune-s1 : least cost on validation (0)" in page


def test_the_headings_keep_the_ways_of_judging_apart(study):
    html = (study.root / REPORT).read_text(encoding="utf-8")
    assert html.count('colspan="4" class="group">at the largest logit<') == 2
    assert (
        html.count('colspan="3" class="group">at the threshold of least cost on validation<') == 2
    )


def test_the_page_names_its_data_and_each_table_its_numbers(page):
    assert page.count("Everything here was measured on DAGM-style synthetic images") == 1
    assert "39 whole test images (15 defective), each judged by windows of 32 pixels" in page
    assert "78 test patches (30 defective) of 39 images." in page
    assert "right group, never defective" in page
    assert not re.search("right texture|recognises the texture", page)


def test_what_the_runs_were_judged_with_is_told(page):
    assert "A missed defect costs 20, a false alarm 1." in page


def test_a_diverged_run_is_named(page):
    assert "Diverged: scratch-s2." in page


def test_the_environment_is_told(page):
    assert "torch 2.11.0+cpu, device cpu, cpu Some CPU @ 2 GHz, instructions AVX512" in page


@pytest.mark.parametrize(("normal", "few"), [(8, True), (195, False)])
def test_few_images_are_said_to_be_few_and_many_leave_no_stray_number(project_of, normal, few):
    project = project_of(groups=["only"], normal=normal, defective=5, patches=False)
    project.add_usual("finetune")
    page = said_of(project)
    after = page.split("a false alarm 1.")[1].strip()
    assert after.startswith("13 whole images are few") == few


def test_one_seed_says_so(project_of):
    project = project_of(groups=["a", "b"])
    for variant in ("scratch", "finetune"):
        project.add_usual(variant)
    page = said_of(project)
    assert "one seed: another seed, or another machine, moves these numbers by points" in page
    assert "a bootstrap over the images that the patches come from" in page
    assert "Wilson's over the images" in page
    assert "Student's" not in page.split("Each number is above 0")[0]  # the claims' rule names it


def test_runs_whose_layers_were_not_measured_are_on_the_page_and_told_of(project_of, sketches):
    """All that layers are said of does without them, where no number is said to be one."""
    made = project_of()
    keys = {name: made.add_usual(name) for name in sketches}
    for name in ("scratch", "frozen"):
        for path in (AnalysisPaths(keys[name]).layers, AnalysisPaths(keys[name]).flatness):
            (made.root / path).unlink()
    page = said_of(made)
    assert "Layers were measured of fewer runs than these: scratch 0 of 1, frozen 0 of 1." in page
    assert not re.search(r"\bnan\b", page)


def test_six_groups_are_drawn_and_the_others_told_of(project_of):
    project = project_of(groups=[f"cell {name}" for name in "abcdefgh"], defective=2, normal=2)
    project.add_usual("finetune")
    assert "6 of the 8 groups are drawn." in said_of(project)
    figure = source_and_target(project.root / TRUNK, Prepared(project.root / PREPARED),
                               project.root / RAW)  # fmt: skip
    drawn = [axes.get_title().split("\n")[0] for axes in figure.axes if axes.images]
    assert sorted(set(drawn))[:6] == [f"cell {name}" for name in "abcdef"]
    assert "cell g" not in drawn


def test_without_a_finite_loss_there_is_no_champion(project_of):
    project = project_of(groups=["a"])
    project.add_usual("finetune", diverges_at=50)
    report_on(project)
    assert json.loads((project.root / CHAMPION).read_text()) == {"key": None}
    assert "no run ended with a finite loss" in text_of(project.root)


def test_a_search_on_the_same_inputs_is_told_of(project_of):
    project = project_of(groups=["a"])
    for variant in ("scratch", "finetune"):
        project.add_usual(variant)
    chosen = {"momentum": 0.9, "learning_rate": 0.001, "input_scale": "bytes"}
    found = {"scratch": {"chosen": chosen, "summary": "the best of 12"}}
    write_json(project.root / SEARCH, {"inputs": {"data": project.name, "variants": found}})
    report_on(project)
    page = text_of(project.root)
    assert "( experiments/fair_start.py ). scratch: the best of 12." in page
    assert "No recorded search chose those of finetune." in page


def test_runs_on_other_data_are_refused_before_anything_is_written(project_of):
    project = project_of(groups=["a"])
    project.add_usual("finetune", digest="other")
    with pytest.raises(UserError, match="finetune-s0: trained on other data"):
        report_on(project)
    assert not (project.root / REPORT).exists()

"""The section on what makes channels silent, of a table made by hand."""

import pytest

from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.found.silent import EDGE, GENTLE, Setting, read_silence
from dagm_transfer.report.paths import SILENCE
from dagm_transfer.report.sections.silence import silence_section
from dagm_transfer.source.paths import TRUNK

COLUMNS = ("inputs_digest", "network", "step", "momentum", "warm_up", "seed", "iteration",
           "inputs", "count", "depth", "metric", "value")  # fmt: skip
DATA = "inputs"  # the digest of the project's
NETWORKS = {"source": 0.81, "fresh": 0.4, "scratch_aug": 0.08}
WARMED = Setting(EDGE.step, EDGE.momentum, warm_up=True)
ENDS = {GENTLE: (0.79, 0.05, 0.998), EDGE: (0.95, 0.31, 0.99), WARMED: (0.9, 0.2, 0.995)}


def training(setting, seed, network="finetune", end=None):
    inactive, dead, accuracy = end or ENDS[setting]
    about = {
        "inputs_digest": DATA, "network": network, "step": setting.step,
        "momentum": setting.momentum, "warm_up": int(setting.warm_up), "seed": seed,
        "inputs": "patches of 64", "count": 256,
    }  # fmt: skip
    for iteration, share in ((0, 0.0), (20, 0.6), (100, 1.0)):
        values = {"inactive": 0.81 + share * (inactive - 0.81) + 0.001 * seed * share,
                  "dead": 0.05 + share * (dead - 0.05)}  # fmt: skip
        for metric, value in values.items():
            yield {**about, "iteration": iteration, "depth": 13, "metric": metric, "value": value}
        yield {**about, "iteration": iteration, "depth": 0, "metric": "val/accuracy",
               "value": share * accuracy}  # fmt: skip


def shown(network, inputs, inactive, count=256):
    about = {"inputs_digest": DATA, "network": network, "seed": 0, "inputs": inputs, "count": count,
             "depth": 13}  # fmt: skip
    values = {"inactive": inactive, "dead_over_10": inactive / 2, "dead_over_100": inactive / 4,
              "dead": inactive / 8}  # fmt: skip
    for metric, value in values.items():
        yield {**about, "metric": metric, "value": value}


def write(root, ends=ENDS):
    rows = [row for setting, end in ends.items() for seed in range(3)
            for row in training(setting, seed, end=end)]  # fmt: skip
    rows += training(GENTLE, 0, "finetune, long")
    for network, share in NETWORKS.items():
        for inputs in ("patches of 32", "patches of 64", "whole images at 224"):
            rows += shown(network, inputs, share)
    rows += shown("source", "photographs", 0.2, count=512)
    write_text(root / SILENCE, to_csv(rows, COLUMNS))


@pytest.fixture
def section_of(project):
    def make(**changes):
        study = Study({}, (), None, Prepared(project.root / PREPARED), project.root / TRUNK,
                      project.root / RAW, project.root)  # fmt: skip
        write(project.root, **changes)
        return silence_section(study)

    return make


SAID = (
    "Step 0.001 (3 seeds): 79.1 % (79.0 % to 79.2 %) of the channels are inactive on one input",
    "after 100 iterations, 5.0 % (5.0 % to 5.0 %) dead over 256, at 99.8 %",
    "81.0 %: fewer are inactive than in the untouched source, by -1.9 points",
    "81.0 %: more are inactive than in the untouched source, by +14.1 points",
)
CONTROLS = (
    "on patches of 64: source 81.0 %, fresh 40.0 %, scratch_aug 8.0 %.",
    "The source on photographs: 20.0 %.",
    "after a warm-up (3 seeds): 90.1 %",
    "After 100 iterations at step 0.001 (seed 0): 79.0 % inactive",
)


def test_sentences_say_what_the_table_has(section_of):
    section = section_of()
    for said, text in ((SAID, section.found), (CONTROLS, section.control)):
        assert [words for words in said if words not in text] == []


def test_other_numbers_make_other_sentences(section_of):
    other = section_of(ends={**ENDS, EDGE: (0.7, 0.02, 0.99)})
    assert other.found.count("fewer are inactive") == 2


def test_the_figure_can_be_drawn_and_names_every_network(section_of):
    (drawing,) = section_of().drawings
    axes = drawing.figure.axes
    assert len(axes) == 4
    named = {text.get_text() for text in drawing.figure.legends[0].get_texts()}
    assert {"source", "fresh", "scratch_aug", "published: transfer"} <= named
    png_of(drawing.figure)


def test_trainings_that_broke_down_count_in_no_number(project, section_of):
    section_of()
    path, edge = project.root / SILENCE, f"{DATA},finetune,{EDGE.step},{EDGE.momentum},0,2,100,"
    kept = [line for line in path.read_text().splitlines(keepends=True)
            if not (line.startswith(edge) and ",13," in line)]  # fmt: skip
    at_end = f"{edge}patches of 64,256,0,val/accuracy,"
    write_text(path, "".join(kept).replace(f"{at_end}0.99", f"{at_end}0.25"))
    study = Study({}, (), None, Prepared(project.root / PREPARED), project.root / TRUNK,
                  project.root / RAW, project.root)  # fmt: skip
    said = silence_section(study).found
    assert "(2 of 3 seeds; the others' responses are no numbers any more): 95.0 % (" in said
    assert "at 99.0 % (99.0 % to 99.0 %) of validation" in said


def test_of_other_data_there_is_no_section(project, section_of):
    section_of()
    path, data = project.root / SILENCE, Prepared(project.root / PREPARED)
    assert read_silence(path, data).count == 256, "of the patches, not of the photographs"
    assert read_silence(project.root / "nowhere.csv", data) is None
    write_text(path, path.read_text().replace(f"\n{DATA},", "\nsteel,"))
    assert read_silence(path, data) is None
    assert section_of(ends={GENTLE: ENDS[GENTLE]}) is None, "one of the two is missing"


def test_an_experiment_that_is_under_way_has_no_section(project, section_of):
    section_of()
    path = project.root / SILENCE
    trainings = [line for line in path.read_text().splitlines(keepends=True)
                 if not line.startswith(tuple(f"{DATA},{name}," for name in NETWORKS))]  # fmt: skip
    write_text(path, "".join(trainings))
    data = Prepared(project.root / PREPARED)
    assert read_silence(path, data).watched
    study = Study({}, (), None, data, project.root / TRUNK, project.root / RAW, project.root)
    assert silence_section(study) is None


def test_on_few_inputs_nothing_is_told_of_a_hundred(project, section_of):
    section_of()
    path = project.root / SILENCE
    write_text(path, "".join(line for line in path.read_text().splitlines(keepends=True)
                             if "dead_over_100" not in line))  # fmt: skip
    study = Study({}, (), None, Prepared(project.root / PREPARED), project.root / TRUNK,
                  project.root / RAW, project.root)  # fmt: skip
    (drawing,) = silence_section(study).drawings
    ticks = [label.get_text() for label in drawing.figure.axes[2].get_xticklabels()]
    assert ticks == ["1", "10", "256"]

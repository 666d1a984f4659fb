"""The page calls the data what they are, whatever is inspected; the study keeps its own words."""

import re
from html import unescape

import pytest
from matplotlib.text import Text
from stage_outputs import WrittenResponses, write_embedding, write_lines
from undrawn import study_in, undrawn_page

from dagm_transfer.analysis.lines.ends import pairs_of
from dagm_transfer.report.quality.page import quality_page
from dagm_transfer.report.sections.order import sections_of

pytestmark = pytest.mark.filterwarnings("error")
VARIANTS = ("scratch", "finetune")
OF_THE_STUDY = r"<dt>Published</dt><dd>.*?</dd>|<h3>.*?</h3>"  # h3: what it claims


def reported(project):
    """The page in one line, without the study's own words, and all that is written in figures."""
    several = len(project.groups) > 1
    alone = () if several else ("groups", "photographs")
    write_embedding(project.root, project.groups, unit="image", left_out=alone)
    responses = WrittenResponses(project, labelled=False)
    for variant in VARIANTS:
        responses.run(variant)
    responses.write()
    (pair, *_), asked = pairs_of(project.groups, [])
    write_lines(project.root, keys={v: [f"{v}-s0"] for v in VARIANTS}, asked=asked, pair=pair,
                judges={"scratch-s0": "finetune-s0"})  # fmt: skip
    study = study_in(project.root, project.keys, project.keys)
    sections = sections_of(study)
    pages = undrawn_page(study, sections) + quality_page(study).html
    own = re.sub(rf"<style>.*?</style>|{OF_THE_STUDY}", " ", pages, flags=re.DOTALL)
    alts = re.findall(r'alt="([^"]*)"', own)
    shown = unescape(re.sub(r"<[^>]*>", " ", own))
    drawn = [
        text.get_text()
        for section in sections
        for drawing in section.drawings
        for text in drawing.figure.findobj(Text)
    ]
    return re.sub(r"\s+", " ", " ".join([shown, *alts])), drawn


@pytest.fixture
def cells(project_of):
    return project_of(
        name="ELPV solar cells", subject="cells", groups=("mono", "poly"), patches=False,
        shapes=((90, 96), (120, 70)), defects=("certain", "ambiguous"), marked=False,
    )  # fmt: skip


def test_a_page_of_cells_speaks_of_cells(cells):
    page, drawn = reported(cells)
    for word in ("textur", "DAGM", "patch"):
        assert not re.search(word, page, re.IGNORECASE)
        assert not [text for text in drawn if re.search(word, text, re.IGNORECASE)]
    assert page.count("weak label") == 1
    assert "The cells have no weak labels to hold heat maps against" in page
    assert "photographs, all cells" in page
    assert "images of mono and poly. A network takes them in at 32 pixels" in page
    assert "A group is cells of one kind" in page
    assert "the inspected cells, a normal and a defective one of each group" in page
    assert "cats 30.0 %, all cells 80.0 %" in page
    assert "each resized to 32 pixels" in page
    assert "stands in" not in page
    assert "mono normal" in " ".join(drawn).replace("\n", " ")


def test_a_page_of_one_group_says_what_there_is_none_of(project_of):
    bolts = project_of(
        name="Bolts", subject="bolts", groups=("bolt",), patches=False,
        defects=("scratch", "hole", "bent"),
    )  # fmt: skip
    page, _ = reported(bolts)
    assert "the data have one group, so that nothing says how far groups lie apart" in page
    assert "The data have one group: the line leads from its defective to its normal" in page
    assert "On the line from defective to normal" in page
    assert "Test images by the kind of their defect" in page
    assert not re.search("textur|DAGM", page, re.IGNORECASE)

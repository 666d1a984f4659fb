"""The page on quality: its texts, tables and pictures put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.figures.tiles import LABEL, WINDOW
from dagm_transfer.report.pages.render import embedded, render
from dagm_transfer.report.quality.alternatives import alternatives_table
from dagm_transfer.report.quality.by_group import groups_table, kinds_table
from dagm_transfer.report.quality.headline import headline, numbers
from dagm_transfer.report.quality.heat_scale import heat_scale
from dagm_transfer.report.quality.inspected import inspection_of
from dagm_transfer.report.quality.moved import bought, moved_drawing
from dagm_transfer.report.quality.network_size import size_of
from dagm_transfer.report.quality.promised import promise_table, promised
from dagm_transfer.report.quality.sheet import sheet_of
from dagm_transfer.report.quality.smaller_networks import smaller_networks
from dagm_transfer.report.students.student_results import students_of
from dagm_transfer.report.summary import seeds_of
from dagm_transfer.training.paths import TrainingPaths

TEMPLATE = "quality.html.j2"


@dataclass(frozen=True)
class QualityPage:
    """The page as HTML, and the pictures in it as PNGs by name."""

    html: str
    pngs: Mapping[str, bytes]


def quality_page(study: Study) -> QualityPage:
    """The page on the champion of a study; it says so where there is none."""
    if study.best is None:
        return QualityPage(render(TEMPLATE, {"facts": study.facts, "inspection": None}, {}), {})
    data = study.data_of(study.best)
    inspection = inspection_of(study.best)
    sheet, moved = sheet_of(inspection, study), moved_drawing(inspection)
    weights = study.root / TrainingPaths(study.best.begin.key).weights
    size, students = size_of(weights), students_of(study.root, study.data)
    smaller = (
        smaller_networks(study.best, size, students, study.facts, study.unit)
        if size and students
        else None
    )
    content: dict[str, Any] = {
        "facts": data.facts,
        "inspection": inspection,
        "headline": headline(inspection),
        "numbers": numbers(inspection),
        "alternatives": alternatives_table(inspection, study.results),
        "promised": promised(inspection),
        "promise_table": promise_table(inspection),
        "groups": groups_table(inspection, study.facts["groups"]),
        "kinds": kinds_table(inspection, data.images("test")),
        "moved": moved,
        "bought": bought(inspection),
        "sheet": sheet,
        "colours": {"label": LABEL, "window": WINDOW},
        "heat": heat_scale(),
        "size": size,
        "smaller": smaller,
        "counts": {"test": inspection.tested, "val": inspection.on_validation},
        "seeds": seeds_of(study.results),
    }  # fmt: skip
    drawings = [moved, *([smaller.drawing] if smaller else [])]
    pngs = {
        **{each.name: png_of(each.figure) for each in drawings},
        **{each.name: each.png for each in sheet.tiles},
    }
    return QualityPage(render(TEMPLATE, content, embedded(pngs)), pngs)

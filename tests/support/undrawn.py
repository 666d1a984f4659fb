"""The report's page without its pictures: what it says is there in a tenth of the time."""

from collections.abc import Sequence
from pathlib import Path

from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.claims.table import decided
from dagm_transfer.report.contents import Section, Study
from dagm_transfer.report.page import page
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.stages.report import Keys, study_of


def study_in(root: Path, keys: Keys, compared: Keys) -> Study:
    """The study on these runs of a project."""
    data = Prepared(root / PREPARED)
    return study_of(keys, compared, data=data, trunk=root / TRUNK, raw=root / RAW, root=root)


def undrawn_page(study: Study, sections: Sequence[Section]) -> str:
    """The page as HTML: each figure has its caption, and no picture."""
    names = [drawing.name for section in sections for drawing in section.drawings]
    return page(study, sections, decided(study), {}, dict.fromkeys(names, ""), with_quality=True)

"""Stage `report`: figures as PNG, one self-contained page that explains them, and the champion."""

from pathlib import Path

from dagm_transfer.core.files import beside, read_json, write_json, write_text
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.drawings import drawings_of
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.page import page
from dagm_transfer.report.paths import CHAMPION, FIGURES, REPORT
from dagm_transfer.report.results import champion, check_data, gather

SEARCH = Path("experiments/results/scratch_settings.json")


def report(
    keys: list[tuple[str, int]], *, data: Prepared, trunk: Path, raw: Path, root: Path
) -> None:
    """Write the figures and the page about these runs, and name the champion.

    Args:
        keys: variant and seed of each run.
        data: that they were trained on.
        trunk: the source trunk.
        raw: where the raw images lie.
        root: where the pipeline runs.

    Raises:
        UserError: a run is not finished, or was trained on other data.
    """
    results = gather(keys, root)
    check_data(results, data.facts["digest"])
    best = champion(results)
    drawings = drawings_of(results, best, data, trunk, raw)
    pngs = {drawing.name: png_of(drawing.figure) for drawing in drawings}
    with beside(root / FIGURES) as draft:
        draft.mkdir()
        for name, png in pngs.items():
            (draft / f"{name}.png").write_bytes(png)
    search = read_json(root / SEARCH) if (root / SEARCH).exists() else None
    write_text(root / REPORT, page(results, best, data.facts, search, drawings, pngs))
    write_json(root / CHAMPION, {"key": best.begin.key if best else None})

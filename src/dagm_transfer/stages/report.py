"""Stage `report`: figures, the pages that explain them, the claims' verdicts, the champion."""

from collections.abc import Sequence
from pathlib import Path

from dagm_transfer.core.files import beside, read_json, write_json, write_text
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.claims.table import claims_json, decided
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.page import page
from dagm_transfer.report.paths import CHAMPION, CLAIMS, FIGURES, QUALITY, REPORT, SHOWN, TILES
from dagm_transfer.report.quality.page import quality_page
from dagm_transfer.report.results import champion, check_data, gather
from dagm_transfer.report.sections.order import sections_of
from dagm_transfer.training.paths import run_key

SEARCH = Path("experiments/results/scratch_settings.json")


def report(
    keys: list[tuple[str, int]],
    compared: Sequence[tuple[str, int]],
    *,
    data: Prepared,
    trunk: Path,
    raw: Path,
    root: Path,
) -> None:
    """Write the figures, the pages and the verdicts on these runs, and name the champion.

    Args:
        keys: variant and seed of each run.
        compared: of those that are laid side by side.
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
    variants = tuple(dict.fromkeys(variant for variant, _ in compared))
    study = Study(results, variants, best, data, trunk, raw, root)
    sections, claims = sections_of(study), decided(study)
    pngs = {
        drawing.name: png_of(drawing.figure) for section in sections for drawing in section.drawings
    }
    quality = quality_page(study)
    with beside(root / FIGURES) as draft:
        tiles = draft / TILES.relative_to(FIGURES)
        tiles.mkdir(parents=True)
        for folder, pictures in ((draft, pngs), (tiles, quality.pngs)):
            for name, png in pictures.items():
                (folder / f"{name}.png").write_bytes(png)
        write_json(draft / SHOWN.name, [run_key(*key) for key in compared])
    search = read_json(root / SEARCH) if (root / SEARCH).exists() else None
    write_text(root / REPORT, page(study, sections, claims, search, pngs))
    write_text(root / QUALITY, quality.html)
    write_json(root / CLAIMS, claims_json(claims))
    write_json(root / CHAMPION, {"key": best.begin.key if best else None})

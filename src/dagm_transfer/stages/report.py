"""Stage `report`: figures, the pages that explain them, the claims' verdicts, the champion."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dagm_transfer.core.files import beside, read_json, write_json, write_text
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.claims.table import Row, claims_json, decided
from dagm_transfer.report.contents import Study
from dagm_transfer.report.figures.base import png_of
from dagm_transfer.report.found.results import champion, check_data, gather
from dagm_transfer.report.page import page
from dagm_transfer.report.pages.render import embedded
from dagm_transfer.report.paths import (
    CHAMPION,
    CLAIMS,
    FIGURES,
    QUALITY,
    REPORT,
    SEARCH,
    SHOWN,
    TILES,
)
from dagm_transfer.report.quality.page import quality_page
from dagm_transfer.report.sections.order import sections_of
from dagm_transfer.training.paths import run_key

Keys = Sequence[tuple[str, int]]  # variant and seed of each run
Addresses = Callable[[Mapping[str, bytes]], Mapping[str, str]]  # of pictures, by name


def report(
    keys: Keys, compared: Keys, *, data: Prepared, trunk: Path, raw: Path, root: Path
) -> None:
    """Write the figures, the pages and the verdicts on these runs, and name the champion.

    Args:
        keys: of the runs.
        compared: of those that are laid side by side.
        data: that they were trained on.
        trunk: the source trunk.
        raw: where the raw images lie.
        root: where the pipeline runs.

    Raises:
        UserError: a run is not finished, or was trained on other data.
    """
    study = study_of(keys, compared, data=data, trunk=trunk, raw=raw, root=root)
    quality = quality_page(study)
    write_study(study, compared, quality.pngs, embedded)
    write_text(root / QUALITY, quality.html)


def study_of(
    keys: Keys, compared: Keys, *, data: Prepared, trunk: Path, raw: Path, root: Path
) -> Study:
    """All that is known of these runs; see `report`."""
    results = gather(list(keys), root)
    check_data(results, data)
    variants = tuple(dict.fromkeys(variant for variant, _ in compared))
    return Study(results, variants, champion(results), data, trunk, raw, root)


def write_study(
    study: Study, compared: Keys, tiles: Mapping[str, bytes] | None, addressed: Addresses
) -> list[Row]:
    """Write the page on a study, its figures beside other pictures, verdicts and champion.

    Args:
        study: what it is about.
        compared: keys of the runs that are laid side by side.
        tiles: the pictures of the page on quality, by name; None where it has no such page.
        addressed: how the page names its figures.

    Returns:
        The claims with their verdicts.
    """
    root, sections, claims = study.root, sections_of(study), decided(study)
    pngs = {
        drawing.name: png_of(drawing.figure) for section in sections for drawing in section.drawings
    }
    with beside(root / FIGURES) as draft:
        draft.mkdir(parents=True)
        folders = {draft: pngs, draft / TILES.relative_to(FIGURES): tiles or {}}
        for folder, pictures in folders.items():
            for name, png in pictures.items():
                folder.mkdir(exist_ok=True)
                (folder / f"{name}.png").write_bytes(png)
        write_json(draft / SHOWN.name, [run_key(*key) for key in compared])
    searches = read_json(root / SEARCH) if (root / SEARCH).exists() else {}
    addresses, with_quality = addressed(pngs), tiles is not None
    write_text(
        root / REPORT, page(study, sections, claims, searches, addresses, with_quality=with_quality)
    )
    write_json(root / CLAIMS, claims_json(claims))
    write_json(root / CHAMPION, {"key": study.best.begin.key if study.best else None})
    return claims

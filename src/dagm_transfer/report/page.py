"""The report's page: sections, claims and provenance put together, and the template for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagm_transfer.report import summary
from dagm_transfer.report.claims.table import Row, caption_of, shown
from dagm_transfer.report.contents import Section, Study
from dagm_transfer.report.found.results import all_runs
from dagm_transfer.report.pages.render import render
from dagm_transfer.report.tables.html_tables import settings_table


def page(
    study: Study,
    sections: Sequence[Section],
    claims: Sequence[Row],
    searches: Mapping[str, Any],
    figures: Mapping[str, str],
    *,
    with_quality: bool,
) -> str:
    """The page as HTML.

    Args:
        study: what it is about.
        sections: of the page, in their order.
        claims: with their verdicts.
        searches: for settings, as recorded (see experiments/fair_start.py).
        figures: their addresses, by name.
        with_quality: whether the page on quality lies beside it.
    """
    results, facts = study.results, study.facts
    searched = summary.searches_behind(searches, results, study.data.facts)
    content: dict[str, Any] = {
        "facts": facts,
        "with_quality": with_quality,
        "unit": study.unit,
        "of_fold": study.of_fold,
        "sections": sections,
        "claims": shown(claims),
        "claims_caption": caption_of(claims, study.overlap),
        "source": all_runs(results)[0].begin.source,
        "environments": summary.environments(results),
        "headline": summary.headline(results),
        "settings": settings_table(
            results, "Settings of each variant; its phases follow one another."
        ),
        "champion": study.best,
        "seeds": summary.seeds_said(results),
        "searches": searched,
        "unsearched": [variant for variant in results if variant not in searched],
    }
    return render("report.html.j2", content, figures)

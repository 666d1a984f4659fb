"""The report's page: tables and sentences put together, and the template that shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from dagm_transfer.report import summary
from dagm_transfer.report.drawings import SECTIONS, Drawing, unit_of
from dagm_transfer.report.html_tables import kinds_of, results_table, settings_table
from dagm_transfer.report.iterations import convergence_table
from dagm_transfer.report.pages.render import render
from dagm_transfer.report.results import Groups, Result, all_runs

CONVERGENCE = (
    "Iterations on {} validation {}. An accuracy counts from the first evaluation that reaches it. "
    "A run converged where its smoothed curve stays at its plateau to the end: after the one "
    "evaluation and by the other. A dash: never. {}"
)
BY_SLASHES = "Two seeds are divided by a slash."
BY_MEDIAN = (
    "Medians over the seeds, with the range below where they differ; a seed that never got there "
    "counts last."
)


def page(
    results: Groups,
    best: Result | None,
    facts: Mapping[str, Any],
    search: Mapping[str, Any] | None,
    drawings: Sequence[Drawing],
    pngs: Mapping[str, bytes],
) -> str:
    """The page as HTML.

    Args:
        results: the runs by variant.
        best: the champion; None where there is none.
        facts: of the data.
        search: that was recorded for scratch; None where none was.
        drawings: the figures, each with its section and caption.
        pngs: the same as pictures, by name.
    """
    first, seeds = all_runs(results)[0], summary.seeds_of(results)
    content: dict[str, Any] = {
        "facts": facts,
        "unit": unit_of(facts),
        "sections": {
            section: [drawing for drawing in drawings if drawing.section == section]
            for section in SECTIONS
        },
        "source": first.begin.source,
        "environments": summary.environments(results),
        "headline": summary.headline(results),
        "results": [
            results_table(results, kind, prefix, _judged_how(first, kind, facts))
            for kind, prefix in kinds_of(results)
        ],
        "wholes": len(first.judged["image"].labels),
        "judge": first.judge,
        "convergence": convergence_table(
            results,
            CONVERGENCE.format(
                facts["inputs"]["val"],
                unit_of(facts),
                {1: "", 2: BY_SLASHES}.get(len(seeds), BY_MEDIAN),
            ),
        ),
        "settings": settings_table(
            results, "Settings of each variant; its phases follow one another."
        ),
        "champion": best,
        "seeds": len(seeds),
        "search": search and summary.search_behind_scratch(search, results, facts["inputs_digest"]),
    }
    return render("report.html.j2", content, pngs)


def _judged_how(run: Result, kind: str, facts: Mapping[str, Any]) -> str:
    judged, size = run.judged[kind], facts["size"]
    total, defects = len(judged.labels), int(judged.defective.sum())
    if kind == "patch":
        return f"{total} test patches ({defects} defective) of {len(set(judged.images))} images."
    if facts["input"] == "image":
        how = f"each resized to {size} pixels"
    else:
        how = (
            f"each judged by windows of {size} pixels, {run.judge.whole.stride} pixels from one "
            "to the next: an image is as suspicious as its most suspicious window, and defective "
            "at the largest logit if any window is"
        )
    return f"{total} whole test images ({defects} defective), {how}."

"""How far training moved the weights."""

import math
from statistics import fmean

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import HIGH, LOW
from dagm_transfer.report.found.budgets import at_equal_sums, budget_of, way_of
from dagm_transfer.report.sections.over_depth import numbers_table, over_depth
from dagm_transfer.report.sections.said import listed, means
from dagm_transfer.report.tables.html_tables import Table

METRIC = "weight_change"


def weights_section(study: Study) -> Section:
    """The study's gamma over depth."""
    low = means(study.told, lambda run: run.layer(METRIC, LOW))
    high = means(study.told, lambda run: run.layer(METRIC, HIGH))
    return Section(
        anchor="weights",
        title="How far the weights moved",
        study="English figure 5, Korean figure 7",
        published="Transfer moves the weights far less, and most of it in the upper layers: depths "
        "1 to 7 hardly move. From scratch it is the other way round.",
        found=f"Relative change, mean over depths 1 to 7: {listed(low, _share)}; over depths 8 to "
        f"13: {listed(high, _share)}.",
        control="How far weights move depends on the length of the training, too: the sum of steps "
        "in the table is learning rate x iterations / (1 - momentum), over the phases that train "
        f"the trunk.{_at_equal_sums(study)} And it depends on the norm of the first weights, which "
        "grows with depth where they are drawn by He's rule.",
        drawings=[
            Drawing(
                METRIC,
                over_depth(
                    study,
                    METRIC,
                    "How far the kernels went from where they started",
                    "||w final - w initial|| / ||w initial||",
                    scale="log",
                    control=False,
                ),
                "Relative weight change per depth",
                "The study's gamma, kernels only, on a logarithmic axis. A frozen trunk does not "
                "move, and has no line.",
            )
        ],
        tables=[_table(study)],
    )


def _table(study: Study) -> Table:
    """All variants, measured or not."""
    columns = {
        "depths 1 to 7": means(study.results, lambda run: run.layer(METRIC, LOW)),
        "depths 8 to 13": means(study.results, lambda run: run.layer(METRIC, HIGH)),
        "sum of steps": means(study.results, budget_of),
    }
    forms = [_share, _share, "{:.2g}".format]
    return numbers_table(columns, forms, "Relative weight change, mean over depths and seeds.")


def _at_equal_sums(study: Study) -> str:
    """The compared variants, each held against the first where both had gone as far."""
    if not study.pair:
        return ""
    (first, firsts), *others = study.pair.items()
    said = []
    for name, runs in others:
        pairs = [
            (way_of(one, study.root), way_of(other, study.root))
            for one in firsts
            for other in runs
            if one.begin.seed == other.begin.seed
        ]
        moved = [pair for ways in pairs if math.isfinite(sum(pair := at_equal_sums(*ways)))]
        if moved:
            sums = fmean(min(one[0][-1], other[0][-1]) for one, other in pairs)
            here, there = (fmean(values) for values in zip(*moved, strict=True))
            said.append(
                f"at {sums:.2g} {first} had moved {_share(here)} and {name} {_share(there)} "
                f"({'one seed' if len(moved) == 1 else f'mean of {len(moved)} seeds'})"
            )
    if not said:
        return ""
    return (
        " Where it is equal, mean over depths, between kept trunks by straight lines: "
        f"{'; '.join(said)}."
    )


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"

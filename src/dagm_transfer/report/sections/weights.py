"""How far training moved the weights."""

import math

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import HIGH, LOW
from dagm_transfer.report.found.budgets import at_equal_sums, budget_of, way_of
from dagm_transfer.report.sections.over_depth import over_depth
from dagm_transfer.report.sections.said import listed, means

METRIC = "weight_change"


def weights_section(study: Study) -> Section:
    """The study's gamma over depth."""
    low = means(study.results, lambda run: run.layer(METRIC, LOW))
    high = means(study.results, lambda run: run.layer(METRIC, HIGH))
    steps = means(study.results, budget_of)
    return Section(
        anchor="weights",
        title="How far the weights moved",
        study="English figure 5, Korean figure 7",
        published="Transfer moves the weights far less, and most of it in the upper layers: depths "
        "1 to 7 hardly move. From scratch it is the other way round.",
        found=f"Relative change, mean over depths 1 to 7: {listed(low)}; over depths 8 to 13: "
        f"{listed(high)}.",
        control="The rate hangs on the length of the training: learning rate x iterations / "
        f"(1 - momentum), while the trunk trained, is {listed(steps, '{:.2g}'.format)}."
        f"{_at_equal_sums(study)} It hangs on the norm of the first weights as well, which of He's "
        "draw grows with depth.",
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
    )


def _at_equal_sums(study: Study) -> str:
    """The compared variants, each held against the first where both had gone as far."""
    if not study.pair:
        return ""
    first, *others = ((name, runs[0]) for name, runs in study.pair.items())
    said = []
    for name, run in others:
        ways = way_of(first[1], study.root), way_of(run, study.root)
        one, other = at_equal_sums(*ways)
        if math.isfinite(one + other):
            sums = min(ways[0][0][-1], ways[1][0][-1])
            said.append(f"at {sums:.2g} {first[0]} had moved {one:.3f} and {name} {other:.3f}")
    where = f" (mean over depths, seed {first[1].begin.seed})"
    return f" Where it is equal{where}, {'; '.join(said)}." if said else ""

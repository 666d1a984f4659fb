"""How far training moved the weights."""

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import HIGH, LOW
from dagm_transfer.report.found.results import Result
from dagm_transfer.report.sections.over_depth import over_depth
from dagm_transfer.report.sections.said import listed, means

METRIC = "weight_change"


def weights_section(study: Study) -> Section:
    """The study's gamma over depth."""
    low = means(study.results, lambda run: run.layer(METRIC, LOW))
    high = means(study.results, lambda run: run.layer(METRIC, HIGH))
    steps = means(study.results, _distance_allowed)
    return Section(
        anchor="weights",
        title="How far the weights moved",
        study="English figure 5, Korean figure 7",
        published="Transfer moves the weights far less, and most of it in the upper layers: depths "
        "1 to 7 hardly move. From scratch it is the other way round.",
        found=f"Relative change, mean over depths 1 to 7: {listed(low)}; over depths 8 to 13: "
        f"{listed(high)}.",
        control="The rate hangs on the length of the training: learning rate x iterations / "
        f"(1 - momentum) is {listed(steps, '{:.2g}'.format)}. It hangs on the norm of the first "
        "weights as well, which of He's draw grows with depth.",
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


def _distance_allowed(run: Result) -> float:
    variant = run.begin.params["variant"]
    asked = sum(phase["learning_rate"] * phase["iterations"] for phase in variant["phases"])
    return float(asked / (1 - variant["momentum"]))

"""Accuracy and loss against iterations."""

from dagm_transfer.report import summary
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.curves import accuracy_figure, loss_figure
from dagm_transfer.report.sections.said import listed, means
from dagm_transfer.report.tables.iterations import convergence_table

CONVERGENCE = (
    "Iterations on {} validation {}. An accuracy counts from the first evaluation that reaches it. "
    "A run has converged once its smoothed curve stays at its plateau to the end: between the two "
    "evaluations named. A dash: never, or of memory: not recorded. {} "
    "Images a second are those of the steps alone: a trunk "
    "that does not train is run once, and its responses are kept. Of several devices each has a "
    "line, named at the seconds."
)
BY_SLASHES = "Two seeds are divided by a slash."
BY_MEDIAN = (
    "Medians over the seeds, with the range below where they differ; a seed that never got there "
    "counts last."
)
BANDS = " Lines are medians over the seeds, bands reach from the least to the largest."


def accuracy_section(study: Study) -> Section:
    """Curves, and how soon each variant was how good."""
    facts, seeds = study.facts, summary.seeds_of(study.results)
    of_fold = f" ({study.of_fold})" if study.of_fold else ""
    last = means(study.results, lambda run: run.curve("val/accuracy")[1][-1])
    return Section(
        anchor="accuracy",
        title="Accuracy against iterations",
        study="English figure 4, Korean figure 6",
        published="On test images, from scratch 70.87 %; with rotations and flips 99.55 % after "
        "320,000 iterations; fine-tuned from ImageNet 99.90 % after 2,242. A frozen trunk 78.76 % "
        "(Kim 2017).",
        found=f"Validation accuracy at the end: {listed(last)}.",
        control=f"Who recognises the group and never calls a defect has "
        f"{facts['trivial_accuracy']['val']:.1%}{of_fold}.",
        drawings=_drawings(study, several=len(seeds) > 1),
        tables=[
            convergence_table(
                study.results,
                CONVERGENCE.format(
                    facts["inputs"]["val"],
                    f"{study.unit}{of_fold}",
                    {1: "", 2: BY_SLASHES}.get(len(seeds), BY_MEDIAN),
                ),
            )
        ],
    )


def _drawings(study: Study, *, several: bool) -> list[Drawing]:
    facts, unit = study.facts, study.unit
    curves = {
        f"{part} {metric}": {
            variant: [run.curve(f"{key}/{metric}") for run in runs]
            for variant, runs in study.results.items()
        }
        for metric in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    diverged = summary.diverged(study.results)
    which = (
        f"Within a seed every variant has the same validation {unit}; their number is "
        f"{study.of_fold}."
        if study.of_fold
        else f"Every variant has the same validation {unit}."
    )
    gone = (
        f" Diverged: {', '.join(diverged)}. Where a run ends, its line goes on over the other "
        "seeds."
    )
    return [
        Drawing(
            "accuracy",
            accuracy_figure(
                curves["validation accuracy"],
                facts["trivial_accuracy"]["val"],
                f"Validation accuracy against iterations: {facts['name']}",
                f"accuracy on {facts['inputs']['val']} validation {unit}",
            ),
            "Validation accuracy of each variant against iterations",
            f"{which} The dashed line is what anybody reaches who recognises the group and never "
            "calls a defect."
            f"{BANDS if several else ''}{gone if diverged else ''}",
        ),
        Drawing(
            "loss",
            loss_figure(curves, f"Loss and accuracy: {facts['name']}"),
            f"Loss and accuracy on training and validation {unit}",
            "Training accuracy is measured in evaluation mode on a fixed subset that has as many "
            "inputs of each label; validation has as many normal ones as there are."
            f"{' A loss on its way to infinity leaves the panel.' if diverged else ''}",
        ),
    ]

"""What training kept of the features that were there: not in the study."""

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import LAST, LOW
from dagm_transfer.report.found.results import any_layers
from dagm_transfer.report.sections.over_depth import (
    before_training,
    last_table,
    measured,
    numbers_table,
    one_an_image,
    over_depth,
)
from dagm_transfer.report.sections.said import decimals, listed, means
from dagm_transfer.report.tables.html_tables import percent

OF_FEW = "probe_accuracy_5"  # fitted on five training inputs a label


def reuse_section(study: Study) -> Section:
    """CKA to the start, and each channel's best correlate among those of the start."""
    columns = _columns(study)
    low, last, own, correlation, floor = (
        {name: values[name] for name in study.told} for values in columns.values()
    )
    return Section(
        anchor="reuse",
        title="How much of the features was there before",
        published="Transfer selects among the source's features rather than creating new ones; "
        "low-level features stay. The study shows no measurement of it.",
        found=f"CKA to the network before training, mean over depths 1 to 7: "
        f"{listed(low, decimals)}; at the last convolution: {listed(last, decimals)}. There the "
        "best correlate of a live channel among those before training is the channel itself for "
        f"{listed(own)}, with a median correlation of {listed(correlation, decimals)}.",
        control=f"With the images shuffled inside their labels the best correlate still reaches "
        f"{listed(floor, decimals)}.",
        drawings=[
            Drawing(
                "cka_to_start",
                over_depth(
                    study,
                    "cka_to_start",
                    "How much of the responses is what it was before training",
                    "CKA to the network before training",
                    scale="linear",
                    control=False,
                ),
                "Alignment of the responses before and after training, per depth",
                "Linear CKA, debiased, inside each label and averaged over labels: 1 where "
                "training changed nothing but a rotation. Two networks that share nothing lie near "
                "0, unless the images themselves align them. On "
                f"{one_an_image(study)}.",
            )
        ],
        tables=[
            numbers_table(
                columns,
                [decimals, decimals, percent, decimals, decimals],
                "Responses after training against those before it, means over seeds. Matched by "
                "itself: live channels of the last convolution whose best correlate among the "
                "channels before training is the one in their own place; of a trunk that stayed "
                "as it was all are, but for channels that respond to one and the same image alone, "
                "which no correlation tells apart. Correlation "
                "with the best correlate: the median over channels; shuffled: the same with "
                "images exchanged inside their labels.",
            )
        ],
    )


def _columns(study: Study) -> dict[str, dict[str, float]]:
    """Of all variants, by what they are called."""
    of: dict[str, tuple[str, range]] = {
        "CKA, depths 1 to 7": ("cka_to_start", LOW),
        "CKA, last convolution": ("cka_to_start", LAST),
        "matched by itself": ("matched_own", LAST),
        "correlation": ("match_correlation", LAST),
        "shuffled": ("match_floor", LAST),
    }

    def values(metric: str, depths: range) -> dict[str, float]:
        return means(study.results, lambda run: run.layer(metric, depths))

    return {name: values(*what) for name, what in of.items()}


def probes_section(study: Study) -> Section:
    """What a linear classifier reads out of each depth."""
    last = means(study.told, lambda run: run.layer("probe_accuracy", LAST))
    few = means(study.told, lambda run: run.layer("channels_needed", LAST))
    few_inputs = means(study.told, lambda run: run.layer(OF_FEW, LAST))
    before, few_before = (before_training(study, name, LAST) for name in ("probe_accuracy", OF_FEW))
    return Section(
        anchor="probes",
        title="What a linear classifier reads out of each depth",
        found=f"At the last convolution: {listed(last)}. The fewest channels of which a probe "
        f"comes to 98 % of that: {listed(few, '{:.0f}'.format)}. With five "
        f"training inputs a label: {listed(few_inputs)}.",
        control=f"Before any training: {listed(before)}. With five a label: {listed(few_before)}.",
        drawings=[
            Drawing(
                "probe_accuracy",
                over_depth(
                    study,
                    "probe_accuracy",
                    "What a linear classifier reads out of each depth",
                    f"accuracy on {measured(study)}",
                    scale="accuracy",
                    control=True,
                ),
                "Accuracy of linear probes per depth",
                "Logistic regression on the pooled responses to "
                f"{any_layers(study.results).inputs} training {study.unit} or fewer, of each label "
                "as many as there are and at most an even share. "
                "Untrained networks are good features as well: compare the grey lines.",
            ),
            Drawing(
                OF_FEW,
                over_depth(
                    study,
                    OF_FEW,
                    "What a linear classifier learns from five inputs a label",
                    f"accuracy on {measured(study)}",
                    scale="accuracy",
                    control=True,
                ),
                "Accuracy of linear probes that were fitted on five inputs a label, per depth",
                "Where probes of all training inputs are level, those of few tell how far the "
                "labels lie apart. Means over draws.",
            ),
        ],
        tables=[
            last_table(
                study,
                {"probe_accuracy": ("fitted on", "all"), OF_FEW: ("fitted on", "five a label")},
                percent,
                "channels of",
                "Accuracy of linear probes on the last convolution, means over seeds.",
            )
        ],
    )

"""How flat the manifolds of features are: the study's table 1, whose values are not public."""

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import LAST
from dagm_transfer.report.sections.over_depth import (
    before_training,
    last_table,
    one_an_image,
    over_depth,
)
from dagm_transfer.report.sections.said import decimals, listed, means

COLUMNS = {
    "flatness": "D",
    "flatness_over_rotation": "D over flat ones of the same covariance",
    "flatness_over_channels": "D over flat ones of the same channels",
    "intrinsic_dimension": "TwoNN",
    "participation_ratio": "participation ratio",
}


def flat_section(study: Study) -> Section:
    """D with its nulls and the dimensions beside it, at the last convolution."""
    raw = means(study.results, lambda run: run.layer("flatness", LAST))
    excess = means(study.results, lambda run: run.layer("flatness_over_channels", LAST))
    return Section(
        anchor="flatness",
        title="How flat the manifolds of features are",
        study="Table 1 (its values are not public)",
        published="After transfer geodesic and Euclidean distances between features differ less "
        "than after training from scratch with augmentation: the manifolds are flatter.",
        found=f"Raw discrepancy D at the last convolution, inside labels: "
        f"{listed(raw, decimals)}. Over flat clouds of the same channels: "
        f"{listed(excess, decimals)}.",
        control="D grows with the dimension of a cloud, however flat it is; what is left over "
        "flat clouds of the same covariance, or of the same channels' values, is curvature, and "
        "within 0.1 of nothing it is none that so few images show. Before training D is "
        f"{listed(before_training(study, 'flatness', LAST), decimals)}.",
        tables=[
            last_table(
                study,
                {metric: ("", name) for metric, name in COLUMNS.items()},
                decimals,
                "features of",
                f"The last convolution's pooled responses to {one_an_image(study)}, inside each "
                "label, averaged over labels and seeds; D of labels with more than three times as "
                "many images as a point has neighbours. A collapse to a line has D near 0 and is "
                "no merit: read it with the dimensions.",
            )
        ],
        drawings=[
            Drawing(
                "intrinsic_dimension",
                over_depth(
                    study,
                    "intrinsic_dimension",
                    "How many dimensions the responses fill",
                    "intrinsic dimension (TwoNN)",
                    scale="linear",
                    control=True,
                ),
                "Intrinsic dimension of the responses inside a label, per depth",
                f"TwoNN (Facco 2017) on {one_an_image(study)}, inside each label, averaged over "
                "labels. With so few images "
                "high dimensions read low; differences between variants are read, not values.",
            )
        ],
    )

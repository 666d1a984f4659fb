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
    "flatness_over_rotation": "excess over flat clouds of the same covariance",
    "flatness_over_channels": "excess over flat clouds of the same channels",
    "intrinsic_dimension": "TwoNN",
    "participation_ratio": "participation ratio",
}


def flat_section(study: Study) -> Section:
    """D with its nulls and the dimensions beside it, at the last convolution."""
    raw = means(study.told, lambda run: run.layer("flatness", LAST))
    excess = means(study.told, lambda run: run.layer("flatness_over_channels", LAST))
    return Section(
        anchor="flatness",
        title="How flat the manifolds of features are",
        study="Table 1 (its values are not public)",
        published="After transfer geodesic and Euclidean distances between features differ less "
        "than after training from scratch with augmentation: the manifolds are flatter.",
        found=f"Raw discrepancy D at the last convolution, inside labels: "
        f"{listed(raw, decimals)}. Its excess over flat clouds of the same channels: "
        f"{listed(excess, decimals)}.",
        control="D grows with the dimension of a cloud, however flat it is. Curvature is what it "
        "exceeds that of flat clouds by; an excess of less than 0.1 is none that so few images "
        "show. Before training D is "
        f"{listed(before_training(study, 'flatness', LAST), decimals)}.",
        terms={
            "D": "Geodesic discrepancy (Brahma 2016): the ways from point to point along nearest "
            "neighbours, by how much they are longer than the straight ones, over all pairs. 0 "
            "where features fill a flat piece.",
            "flat clouds": "Random points of no curvature that have the features' covariance, or "
            "each channel's own values and nearly that covariance.",
            "TwoNN": "Intrinsic dimension: how fast a neighbourhood grows with its radius.",
            "participation ratio": "Over how many principal components the variance is spread.",
        },
        tables=[
            last_table(
                study,
                {metric: ("", name) for metric, name in COLUMNS.items()},
                decimals,
                "features of",
                f"The last convolution's pooled responses to {one_an_image(study)}, inside each "
                "label, averaged over labels and seeds; D of large enough labels alone (more than "
                "three images for each neighbour that the ways go along). A collapse to a line has "
                "D near 0 and is no merit: read it with the dimensions.",
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

"""The study's picture of why the line between two classes is looked at, as a toy of our own."""

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.manifold import NEIGHBORS, Toy, manifold_figure, toys
from dagm_transfer.report.tables.html_tables import Cell, Table


def manifold_section(study: Study) -> Section:
    """Figure 8 of the English text, 10 of the Korean one: drawn here, of points made here."""
    del study  # it shows no run
    return section_of(toys())


def section_of(drawn: list[Toy]) -> Section:
    """The section about a flat toy, a curved one, and a flat one whose classes lie apart."""
    flat, curved, apart = drawn
    means = (
        f"{flat.mean:.1f} on the flat sheet and {curved.mean:.1f} on the curved one (1 is as near "
        "as the points are to each other)"
    )
    leaves = "leaves the curved sheet" if curved.mean > 2 * flat.mean else "leaves neither sheet"
    alone = (
        "so a high score across classes can be separation alone"
        if apart.mean > 2 * flat.mean
        else "so separation alone does not raise it here"
    )
    return Section(
        anchor="manifold",
        title="What the line between two classes tells",
        study="English figure 8, Korean figure 10",
        published="The flatter the manifold of the features, the more likely do points on the "
        "straight line between two classes lie on it, and look plausible.",
        found=f"In two dimensions, with points made here, the line {leaves}: its mean off-manifold "
        f"score is {means}.",
        control=f"A sheet just as flat, but with a gap between the classes, scores "
        f"{apart.mean:.1f}: {alone}.",
        drawings=[
            Drawing(
                "manifold",
                manifold_figure(drawn),
                "A straight line between two classes on a flat, a curved and an interrupted sheet",
                "Points made here, no data. Below: the off-manifold score along the line, the "
                f"distance to the {NEIGHBORS}th nearest point over the median of that distance "
                "among the points. At 1 (dashed) the line is as near to the points as they are "
                "to each other.",
            )
        ],
        tables=[
            Table(
                columns=[("", "sheet"), ("off-manifold score", "mean"),
                         ("off-manifold score", "largest")],
                rows=[
                    [Cell(t.name), Cell(f"{t.mean:.2f}"), Cell(f"{t.scores.max():.2f}")]
                    for t in drawn
                ],
                caption="Along the line; its ends, which are points, do not count to the mean.",
            )
        ],
    )  # fmt: skip

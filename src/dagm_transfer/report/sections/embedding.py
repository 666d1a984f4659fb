"""Photographs and the inspected images as the source trunk sees them: do they lie apart?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dagm_transfer.analysis.paths import EMBEDDING, EmbeddingPaths
from dagm_transfer.core.files import read_json
from dagm_transfer.core.tables import read_csv
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.embedding import Floats, embedding_figure
from dagm_transfer.report.found.distances import PAIRS, STATISTICS, Distances, read_distances
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table

TRUNKS = {"source": "source trunk", "random": "random trunk", "pixels": "no trunk"}
LEVEL = 0.05  # graded distances nearer than this are called alike
MEASURED = "measured by their own spread,"
SIBLINGS = (
    " Several windows of one photograph are siblings, which brings photographs nearer to each "
    "other."
)
PUBLISHED = (
    "In the trunk's features, images of ImageNet and of DAGM lie apart, in principal components as "
    "in t-SNE: source and target are far from each other, and transfer helps all the same."
)


def embedding_section(study: Study) -> Section:
    """The maps of both domains, and how far they lie apart."""
    paths = EmbeddingPaths(study.root / EMBEDDING)
    facts = read_json(paths.facts)
    distances = read_distances(paths.domains, facts["layers"])
    photographs = [one["name"] for one in facts["photographs"]]
    subject = study.facts["subject"]
    points = _points(paths.points, [*photographs, *facts["groups"]], facts["layers"])
    return Section(
        anchor="embedding",
        title="Source and target in one space",
        study="English figure 2, Korean figures 2 and 4",
        published=PUBLISHED,
        found=_found(distances, subject),
        control=_control(distances, facts["n"], subject),
        drawings=[
            Drawing(
                "embedding",
                embedding_figure(points, photographs),
                f"Photographs and {subject} as points, by principal components and by t-SNE",
                "Each point is an input: the source trunk's responses, averaged over height and "
                f"width. {said_of_photographs(facts, subject)} In a t-SNE map (perplexity "
                f"{facts['perplexity']:g}) neighbours count; how far clusters lie apart and how "
                "large they are says little.",
            )
        ],
        tables=[_table(distances, facts, subject)],
    )


def said_of_photographs(facts: Mapping[str, Any], subject: str) -> str:
    """What the photographs are, and how the trunk sees them.

    Args:
        facts: as the stage left them.
        subject: what the inspected images show.
    """
    first = facts["photographs"][0]
    size = f"{facts['size']} pixels"
    if facts["shipped"]:
        return (
            f"The photographs are {first['inputs']} windows of {size} cut from only "
            f"{first['photographs']} photographs, those that ship with scikit-learn, and no more "
            "than a stand-in for ImageNet: embed.photographs takes folders of others."
        )
    counts = ", ".join(
        f"{one['name']} ({one['inputs']} inputs of {one['photographs']} photographs)"
        for one in facts["photographs"]
    )
    how = f"cut to windows of {size}" if facts["input"] == "patch" else f"resized to {size}"
    return f"Photographs, grey like the {subject} and {how}: {counts}."


def _found(distances: Distances, subject: str) -> str:
    column = distances.deepest("source")

    def mean(kind: str, metric: str) -> float:
        return distances.mean(column, kind, metric)

    apart = mean("source and one group", "graded_distance")
    if not np.isfinite(apart):
        return f"There are too few inputs to say how far photographs and {subject} lie apart."
    said = (
        f"At {distances.layer(column)} a linear classifier tells photographs from {subject} in "
        f"{mean('source and target', 'domain_accuracy'):.0%} of cases (two halves of one domain: "
        f"{mean('halves', 'domain_accuracy'):.0%}), and "
        f"{mean('source and target', 'foreign_neighbors'):.0%} of nearest neighbours are of the "
        f"other domain ({mean('halves', 'foreign_neighbors'):.0%}). From photographs to one "
        f"group it is {apart:.2f} times as far as within them"
    )
    if "groups" not in distances.kinds:
        return f"{said}; the data have one group, so that nothing says how far groups lie apart."
    groups = mean("groups", "graded_distance")
    return f"{said}, from one group to another {groups:.2f}: {_verdict(apart, groups)}."


def _verdict(apart: float, groups: float) -> str:
    if abs(apart - groups) < LEVEL:
        return f"{MEASURED} photographs lie as far from a group as another group does"
    nearer = "farther from" if apart > groups else "nearer to"
    return f"{MEASURED} photographs lie {nearer} a group than another group does"


def _control(distances: Distances, count: int, subject: str) -> str:
    source, *others = (distances.deepest(trunk) for trunk in ("source", "random", "pixels"))
    accuracy = {
        column: distances.mean(column, "source and target", "domain_accuracy")
        for column in (source, *others)
    }
    if not all(np.isfinite(value) for value in accuracy.values()):
        return "There are too few inputs for a control."
    fresh, pixels = (
        f"{accuracy[c]:.0%} of cases (from photographs to one group: "
        f"{distances.mean(c, 'source and one group', 'graded_distance'):.2f})"
        for c in others
    )
    # Two standard errors of a share near one half, over the points of both domains.
    error = 1 / (2 * count) ** 0.5
    better = accuracy[source] - max(accuracy[c] for c in others)
    if better > error:
        verdict = "in neither does a classifier do it as well as in the source trunk"
    elif better <= 0:
        verdict = "it takes no trained trunk to tell them apart as well as the source trunk does"
    else:
        verdict = "too little less than the source trunk to say that it takes a trained one"
    return (
        f"A random trunk tells photographs from {subject} in {fresh}, {STATISTICS} without any "
        f"trunk in {pixels}: {verdict}."
    )


def _table(distances: Distances, facts: Mapping[str, Any], subject: str) -> Table:
    def cell(column: tuple[str, int], kind: str) -> Cell:
        distance, accuracy, foreign, of_a, of_b = (
            distances.mean(column, kind, metric)
            for metric in ("graded_distance", "domain_accuracy", "foreign_neighbors",
                           "foreign_neighbors_a", "foreign_neighbors_b")
        )  # fmt: skip
        if not np.isfinite(distance):
            return Cell(DASH)
        return Cell(
            f"{distance:.2f}",
            f"told apart {accuracy:.0%}, neighbours {foreign:.0%} ({of_a:.0%} and {of_b:.0%})",
        )

    several = {kind: distances.count(kind) for kind in distances.kinds}
    rows = [
        [
            Cell(
                PAIRS[kind].format(subject),
                f"mean of {several[kind]} pairs" if several[kind] > 1 else "",
            ),
            *(cell(column, kind) for column in distances.columns),
        ]
        for kind in distances.kinds
    ]
    siblings = any(one["inputs"] > one["photographs"] for one in facts["photographs"])
    columns = [("", "pair"), *((TRUNKS[c[0]], distances.layer(c)) for c in distances.columns)]
    return Table(
        columns,
        rows,
        f"How far domains lie apart, {facts['n']} inputs of each in every pair: the mean distance "
        "between domains over that within (1: the same domain). Below it, how often a linear "
        "classifier tells them apart (cross-validated; about 50 %: the same; it saturates), and "
        "how often the nearest neighbour is of the other domain, on average (and seen from the "
        f"first and from the second; about 50 %: the same).{SIBLINGS if siblings else ''}",
    )


def _points(
    path: Path, domains: Sequence[str], layers: Mapping[str, str]
) -> dict[tuple[str, str], dict[str, Floats]]:
    found: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for row in read_csv(path):
        of_map = found.setdefault(
            (row["method"], layers[row["depth"]]), {name: [] for name in domains}
        )
        of_map[row["domain"]].append((float(row["x"]), float(row["y"])))
    return {
        key: {name: np.array(points).reshape(-1, 2) for name, points in of_map.items()}
        for key, of_map in found.items()
    }

"""What lies on the straight line between the features of two groups' defects."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dagm_transfer.analysis.of_seeds import folders_there
from dagm_transfer.analysis.paths import INTERPOLATION
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.claims.significance import FEWEST_SEEDS
from dagm_transfer.report.contents import NOT_COMPARED, Drawing, Section, Study
from dagm_transfer.report.figures.strips import Strip, strips_figure
from dagm_transfer.report.found.line_results import LineResults
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table, percent

BARS = "The bars say what the other network that a row names sees in each picture. "
LEVEL = 0.1  # relative difference below which two numbers are called level


def interpolation_section(study: Study) -> Section:
    """Figure 9 of the English text, 11 of the Korean one, with numbers and controls.

    Raises:
        UserError: seeds tell of other lines.
    """
    section = Section(
        anchor="interpolation",
        title="On the line between two groups' defects",
        study="English figure 9, Korean figure 11",
        published="On the line between the features of two textures' defects, scratch (aug) shows "
        "both defects at once over long stretches, transfer much less: its features are more "
        "disentangled.",
    )
    if not folders_there(study.root / INTERPOLATION, study.compared_runs):
        return replace(section, found=NOT_COMPARED)
    results = LineResults.of(study)
    between = section.title if results.between_defects else "On the line from defective to normal"
    return replace(
        section,
        title=between,
        found=found_sentence(results),
        control=control_sentence(results),
        drawings=[*_drawings(results, study.data.facts["labels"])],
        tables=[_table(results)],
        terms=TERMS,
    )


def found_sentence(results: LineResults) -> str:
    """How much both defects coexist, raw and at one margin, in every compared variant."""
    depth, margin = results.facts["depths"][0], results.facts["margin"]
    raw, level, of_two = (
        _by_variant(results, depth, "after", name)
        for name in ("coexistence", "coexistence_at_margin", "coexistence_of_two")
    )
    stand_in = results.facts["pairs"][0]["name"]
    missing = f"The pairs named in the settings are not in the data: {stand_in} stands in. "
    chosen = "" if results.facts["asked"] else missing
    if not results.between_defects:
        chosen = "The data have one group: the line leads from its defective to its normal inputs. "
    few = min(map(len, results.keys.values()))
    verdict = "" if few >= FEWEST_SEEDS else f" Of {_seeds(few)} no verdict follows."
    return (
        f"{chosen}At {results.layer(depth)} the coexistence index is {_listed(raw)} "
        f"({_least(raw)}). "
        f"With the margins at the ends brought to {margin:g} in every network it is "
        f"{_listed(level)} ({_least(level)}), and with third labels set aside as well "
        f"{_listed(of_two)} ({_least(of_two)}).{verdict}"
    )


def control_sentence(results: LineResults) -> str:
    """The same of blended pixels, and how far lines lead off, beside flat sets and no training."""
    depth = results.facts["depths"][0]
    pixels = _by_variant(results, 0, "pixels", "coexistence_at_margin")
    parts = []
    for variant in results.keys:
        after, flat, before = (
            results.mean(variant, depth, network, metric)
            for network, metric in (
                ("after", "off_manifold"), ("after", "off_manifold_flat"),
                ("before", "off_manifold"),
            )
        )  # fmt: skip
        parts.append(
            f"{variant} {_number(after)} (flat sets {_number(flat)}, before training "
            f"{_number(before)})"
        )
    right = _by_variant(results, depth, "after", "ends_right")
    return (
        f"Blended pixels, which have no features to disentangle, give {_listed(pixels)} at that "
        f"margin{_frozen(results, depth)}. Off-manifold score of the line: {', '.join(parts)}; "
        "flat sets have the same means and covariances, and no curvature. Ends judged rightly: "
        f"{_listed(right, percent)}; what a network does not see at the ends cannot coexist "
        f"between them. {_recognised(results, depth)}"
    )


def _frozen(results: LineResults, depth: int) -> str:
    """The source trunk itself, with a head that knows the labels."""
    found = finite_mean(
        results.of_run(key, depth, "after", "coexistence_at_margin")
        for key in results.facts["frozen"]
    )
    return f"; the source trunk, frozen, gives {_number(found)}" if math.isfinite(found) else ""


def _least(values: dict[str, float]) -> str:
    """Which network has least, where they differ."""
    if len(values) < 2 or not all(map(math.isfinite, values.values())):
        return "nothing to compare"
    least, most = min(values, key=values.__getitem__), max(values.values())
    if most - values[least] <= LEVEL * most:
        return f"level to within {LEVEL:.0%}"
    return f"least in {least}"


def _recognised(results: LineResults, depth: int) -> str:
    """Whether the pictures show another network what they were made from."""
    seen = _by_variant(results, depth, "judge", "ends_right")
    if not any(map(math.isfinite, seen.values())):
        return "No other network judges the pictures."
    return (
        f"Of the ends inverted at {results.layer(depth)} a network that began elsewhere recognises "
        f"{_listed(seen, percent)}: "
        "where it is not all of them, the pictures between them show little."
    )


def _drawings(results: LineResults, labels: Sequence[str]) -> Iterator[Drawing]:
    facts = results.facts
    for place, pair in enumerate(facts["pairs"]):
        ends = (labels[pair["a"]], labels[pair["b"]])
        for depth in reversed(facts["depths"]):
            name = results.layer(depth)
            yield Drawing(
                f"interpolation_{depth}_{place}",
                strips_figure(
                    [*_strips(results, place, pair["name"], depth)],
                    ends,
                    f"Lines in pixels and at {name}, as images",
                ),
                f"Images on the line from {ends[0]} to {ends[1]}, in pixels and at {name}",
                f"Runs of seed {results.drawn_seed}. First row: the pixels of both images blended. "
                f"Others: images whose features at "
                f"{name} come nearest to those on the line ({facts['iterations']} iterations from "
                f"the same noise in every network). {BARS if facts['judges'] else ''}Noise in a "
                "picture means that the descent found no better, not that the features are noise.",
            )
        yield Drawing(
            f"interpolation_means_{place}",
            strips_figure([*_means(results, place)], ends, "The same lines as means over channels"),
            f"Means over channels on the line from {ends[0]} to {ends[1]}",
            f"Runs of seed {results.drawn_seed}. The mean over the channels of the features on the "
            "line, each line stretched to full "
            "contrast. They fade into each other by construction, and are no evidence.",
        )


def _strips(results: LineResults, place: int, pair: str, depth: int) -> Iterator[Strip]:
    pictures, judges = results.pictures, results.facts["judges"]
    by = {key: f"\njudged by\n{judge.rpartition('-s')[0]}" for key, judge in judges.items()}
    (key, *_) = results.drawn.values()
    name = f"pixels{by.get(key, '')}"
    yield Strip(name, pictures[f"pixels/{key}/{place}"], results.seen(key, pair, 0))
    for variant, key in results.drawn.items():
        images = pictures[f"inverted/{key}/{place}/{depth}"]
        yield Strip(f"{variant}{by.get(key, '')}", images, results.seen(key, pair, depth))


def _means(results: LineResults, place: int) -> Iterator[Strip]:
    for depth in reversed(results.facts["depths"]):
        for variant, key in results.drawn.items():
            images = results.pictures[f"means/{key}/{place}/{depth}"]
            yield Strip(f"{variant}\n{results.layer(depth)}", images, None)


TERMS = {
    "a": "A place on the line: 0 is its beginning, 1 its end.",
    "coexistence index": "Along the line, the mean of the smaller one of both labels' "
    "probabilities: 0 where one gives way to the other at a point, 0.5 where both stand at one "
    "half all the way.",
    "margin": "By how much the logit of a label exceeds the other's, at its own end. Raw, the "
    "index is little else than the margin the other way round: so it is given at one margin too.",
    "third labels": "Those of neither end; their mean probability along the line.",
}
COLUMNS = (
    ("its own view", "coexistence", "", "coexistence"),
    ("its own view", "at one margin", "", "coexistence_at_margin"),
    ("its own view", "of the two labels", "", "coexistence_of_two"),
    ("its own view", "third labels", "", "third_labels"),
    ("its own view", "margin at ends", "", "margin"),
    ("its own view", "ends right", "", "ends_right"),
    ("off-manifold score", "trained", "", "off_manifold"),
    ("off-manifold score", "flat sets", "after", "off_manifold_flat"),
    ("off-manifold score", "before training", "before", "off_manifold"),
    ("off-manifold score", "pixels blended", "pixels", "off_manifold"),
    ("off-manifold score", "inside a label", "after", "off_manifold_within"),
    ("off-manifold score", "inside, flat sets", "after", "off_manifold_within_flat"),
    ("pictures", "error at the start", "after", "inversion_start"),
    ("pictures", "error", "after", "inversion_error"),
    ("pictures", "coexistence", "judge", "coexistence"),
    ("pictures", "ends recognised", "judge", "ends_right"),
)


def _table(results: LineResults) -> Table:
    facts = results.facts
    rows = []
    for variant in results.keys:
        for depth in (0, *facts["depths"]):
            own = "after" if depth else "pixels"
            values = [
                results.mean(variant, depth, network or own, metric)
                for _, _, network, metric in COLUMNS
            ]
            name = results.layer(depth) if depth else "pixels"
            rows.append([Cell(variant), Cell(name), *(Cell(_number(value)) for value in values)])
    pairs = "; ".join(f"{p['name']}, {p['ends']} lines a seed" for p in facts["pairs"])
    return Table(
        columns=[("", "variant"), ("", "line in"), *((h, name) for h, name, *_ in COLUMNS)],
        rows=rows,
        caption=f"Means over lines, pairs and {_seeds(len(results.paths))} ({pairs}; "
        f"{facts['places']} places a line). "
        f"One margin: logits scaled so that it is {facts['margin']:g} at the ends; of the two "
        "labels: the same without all others; where logits are straight it is at most "
        f"{math.log(2) / facts['margin']:.3g} whatever the network. Off-manifold: "
        f"distance to the {facts['neighbors']}th real neighbour over its median among real ones, "
        "ends and inputs of their images left out. Pictures are of the first line alone and have "
        f"{facts['steps']} places: a coarse index. Error: relative, of the features.",
    )


def _by_variant(results: LineResults, depth: int, network: str, metric: str) -> dict[str, float]:
    return {variant: results.mean(variant, depth, network, metric) for variant in results.keys}


def _listed(values: dict[str, float], said: Callable[[float], str] | None = None) -> str:
    said = said or _number
    return ", ".join(f"{said(value)} for {name}" for name, value in values.items())


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else DASH


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"

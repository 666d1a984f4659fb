"""The last layer's response to whole images: does it show the defect, and did it before?"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from dagm_transfer.analysis.paths import RESPONSES
from dagm_transfer.analysis.responses.reading import StoredResponses
from dagm_transfer.metrics.finite import finite_mean
from dagm_transfer.report.contents import NOT_COMPARED, Drawing, Section, Study
from dagm_transfer.report.figures.responses import (
    TILES,
    Response,
    ShownImage,
    responses_figure,
)
from dagm_transfer.report.found.responding import RespondingVariant, responding
from dagm_transfer.report.tables.html_tables import DASH, Cell, Table, percent
from dagm_transfer.training.paths import run_key

PUBLISHED = (
    "Transfer deactivates most channels of the last convolution, and the few active ones show the "
    "defect; those of a scratch network trained with augmentation show it too, but are far denser."
)
MOST_ROWS = {1: 3, 2: 3, 3: 2}  # images drawn, by how many variants lie beside them
FEW = 30  # images; on fewer, differences are hints
HEATS = {
    "class_activation": "class activation",
    "best_channel": "best channel",
    "mean": "mean of channels",
}
BASELINES = {
    "pixels": "pixel values, |grey - median|",
    "pixels_in_cells": "pixel values, averaged over cells",
    "middle": "nearness to the middle",
    "even": "the same everywhere (chance)",
}


def responses_section(study: Study) -> Section:
    """The last convolution's response to the same defective images in each compared variant."""
    stored = StoredResponses(study.root / RESPONSES, study.compared_runs)
    variants = responding(study, stored)
    asked = Section(
        anchor="responses",
        title="Does the last layer show the defect?",
        study="English figure 7, Korean figure 9",
        published=PUBLISHED,
        found="No defective test image has a weak label to hold responses against.",
    )
    if not variants:
        return replace(asked, found=NOT_COMPARED)
    if not stored.images:
        return asked
    return replace(
        asked,
        found=_found(variants, stored, study.facts["subject"]),
        control=_control(variants, stored),
        drawings=[_drawing(variants, stored, study.unit)] if stored.drawn else [],
        tables=[_table(variants, stored, study.facts["groups"])] if stored.labelled else [],
    )


def _found(variants: Sequence[RespondingVariant], stored: StoredResponses, subject: str) -> str:
    alone = f"The {subject} have no weak labels to hold heat maps against, so responses stand alone"
    said = [] if stored.labelled else [f"{alone}."]
    count, apart = len(stored.images), ", each seed another part of them" * stored.apart
    said.append(f"On {count} defective whole test image{'s' * (count > 1)}{apart}:")
    for v in variants:
        active = f"{_share(v.mean('after', 'response', 'active'))} of the channels respond"
        found = f"; {_localised(v)}" if stored.labelled else ""
        said.append(f"{v.named}: {active} to an image{found}.")
    return " ".join(said)


def _localised(v: RespondingVariant) -> str:
    auroc, hits = (
        v.mean("after", "class_activation", metric) for metric in ("pixel_auroc", "pointing_game")
    )
    return (
        f"class activation has a pixel AUROC of {_number(auroc)}, and its hottest point lies in "
        f"the weak label, or within a cell of it, on {_share(hits)} of the images"
    )


def _control(variants: Sequence[RespondingVariant], stored: StoredResponses) -> str:
    said = [_before(variant, labelled=stored.labelled) for variant in variants]
    if stored.labelled:
        said.append(_without_network(variants))
    if len(stored.drawn) < FEW:
        each = " a seed" * stored.apart
        said.append(f"On so few images ({len(stored.drawn)}{each}) small differences mean nothing.")
    return " ".join(said)


def _without_network(variants: Sequence[RespondingVariant]) -> str:
    of_none = {name: variants[0].mean("baseline", name, "pixel_auroc") for name in BASELINES}
    best = max(of_none, key=of_none.__getitem__)
    value = of_none[best]
    beaten = [v.name for v in variants
              if v.mean("after", "class_activation", "pixel_auroc") > value]  # fmt: skip
    above = f"{', '.join(beaten) or 'no variant'} {'lie' if len(beaten) > 1 else 'lies'} above it"
    return (
        f"Without any network the best is '{BASELINES[best]}' with {_number(value)}; by class "
        f"activation {above}."
    )


def _before(v: RespondingVariant, *, labelled: bool) -> str:
    then, now = (v.mean(when, "response", "active") for when in ("before", "after"))
    if math.isnan(then) or math.isnan(now):
        return f"{v.name}: not finite, nothing is said of it."
    said = (
        f"{v.name}: of the channels of its {v.start} {percent(then)} respond to such an image "
        f"before training and {percent(now)} after it"
    )
    if not labelled:
        return f"{said}."
    was, became = (v.mean(when, "best_channel", "pixel_auroc") for when in ("before", "after"))
    if math.isnan(was) or math.isnan(became):
        return f"{said}; no best channel could be chosen."
    return (
        f"{said}; its best channel goes from a pixel AUROC of {_number(was)} to {_number(became)}, "
        f"better on {v.better('best_channel', 'pixel_auroc')}."
    )


def _drawing(variants: Sequence[RespondingVariant], stored: StoredResponses, unit: str) -> Drawing:
    of_seed = stored.runs[stored.drawn_seed]
    drawn = [v for v in variants if run_key(v.name, stored.drawn_seed) in of_seed][: max(MOST_ROWS)]
    count = len(stored.drawn)
    rows = min(count, MOST_ROWS[len(drawn)])
    # Spread over all of them: they lie in the order of the groups.
    places = [round(n * (count - 1) / max(1, rows - 1)) for n in range(rows)]
    images = []
    for place in places:
        pixels, label = stored.image(place)
        found = {v.name: _response(v.name, stored, place) for v in drawn}
        images.append(ShownImage(stored.drawn[place][1], pixels, label, found))
    left_out = ", ".join(v.name for v in variants if v not in drawn)
    than_of_one = ", which are more than respond to one patch" if unit == "patches" else ""
    return Drawing(
        "responses",
        responses_figure(images, "What the last convolution responds to whole test images"),
        "Strongest channels of the last convolution and class activation, beside each image",
        f"{rows} of {count} image{'s' * (count > 1)}, runs of seed {stored.drawn_seed}. "
        f"Channels: the {TILES} of largest response, strongest first, all of a run against its "
        "largest response to the image, and its square root (each point drawn is the largest of "
        "several). Below them stands the "
        "share of all channels "
        f"that respond anywhere in the image{than_of_one}. Class activation: channels weighted by "
        "what each adds to the defective logit of the image's group less the normal one (Grad-CAM "
        "where the head is fully connected); what speaks against a defect is drawn as nothing."
        + (" The weak label is larger than the defect." if stored.labelled else "")
        + (f" Not drawn: {left_out}." if left_out else ""),
    )


def _response(variant: str, stored: StoredResponses, place: int) -> Response:
    key = run_key(variant, stored.drawn_seed)
    now, then = (
        stored.values[key, when, "response", "active"][place] for when in ("after", "before")
    )
    aurocs = stored.values.get((key, "after", "class_activation", "pixel_auroc"))
    auroc = aurocs[place] if aurocs else None
    return Response(*stored.shown(key, place), (now, then), auroc)


def _table(
    variants: Sequence[RespondingVariant], stored: StoredResponses, groups: Sequence[str]
) -> Table:
    rows = []
    for variant in variants:
        for when, name in (("after", variant.name), ("before", f"{variant.name} before training")):
            for heat, shown in HEATS.items():
                if when == "before" and heat == "class_activation":
                    continue  # its head knows nothing yet
                aurocs = variant.each(when, heat, "pixel_auroc")
                rows.append(
                    [
                        Cell(name, variant.start if when == "before" else ""),
                        Cell(shown),
                        Cell(str(len(aurocs))),
                        _over_seeds(aurocs, _number),
                        _over_seeds(variant.each(when, heat, "pointing_game"), _share),
                        _over_seeds(variant.each(when, "response", "active"), _share),
                    ]
                )
    for heat, shown in BASELINES.items():
        of_none = [variants[0].mean("baseline", heat, m) for m in ("pixel_auroc", "pointing_game")]
        rows.append([Cell("no network"), Cell(shown), Cell(DASH), Cell(_number(of_none[0])),
                     Cell(_share(of_none[1])), Cell(DASH)])  # fmt: skip
    without = [group for group in groups if group not in {of for _, of in stored.images}]
    count = len(stored.images)
    return Table(
        columns=[("", name) for name in ("network", "heat map", "seeds", "pixel AUROC",
                                         "pointing game", "active channels")],
        rows=rows,
        caption=f"Heat maps of the last convolution against the weak labels of {count} defective "
        f"whole test image{'s' * (count > 1)}: means over images and seeds, below them the range "
        "over seeds. The best channel is chosen on training images. Pointing game: the hottest "
        "point lies in the weak label, or within one cell of it."
        + (f" Left out, without a weak label: {', '.join(without)}." if without else ""),
    )  # fmt: skip


def _over_seeds(values: list[float], form: Callable[[float], str]) -> Cell:
    below = f"{form(min(values))} to {form(max(values))}" if len({*values}) > 1 else ""
    return Cell(form(finite_mean(values)), below)


def _number(value: float) -> str:
    return DASH if math.isnan(value) else f"{value:.2f}"


def _share(value: float) -> str:
    return DASH if math.isnan(value) else percent(value)

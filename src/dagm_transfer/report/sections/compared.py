"""What is compared: the data, how each variant is trained, and the words that the page uses."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dagm_transfer.analysis.responses.whole_images import has_weak_labels
from dagm_transfer.report.claims.table import RECIPES
from dagm_transfer.report.contents import Section, Study
from dagm_transfer.report.depths import LAST
from dagm_transfer.report.found.results import Groups, all_runs, any_layers, with_layers
from dagm_transfer.report.tables.html_tables import Cell, Table

STARTS: Mapping[str, str] = {  # the initialisations by name
    "imagenet": "ImageNet's weights",
    "he": "random weights (He)",
    "xavier": "random weights (Glorot)",
    "mean_var": "random weights with the mean and variance of each of ImageNet's layers",
    "shuffled": "ImageNet's filters, the entries of each shuffled",
    "he_matched": "random weights, scaled until each layer responds as strongly as ImageNet's",
}
HEAD = LAST[-1] + 1  # where nothing but the head trains
TITLE = "What is compared"
PUBLISHED = (
    "6,900 images of six textures of DAGM 2007, whole and at 224 pixels, four fifths of them for "
    "training; twelve labels; batches of 32. 2,242 iterations of fine-tuning are 13 epochs; from "
    "scratch it took 320,000. Momentum, weight decay, the draw of first weights and what counts as "
    "a dead channel were not told."
)


def compared_section(study: Study) -> Section:
    """The data, the variants in words, and terms."""
    return Section(
        anchor="compared",
        title=TITLE,
        published=PUBLISHED,
        found=_data(study),
        tables=[_variants(study.results)],
        terms=_terms(study),
    )


def _data(study: Study) -> str:
    """How many images of what, and what a network takes in and tells apart."""
    facts = study.facts
    *others, last = facts["groups"]
    of = f"{', '.join(others)} and {last}" if others else last
    size = f"{facts['size']} pixels"
    takes = (
        f"takes in patches of {size} cut from them"
        if facts["input"] == "patch"
        else f"takes them in at {size}"
    )
    each = "each group, normal and defective" if others else "normal and defective"
    folds = (
        f" Each seed trains and tests on another of {study.folds} folds of the images; where they "
        f"are counted, it is those {study.of_fold}."
        if study.of_fold
        else ""
    )
    return (
        f"{sum(facts['images'].values()):,} images of {of}. A network {takes} and tells "
        f"{len(facts['labels'])} labels apart: {each}.{folds}"
    )


def _variants(results: Groups) -> Table:
    """How each is trained, in words, and on what."""
    devices = {run.device for run in all_runs(results)}
    alike = "" if len(devices) == 1 else (
        " Not all ran on one kind of device: what tells two variants apart can be the device's "
        "doing as well. On a GPU products are rounded to TF32."
    )  # fmt: skip
    return Table(
        columns=[("", name) for name in ("variant", "starts from", "trains", "seeds", "on")],
        rows=[
            [
                Cell(variant),
                Cell(STARTS[runs[0].begin.params["variant"]["init"]]),
                Cell(trained_how(runs[0].begin.params["variant"])),
                Cell(str(len(runs))),
                Cell(_on([run.device for run in runs])),
            ]
            for variant, runs in results.items()
        ],
        caption=f"The variants. The table of all settings is at the end.{alike}",
        of_words=True,
    )


def trained_how(variant: Mapping[str, Any]) -> str:
    """The phases of a variant in words; those that train the same layers are told as one.

    >>> phases = [{"trainable_from": 14, "iterations": 15}, {"trainable_from": 1, "iterations": 45}]
    >>> trained_how({"phases": phases, "augment": True, "momentum": 0.9})
    'the head for 15 iterations, then everything for 45; rotated and flipped inputs; momentum 0.9'
    """
    told = []
    for depth, phases in itertools.groupby(variant["phases"], key=lambda p: p["trainable_from"]):
        what = {1: "everything", HEAD: "the head"}.get(depth, f"depth {depth} and above")
        told.append(f"{what} for {sum(phase['iterations'] for phase in phases):,}")
    first, *others = told
    also = ["rotated and flipped inputs"] * variant["augment"]
    if variant["momentum"]:
        also.append(f"momentum {variant['momentum']:g}")
    return "; ".join([", then ".join([f"{first} iterations", *others]), *also])


def _on(devices: list[str]) -> str:
    counted = Counter(devices)
    if len(counted) == 1:
        return devices[0]
    return "; ".join(f"{device} ({count})" for device, count in counted.items())


def _terms(study: Study) -> dict[str, str]:
    facts, first = study.facts, all_runs(study.results)[0]
    batch = first.begin.params["train"]["batch_size"]
    epoch = math.ceil(facts["inputs"]["train"] / batch)
    found = {
        "group, label": f"A group is {facts['subject']} of one kind; a label names the group, and "
        "whether there is a defect.",
        "trunk, head": "VGG16's convolutions, and the classifier on top of them.",
        **_terms_of_layers(study),
        "source trunk": "The one trained on ImageNet, before any training here. A fresh trunk is "
        "drawn at random; a control trunk shares something with the source trunk, but none of its "
        "features.",
        "iteration": f"A step on a batch of {batch} {study.unit}; {epoch:,} of them are an epoch, "
        f"as many as the training {study.unit} fill.",
        "interval, range": "An interval is one of 95 % confidence; a range is from the least to "
        "the largest seed.",
        "inspector": "What is handed on: a network with the threshold from which it calls a "
        "defect. The champion is the one of least cost on validation.",
    }
    *_, edge = RECIPES
    if edge in study.results:
        found["edge"] = (
            f"{edge} takes steps near the edge of stability, the size beyond which training "
            "collapses. It is the second recipe of fine-tuning that claims have to hold in."
        )
    if has_weak_labels(study.data):
        found["weak label"] = (
            "Where a defect is, as the data tell it: an outline around it, often larger than it."
        )
    return found


def _terms_of_layers(study: Study) -> dict[str, str]:
    if not with_layers(study.results):
        return {}
    layers = any_layers(study.results)
    names = layers.names
    return {
        "depth": f"Of a convolution: 1 is {names[0]}, nearest to the image, 7 {names[6]}, "
        f"8 {names[7]}, {len(names)} the last one, {names[-1]}.",
        "what layers are measured on": f"{layers.inputs} test {study.unit}: of each label as many "
        "as there are, and at most an even share.",
    }

"""Channels that do not respond."""

from dagm_transfer.analysis.paths import EMBEDDING, TARGET, EmbeddingPaths
from dagm_transfer.core.files import read_json
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import LAST
from dagm_transfer.report.sections.over_depth import (
    before_training,
    last_table,
    measured,
    over_depth,
)
from dagm_transfer.report.sections.said import listed, means
from dagm_transfer.report.tables.html_tables import Table, percent

DEAD, INACTIVE = "sparsity", "inactive_channels"
OVER = {"one": INACTIVE, "ten": "dead_over_10", "a hundred": "dead_over_100", "them": DEAD}


def channels_section(study: Study) -> Section:
    """Dead over the data, and inactive on one image."""
    dead, inactive = (_at_the_end(study, name) for name in (DEAD, INACTIVE))
    dead_before, inactive_before = (before_training(study, name, LAST) for name in (DEAD, INACTIVE))
    inputs = measured(study)
    return Section(
        anchor="channels",
        title="How many channels do not respond",
        study="English figure 6, Korean figure 8",
        published="At the last convolution 90.47 % of the channels are dead after transfer and "
        "8.44 % after training from scratch with augmentation; near 0 up to depth 8, rising from "
        "depth 9. Over what data a channel is dead is not said.",
        found=f"At the last convolution dead over {inputs}: {listed(dead)}; inactive on "
        f"one of them, on average: {listed(inactive)}.",
        control=f"Before training dead: {listed(dead_before)}; inactive on one: "
        f"{listed(inactive_before)}.{_on_photographs(study)}",
        tables=[_over_images(study, inputs)],
        drawings=[
            Drawing(
                DEAD,
                over_depth(
                    study, DEAD, f"Channels that respond to none of {inputs}", "dead channels",
                    scale="share", control=True,
                ),
                "Share of dead channels per depth",
                "The study's sparsity: channels whose output after the ReLU exceeds 0 nowhere on "
                f"the {inputs}. Grey: the controls, the same data through the networks before "
                "training. What is dead there was not killed by training. Over more images fewer "
                "are dead.",
            ),
            Drawing(
                INACTIVE,
                over_depth(
                    study, INACTIVE,
                    f"Channels that do not respond to one image (mean over {inputs})",
                    "inactive channels", scale="share", control=True,
                ),
                "Share of channels that are silent in one image, per depth",
                "What pictures of a layer's response to one image show. It does not fall with the "
                "number of images, and most of it can be there before any training: compare the "
                "grey lines.",
            ),
        ],
    )  # fmt: skip


def _at_the_end(study: Study, metric: str) -> dict[str, float]:
    return means(study.told, lambda run: run.layer(metric, LAST))


def _on_photographs(study: Study) -> str:
    """What the source trunk does on the images it was made for; empty where none were shown."""
    facts = EmbeddingPaths(study.root / EMBEDDING).facts
    if not facts.exists():
        return ""
    found: dict[str, float] = [*read_json(facts)["inactive"].values()][-1]
    inspected = f"all {study.facts['subject']}"
    named = {inspected if name == TARGET else name: share for name, share in found.items()}
    return (
        " Share of the source trunk's channels that are inactive on one input, by its domain: "
        f"{listed(named)}."
    )


def _over_images(study: Study, inputs: str) -> Table:
    """Dead at the last convolution, against the number of images that have to agree."""
    return last_table(
        study,
        {metric: ("silent in all of", count) for count, metric in OVER.items()},
        percent,
        "channels of",
        f"The last convolution, over so many of the {inputs}: the mean over all choices of them. "
        "What is called dead depends on it more than on the training.",
    )

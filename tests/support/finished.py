"""A finished run of a small network in a project: data, images, log, card and what was judged."""

from pathlib import Path

import numpy as np
from inspectors import KEY, small_inspector
from judged import write_judged
from PIL import Image
from small import SIZE, recipe, small_inputs, small_network

from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Timing
from dagm_transfer.events.log import write_log
from dagm_transfer.inspection.exporting.finished_run import FinishedRun, finished_run
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import COLUMNS
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.paths import TrainingPaths

PARTS = ("train", "val", "test")
EACH = 2  # judged images of a label and part
WINDOWS = 3  # of each: twice as wide as a window, and half a window's stride


def write_finished(root: Path, network: VGG16 | None = None, **card: object) -> None:
    """A run as the stages leave it; of its settings those of `recipe`."""
    asked = recipe()
    facts = {"digest": "ef", "inputs_digest": "in", "labels": list("abcd"), "size": SIZE}
    begin = Begin(
        identity="ab", environment={"torch": "2"}, key=KEY, variant="finetune", seed=0,
        kind="training", data=facts, source={}, timing=Timing(0.0),
        params={"variant": {"name": "finetune", **asked.variant.model_dump()}, "seed": 0,
                "model": {"head": card.get("head", "gap")}, "train": asked.train.model_dump()},
    )  # fmt: skip
    end = End(6, {"iterations": 6}, {"diverged": "false"}, Timing(9.0))
    write_log(TrainingPaths(KEY).log.below(root), [begin, end])
    _write_prepared(root / PREPARED, facts)
    paths, names = JudgingPaths(KEY), _write_images(root / RAW)
    every = [(label, 0.0) for label in range(4) for _ in range(EACH)]
    write_judged(root, every, every, key=KEY)
    rows = [
        {"part": name.split("-")[0], "kind": kind, "image": name,
         **dict.fromkeys(("label", "judged", "judged_at_threshold"), name.split("-")[1]),
         "score": 0.0}
        for name in names for kind in ("patch", "image")
    ]  # fmt: skip
    write_text(root / paths.table, to_csv(rows, COLUMNS))
    write_json(root / paths.metrics, {"image/accuracy": 0.5, "image/dagm_cost": 40.0})
    small_inspector(root / paths.inspector, network or small_network(), **card)


def small_finished(root: Path, network: VGG16 | None = None, **card: object) -> FinishedRun:
    """The same, opened."""
    write_finished(root, network, **card)
    return opened(root)


def opened(root: Path) -> FinishedRun:
    return finished_run(KEY, data=Prepared(root / PREPARED), raw=root / RAW, root=root)


def _write_prepared(folder: Path, facts: dict[str, object]) -> None:
    folder.mkdir(parents=True)
    parts = {part: small_inputs(8, seed) for seed, part in enumerate(PARTS)}
    np.save(folder / "inputs.npy", np.concatenate([each.pixels for each in parts.values()]))
    rows = [
        {"part": part, "label": int(label), "image": image}
        for part, each in parts.items()
        for label, image in zip(each.labels, each.images, strict=True)
    ]
    write_text(folder / "inputs.csv", to_csv(rows, ("part", "label", "image")))
    write_json(folder / "facts.json", facts)


def _write_images(raw: Path) -> list[str]:
    """Whole images of two windows side by side, made as the inputs are."""
    raw.mkdir(parents=True)
    names = []
    for seed, part in enumerate(("val", "test"), start=3):
        each = small_inputs(2 * EACH, seed)
        for label in range(4):
            pixels = each.pixels[each.labels == label]
            for number in range(EACH):
                names.append(f"{part}-{label}-{number}.png")
                whole = np.hstack(pixels[2 * number : 2 * number + 2])
                Image.fromarray(whole).save(raw / names[-1])
    return names

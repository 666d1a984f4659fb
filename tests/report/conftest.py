"""A small study as the stages would have left it: made by hand, written by the real writers."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from dagm_transfer.analysis.label_flatness import COLUMNS as FLATNESS_COLUMNS
from dagm_transfer.analysis.layers import COLUMNS as LAYER_COLUMNS
from dagm_transfer.analysis.layers import LayerValue
from dagm_transfer.analysis.paths import INPUTS, AnalysisPaths
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.events.event import Begin, End, Evaluation, Timing
from dagm_transfer.events.log import write_events, write_log
from dagm_transfer.judging.curve import convergence_metrics
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import (
    COLUMNS,
    WINDOW_COLUMNS,
    Judged,
    JudgedWindows,
    detection_metrics,
    judged_rows,
    window_rows,
)
from dagm_transfer.judging.windows import window_corners
from dagm_transfer.metrics.detection import Costs, defect_score
from dagm_transfer.models.vgg16 import DEPTHS
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.training.paths import TrainingPaths

SIDE, SIZE, PATCHES = 96, 32, 2  # pixels of an image and of a patch; patches an image
COSTS = Costs(20.0, 1.0)
TARGETS = (0.95, 0.99, 0.995)
JUDGE = {
    "miss_cost": COSTS.miss, "false_alarm_cost": COSTS.false_alarm,
    "false_alarm_limit": None, "targets": list(TARGETS),
    "tolerance": 0.005, "whole": {"stride": SIZE, "normal": 0, "defective": 0},
}  # fmt: skip
MARKED = {"x": 50.0, "y": 50.0, "semi_major": 26.0, "semi_minor": 14.0, "angle": 0.0}
UNMARKED: Mapping[str, float | str] = dict.fromkeys(MARKED, "")
ENVIRONMENT = {
    "torch": "2.11.0+cpu", "device": "cpu", "cpu": "Some CPU @ 2 GHz", "instructions": "AVX512",
    "threads": "2",
}  # fmt: skip
SETTINGS = {
    "input_scale": "bytes", "augment": False, "momentum": 0.9, "weight_decay": 0.0,
    "evaluate_every": 10,
}  # fmt: skip


@dataclass(frozen=True)
class Sketch:
    """A variant as it is to turn out."""

    plateau: float
    halfway: float = 20.0  # iterations in which half of the way is gone
    init: str = "he"
    trainable_from: int = 1
    strength: float = 4.0  # of the right logit over noise of one
    iterations: int = 120
    layers: Mapping[str, float] = field(default_factory=dict)  # added to a layer metric


# Other layer metrics: at the first depth, and what is added by the last.
OTHER_LAYERS = {
    "inactive_channels": (0.1, 0.8), "probe_accuracy": (0.9, 0), "intrinsic_dimension": (12, -6),
    "participation_ratio": (5, 0), "flatness": (0.4, 0), "flatness_over_rotation": (0.1, 0),
    "flatness_over_channels": (0.1, 0), "matched_own": (0.5, 0), "match_correlation": (0.6, 0),
    "match_floor": (0.2, 0), "channels_needed": (16, 0), "probe_accuracy_5": (0.7, 0),
}  # fmt: skip
SKETCHES = {
    "scratch": Sketch(0.62, 60, strength=1.2),
    "finetune": Sketch(1.0, 6, "imagenet"),
    "frozen": Sketch(0.956, 15, "imagenet", 14, strength=2.5),
    "tuned": Sketch(0.998, 4, "imagenet", strength=5.0),
    "my_recipe": Sketch(0.97, 10, "imagenet", 8, strength=3.5),
}


@dataclass
class FakeProject:
    """A project's root with prepared data; runs are added to it."""

    root: Path
    name: str = "DAGM-style synthetic images"
    groups: Sequence[str] = ("texture 1", "texture 3", "texture 6")
    subject: str = "textures"
    patches: bool = True
    normal: int = 8  # test images a group
    defective: int = 5
    defects: Sequence[str] = ("",)  # the kinds of the defective images, by turns
    shapes: Sequence[tuple[int, int]] = ((SIDE, SIDE),)  # of the groups' images, by turns
    false_alarm_limit: float | None = None  # that the thresholds were set by
    digest: str = "d" * 64
    marked: bool = True  # defects have a weak label
    keys: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listed: dict[str, list[tuple[str, int]]] = {"train": [], "val": [], "test": []}
        random = np.random.default_rng(0)
        rows = []
        for place, group in enumerate(self.groups):
            for part, normal, defective in (
                ("train", 2, 2), ("val", 3, 3), ("test", self.normal, self.defective),
            ):  # fmt: skip
                for number in range(normal + defective):
                    label = 2 * place + (number >= normal)
                    name = f"group{place}/{part}-{number:04d}.png"
                    rows.append(
                        {"image": name, "part": part, "group": group, "defective": label % 2,
                         "label": label, "sha256": name,
                         "defect": self.defects[number % len(self.defects)] if label % 2 else "",
                         **(MARKED if label % 2 and self.marked else UNMARKED)}
                    )  # fmt: skip
                    self._listed[part].append((name, label))
                    shape = self.shapes[place % len(self.shapes)]
                    _draw(self.root / RAW / name, shape, place, label % 2 == 1, random)
        write_text(self.root / PREPARED / "images.csv", to_csv(rows, [*rows[0]]))
        write_json(self.root / PREPARED / "facts.json", self.facts)
        trunk = {"features.0.weight": random.normal(size=(64, 3, 3, 3)).astype(np.float32)}
        (self.root / TRUNK).parent.mkdir(parents=True)
        save_file(trunk, self.root / TRUNK)

    @property
    def facts(self) -> dict[str, Any]:
        """As the stage `prepare` writes them."""
        images = {part: len(listed) for part, listed in self._listed.items()}
        return {
            "name": self.name,
            "kind": "synthetic",
            "subject": self.subject,
            "groups": list(self.groups),
            "labels": [f"{g} {state}" for g in self.groups for state in ("normal", "defective")],
            "input": "patch" if self.patches else "image",
            "size": SIZE,
            "resize": "antialias",
            "bits": 8,
            "split": "holdout",
            "folds": 1,
            "missing": {},
            "unmarked": [],
            "images": images,
            "inputs": {
                "train": 300, "val": 200,
                "test": images["test"] * (PATCHES if self.patches else 1),
            },
            "trivial_accuracy": {"train": 0.5, "val": 0.571, "test": 0.6},
            "inputs_digest": "inputs",
            "digest": self.digest,
        }  # fmt: skip

    def add(
        self,
        variant: str,
        seed: int,
        sketch: Sketch,
        *,
        diverges_at: int | None = None,
        cost: float | None = None,
        environment: Mapping[str, str] = ENVIRONMENT,
        digest: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """Write all that the stages leave of a run; its key.

        Args:
            variant: its name.
            seed: of all draws.
            sketch: how it turns out.
            diverges_at: the evaluation at which the loss is no longer finite.
            cost: on validation; unless given it follows from the plateau.
            environment: that it ran in.
            digest: of the data that it was trained on; unless given those of the project.
            settings: of the variant, over the usual ones.
        """
        key, random = f"{variant}-s{seed}", np.random.default_rng([seed, len(variant)])
        phase = {"trainable_from": sketch.trainable_from, "learning_rate": 0.001,
                 "iterations": sketch.iterations}  # fmt: skip
        begin = Begin(
            identity=f"identity of {key}", environment=environment, key=key, variant=variant,
            seed=seed, kind="training", timing=Timing(1.0),
            params={
                "variant": {"name": variant, "init": sketch.init, **SETTINGS, **(settings or {}),
                            "phases": [phase]},
                "seed": seed,
                "train": {"batch_size": 32},
                "judge": {**JUDGE, "false_alarm_limit": self.false_alarm_limit},
            },
            data={**self.facts, "digest": digest or self.digest},
            source={"origin": "file", "digest": "s" * 64},
        )  # fmt: skip
        curve = _curve(sketch, seed, diverges_at, random)
        diverged = diverges_at is not None
        end = End(
            curve[-1].step, {"iterations": curve[-1].step}, {"diverged": str(diverged).lower()},
            Timing(2.0, {"seconds": 41.5 + seed, "peak_mib": 900 + seed}),
        )  # fmt: skip
        write_log(TrainingPaths(key).log.below(self.root), [begin, *curve, end])
        self._write_judging(begin, end, curve, sketch, cost, random)
        self._write_layers(begin, end, sketch, random, finite=not diverged)
        self.keys.append((variant, seed))
        return key

    def add_usual(self, variant: str, seed: int = 0, **asked: Any) -> str:
        """Write a run of a usual variant."""
        return self.add(variant, seed, SKETCHES[variant], **asked)

    def _write_judging(
        self, begin: Begin, end: End, curve: list[Evaluation], sketch: Sketch,
        cost: float | None, random: np.random.Generator,
    ) -> None:  # fmt: skip
        paths, rows, windows = JudgingPaths(begin.key), [], []
        later = np.random.default_rng(
            [begin.seed, len(begin.variant), 1]
        )  # leaves `random` as it was
        metrics = {
            **end.metrics,
            **convergence_metrics(
                curve, begin.data, targets=TARGETS, tolerance=0.005,
                diverged=end.tags["diverged"] == "true",
            ),
            "val/dagm_cost": round(100 * (1 - sketch.plateau)) if cost is None else cost,
        }  # fmt: skip
        kinds = {"test": ("patch", PATCHES), "image": ("image", 1)}
        for prefix, (kind, each) in kinds.items() if self.patches else [("test", ("image", 1))]:
            judged, threshold = _judged(self._listed["test"], each, sketch.strength, random), -1.0
            validated = _judged(self._listed["val"], each, sketch.strength, later)
            metrics |= detection_metrics(prefix, judged, threshold, COSTS)
            for part, found in (("val", validated), ("test", judged)):
                rows += judged_rows(part, kind, found, threshold)
                if prefix == "image":
                    windows += window_rows(part, _by_windows(found, later))
        write_text(self.root / paths.table, to_csv(rows, COLUMNS))
        write_text(self.root / paths.windows, to_csv(windows, WINDOW_COLUMNS))
        judging = End(end.step, metrics, {"converged": "true"}, end.timing)
        write_events(self.root / paths.log, [begin, judging])

    def _write_layers(
        self, begin: Begin, end: End, sketch: Sketch, random: np.random.Generator, *, finite: bool
    ) -> None:
        values, paths = [], AnalysisPaths(begin.key)
        for depth in DEPTHS:
            moved = 0.02 + 0.3 * random.random() * depth / 13
            dead = max(0.0, (depth - 8) / 6)
            values += [
                LayerValue(depth, "weight_change", moved if depth >= sketch.trainable_from else 0),
                LayerValue(depth, "sparsity", dead if finite else math.nan),
                LayerValue(depth, "sparsity_initial", 0.8 * dead * (sketch.init == "imagenet")),
                LayerValue(depth, "cka_to_start", 1 - depth / 26 if finite else math.nan),
            ]
            noise = random.normal() / 100
            for name, (first, more) in OTHER_LAYERS.items():
                value = first + more * (depth - 1) / 12
                measured = value + noise + sketch.layers.get(name, 0.0)
                values += [
                    LayerValue(depth, name, measured if finite else math.nan),
                    LayerValue(depth, f"{name}_initial", 0.8 * value),
                ]
        rows = [value.row for value in values]
        write_text(self.root / paths.layers, to_csv(rows, LAYER_COLUMNS))
        by_label = [
            {"depth": 13, "label": label, "metric": v.metric, "value": v.value + place / 100}
            for v in values if v.depth == 13 and v.metric.startswith("flatness")
            for place, label in enumerate(begin.data["labels"])
        ]  # fmt: skip
        write_text(self.root / paths.flatness, to_csv(by_label, FLATNESS_COLUMNS))
        told = End(end.step, {}, {INPUTS: "252"}, end.timing)
        write_events(self.root / paths.log, [replace(begin, kind="layers"), told])


def _curve(
    sketch: Sketch, seed: int, diverges_at: int | None, random: np.random.Generator
) -> list[Evaluation]:
    told = []
    for step in range(0, sketch.iterations + 1, 10):
        done = 1 - 0.5 ** (step / (sketch.halfway * (1 + 0.2 * seed)))
        exact = 0.17 + (sketch.plateau - 0.17) * done
        accuracy = float(np.clip(exact + random.normal() / 200, 0, 1))
        loss = 1.8 * (1 - accuracy) + 0.02
        metrics = {"train/loss": loss, "train/accuracy": accuracy, "val/loss": 1.1 * loss,
                   "val/accuracy": accuracy}  # fmt: skip
        if diverges_at is not None and step == diverges_at - 10:
            metrics |= {"train/loss": 900.0, "val/loss": 1200.0}
        if step == diverges_at:
            metrics = {"train/accuracy": 0.17, "val/accuracy": 0.17}
        told.append(Evaluation(step, metrics, Timing(1.0)))
        if step == diverges_at:
            break
    return told


def _judged(
    tested: list[tuple[str, int]], each: int, strength: float, random: np.random.Generator
) -> Judged:
    names = [name for name, _ in tested for _ in range(each)]
    labels = np.array([label for _, label in tested for _ in range(each)], dtype=np.int64)
    logits = random.normal(size=(len(labels), labels.max() + 1))
    logits[np.arange(len(labels)), labels] += strength
    return Judged(names, labels, logits.argmax(axis=1), defect_score(logits))


def _by_windows(judged: Judged, random: np.random.Generator) -> Judged:
    """Windows for each image, the most suspicious of which has its score."""
    corners = window_corners((SIDE, SIDE), size=SIZE, stride=SIZE)
    found = []
    for score in judged.scores:
        scores = score - random.exponential(3.0, len(corners))
        scores[random.integers(len(corners))] = score
        found.append(JudgedWindows(corners, scores))
    return replace(judged, windows=found)


def _draw(
    path: Path, shape: tuple[int, int], place: int, defective: bool, random: np.random.Generator
) -> None:
    pixels = random.integers(40 + 10 * place, 120 + 10 * place, shape, dtype=np.uint8)
    if defective:
        pixels[40:60, 30:70] = 230
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="session")
def sketches() -> dict[str, Sketch]:
    """The usual variants."""
    return SKETCHES


@pytest.fixture
def project(tmp_path: Path) -> FakeProject:
    """Without runs."""
    return FakeProject(tmp_path)


@pytest.fixture(scope="session")
def project_at() -> type[FakeProject]:
    """Makes a project in a folder, of other groups, images or inputs."""
    return FakeProject


@pytest.fixture
def project_of(tmp_path: Path) -> Callable[..., FakeProject]:
    """Makes a project of other groups, images or inputs."""
    return partial(FakeProject, tmp_path)


@pytest.fixture(scope="session")
def make_study() -> Callable[[Path], FakeProject]:
    """Makes five variants with three seeds each; one run of scratch diverges."""
    return whole_study


def whole_study(root: Path) -> FakeProject:
    """See `make_study`."""
    made = FakeProject(root)
    for variant in SKETCHES:
        for seed in range(3):
            lost = 50 if (variant, seed) == ("scratch", 2) else None
            made.add_usual(variant, seed, diverges_at=lost)
    return made

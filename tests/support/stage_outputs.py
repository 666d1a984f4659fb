"""What the stages that look inside leave for the report, written by their own writers."""

import numpy as np
from safetensors.numpy import save_file

from dagm_transfer.analysis.domains.domain_pairs import METRICS
from dagm_transfer.analysis.lines.ends import Pair
from dagm_transfer.analysis.lines.run_lines import CURVES, LINES
from dagm_transfer.analysis.of_seeds import by_seed, folder_of
from dagm_transfer.analysis.paths import (
    EMBEDDING,
    INTERPOLATION,
    RESPONSES,
    EmbeddingPaths,
    InterpolationPaths,
)
from dagm_transfer.analysis.responses.localized import Shown
from dagm_transfer.analysis.responses.stored import (
    COLUMNS,
    IMAGE_COLUMNS,
    image_rows,
    mean_rows,
    save_images,
    save_shown,
)
from dagm_transfer.analysis.responses.whole_images import WholeImage
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.ellipse import Ellipse
from dagm_transfer.report.found.distances import PAIRS
from dagm_transfer.report.found.line_results import LineResults
from dagm_transfer.stages.embed import DOMAINS, POINTS
from dagm_transfer.training.paths import seed_of

BASELINES = ("pixels", "pixels_in_cells", "middle", "even")
TRUNKS = [("source", 7), ("source", 13), ("random", 7), ("random", 13), ("pixels", 0)]
KEYS = {"scratch_aug": ["scratch_aug-s0"], "finetune": ["finetune-s0"]}
FROM_CLOTH = Pair("cloth to steel", 1, 3)
METRICS_OF_LINES = (
    "coexistence", "coexistence_at_margin", "coexistence_of_two", "third_labels", "margin",
    "ends_right", "off_manifold", "off_manifold_flat",
)  # fmt: skip


def write_embedding(root, groups, *, shipped=True, left_out=(), unit="patch", inputs=64, **changed):
    """What the stage `embed` leaves: `TRUNK__PAIR__METRIC` of the deepest as named."""
    usual = {"graded_distance": 1.0, "domain_accuracy": 0.5, "foreign_neighbors": 0.5}
    paths = EmbeddingPaths(root / EMBEDDING)
    rows = []
    for trunk, depth in TRUNKS:
        for kind in (kind for kind in PAIRS if kind not in left_out):
            for metric in METRICS:
                name = f"{trunk}__{kind.replace(' ', '_')}__{metric}"
                value = changed.get(name, usual.get(metric, 0.5))
                rows.append(
                    {"trunk": trunk, "depth": depth, "pair": kind, "a": "a", "b": "b",
                     "metric": metric, "value": value, "n": 32}
                )  # fmt: skip
    random = np.random.default_rng(0)
    points = [
        {"method": method, "depth": depth, "domain": domain, "x": x, "y": y}
        for method in ("pca", "tsne")
        for depth in (7, 13)
        for domain in ("cats", *groups)
        for x, y in random.standard_normal((5, 2)).tolist()
    ]
    write_text(paths.points, to_csv(points, POINTS))
    write_text(paths.domains, to_csv(rows, DOMAINS))
    facts = {
        "layers": {"7": "conv3_3", "13": "conv5_3"},
        "inactive": {"7": {"cats": 0.1, "target": 0.2}, "13": {"cats": 0.3, "target": 0.8}},
        "input": unit, "size": 64,
        "shipped": shipped, "n": 32, "perplexity": 24.0,
        "photographs": [{"name": "cats", "photographs": 2, "inputs": inputs, "digest": "d"}],
        "groups": dict.fromkeys(groups, 5),
    }  # fmt: skip
    write_json(paths.facts, facts)


class WrittenResponses:
    """Runs, and what the stage would have left of them."""

    def __init__(self, project, labelled=True):
        self.project, self.rows, self.means = project, {0: []}, {0: []}  # by seed
        pixels = np.random.default_rng(0).integers(0, 256, (512, 480), dtype=np.uint8)
        mask = Ellipse(200, 300, 60, 30, 0.5).mask(512, 480) if labelled else None
        self.labelled, groups = labelled, min(2, len(project.groups))
        self.images = [
            WholeImage(
                f"{n}.png", project.groups[n % groups], 2 * (n % groups) + 1, pixels, pixels, mask
            )
            for n in range(4)
        ]

    def folder(self, seed):
        return folder_of(seed, self.project.root / RESPONSES)

    def add(self, key, when, values):
        each, seed = [values] * len(self.images), seed_of(key)
        self.rows.setdefault(seed, []).extend(image_rows(key, when, each, self.images))
        self.means.setdefault(seed, []).extend(mean_rows(key, when, each))

    def run(self, variant, seed=0, *, active=(0.6, 0.3), best=(0.6, 0.8), class_activation=0.95):
        key = self.project.add_usual(variant, seed)
        if self.labelled:
            self.add(key, "baseline", {(heat, metric): 0.5 for heat in BASELINES
                                       for metric in ("pixel_auroc", "pointing_game")})  # fmt: skip
        for when, share, auroc in zip(("before", "after"), active, best, strict=True):
            values = {("response", "active"): share}
            heats = {"mean": 0.55, "best_channel": auroc}
            if when == "after":
                heats["class_activation"] = class_activation
            for heat, value in heats.items() if self.labelled else ():
                values |= {(heat, "pixel_auroc"): value, (heat, "pointing_game"): 0.75}
            self.add(key, when, values)
        random = np.random.default_rng(seed)
        shown = Shown(random.integers(0, 256, (64, 32, 30), dtype=np.uint8),
                      random.normal(size=(512, 480)))  # fmt: skip
        if not self.folder(seed).exists():
            self.folder(seed).mkdir(parents=True)
            save_images(self.folder(seed), self.images)
        save_shown(self.folder(seed) / key, [shown] * len(self.images))

    def write(self):
        for seed, rows in self.rows.items():
            write_text(self.folder(seed) / "images.csv", to_csv(rows, IMAGE_COLUMNS))
            means = to_csv(self.means[seed], COLUMNS)
            write_text(self.folder(seed) / "localization.csv", means)


def write_lines(root, numbers=None, keys=KEYS, judges=None, asked=True, pair=FROM_CLOTH):
    """What the stage writes: 0.5 everywhere but where a key, network and metric are named."""
    for seed, of_seed in by_seed(key for of in keys.values() for key in of).items():
        write_lines_of(seed, root, numbers or {}, of_seed, judges, asked, pair)
    return LineResults.below(root, keys)


def write_lines_of(seed, root, numbers, keys, judges, asked, pair):
    paths = InterpolationPaths(folder_of(seed, root / INTERPOLATION))
    judges = {"scratch_aug-s0": "finetune-s0"} if judges is None else judges
    blended = np.random.default_rng(0).integers(0, 256, (3, 64, 64), np.uint8)
    lines, curves, pictures = [], [], {}
    for key in keys:
        for depth in (0, 7, 13):
            where = {"key": key, "pair": pair.name, "depth": depth}
            networks = ["judge"] * (key in judges) + (["after", "before"] if depth else ["pixels"])
            lines += [
                {**where, "network": network, "metric": metric,
                 "value": numbers.get((key, network, metric), 0.5)}
                for network in networks for metric in METRICS_OF_LINES
            ]  # fmt: skip
            curves += [
                {**where, "network": "judge", "share": n / 2, "p_a": 1 - n / 2, "p_b": n / 2,
                 "third": 0.0}
                for n in range(3) if key in judges
            ]  # fmt: skip
            pictures[f"pixels/{key}/0"] = blended
            for kind in ("inverted", "means"):
                pictures[f"{kind}/{key}/0/{depth}"] = blended
    facts = {"layers": {"7": "conv3_3", "13": "conv5_3"},
             "pairs": [{"name": pair.name, "a": pair.a, "b": pair.b, "ends": 2}],
             "asked": asked, "judges": judges, "frozen": [], "margin": 5.0, "places": 21,
             "neighbors": 5, "depths": [7, 13], "steps": 3, "iterations": 40}  # fmt: skip
    write_text(paths.lines, to_csv(lines, LINES))
    write_text(paths.curves, to_csv(curves, CURVES))
    write_json(paths.facts, facts)
    save_file(pictures, paths.pictures)

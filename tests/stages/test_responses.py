"""The stage `responses`: which images it looks at, what it leaves, and that it leaves it twice."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import RESPONSES
from dagm_transfer.analysis.responses.reading import StoredResponses
from dagm_transfer.analysis.responses.stored import COLUMNS, IMAGE_COLUMNS
from dagm_transfer.analysis.settings import Responses
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.data.resize import resize
from dagm_transfer.events.event import Begin, End, Timing
from dagm_transfer.events.log import write_log
from dagm_transfer.models.vgg16 import VGG16, initialise
from dagm_transfer.stages.responses import UNLABELLED, responses
from dagm_transfer.training.paths import TrainingPaths

SIZE, CPU = 32, torch.device("cpu")
FOLDER = folder_of(0, RESPONSES)
VARIANTS = ["scratch", "finetune", "frozen"]
GROUPS = ["texture 3", "texture 6"]
INITS = {"scratch-s0": "he", "finetune-s0": "imagenet", "frozen-s0": "imagenet"}
COLUMNS_OF_IMAGES = ("image", "part", "group", "defective", "label", "x", "y", "semi_major",
                     "semi_minor", "angle")  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


class Made:
    """Prepared data, and runs of the published widths."""

    def __init__(self, root, mode, head):
        self.root, self.head = root, head
        random, rows, inputs, pixels = np.random.default_rng(0), [], [], []
        for part, each in (("train", 2), ("test", 3)):
            for label in range(4):
                for number in range(each):
                    name = f"{part}-{label}-{number}.png"
                    drawn = random.integers(0, 256, (64 + 8 * number, 80), dtype=np.uint8)
                    (root / "raw").mkdir(exist_ok=True)
                    Image.fromarray(drawn).save(root / "raw" / name)
                    row = {"image": name, "part": part, "group": GROUPS[label // 2],
                           "defective": label % 2, "label": label}  # fmt: skip
                    # The first defective test image of the second group has no weak label.
                    if label % 2 and name != "test-3-0.png":
                        row |= {"x": 40.0, "y": 30.0, "semi_major": 12.0, "semi_minor": 9.0,
                                "angle": 0.4}  # fmt: skip
                    rows.append(row)
                    inputs.append({"part": part, "label": label, "image": name})
                    pixels.append(resize(drawn, SIZE, "antialias"))
        folder = root / "prepared"
        write_text(folder / "images.csv", to_csv(rows, COLUMNS_OF_IMAGES))
        write_text(folder / "inputs.csv", to_csv(inputs, [*inputs[0]]))
        np.save(folder / "inputs.npy", np.stack(pixels))
        self.facts = {"groups": GROUPS, "labels": ["a", "b", "c", "d"], "input": mode,
                      "size": SIZE, "digest": "d"}  # fmt: skip
        write_json(folder / "facts.json", self.facts)
        source = VGG16(4, head, SIZE)
        initialise(source, "he", 7)
        trunk = {k: v for k, v in source.state_dict().items() if k.startswith("features.")}
        save_file(trunk, root / "trunk.safetensors")
        self.source = {"origin": "file", "digest": "s"}
        write_json(root / "source.json", self.source)
        for seed, key in enumerate(INITS):
            self.weights(key, seed)
            self.log(key)

    def weights(self, key, seed, *, finite=True):
        network = VGG16(4, self.head, SIZE)
        initialise(network, "he", 20 + seed)
        if not finite:
            torch.nn.init.constant_(network.conv(13).bias, float("nan"))
        path = self.root / TrainingPaths(key).weights
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, path)

    def log(self, key, digest="d"):
        begin = Begin(
            identity="ab", environment={"torch": "2"}, key=key, variant=key.split("-")[0],
            seed=0, kind="training", data={**self.facts, "digest": digest}, source=self.source,
            timing=Timing(0.0),
            params={"variant": {"init": INITS[key], "input_scale": "unit"}, "seed": 0,
                    "model": {"head": self.head}, "train": {"batch_size": 4}},
        )  # fmt: skip
        end = End(5, {"iterations": 5}, {"diverged": "false"}, Timing(9.0))
        write_log(TrainingPaths(key).log.below(self.root), [begin, end])

    def run(self, variants=VARIANTS, images=1, training=1, on_image=lambda *_: None):
        return responses(
            variants, 0, Responses(images=images, training=training),
            data=Prepared(self.root / "prepared"), raw=self.root / "raw",
            trunk=self.root / "trunk.safetensors", trunk_facts=self.root / "source.json",
            root=self.root, device=CPU, on_image=on_image,
        )  # fmt: skip

    def files(self):
        folder = self.root / FOLDER
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()
        }  # fmt: skip


def stored_below(root):
    return StoredResponses(root / RESPONSES, {0: []})


@pytest.fixture
def made_of(tmp_path):
    def make(mode="patch", head="gap"):
        return Made(tmp_path, mode, head)

    return make


@pytest.mark.parametrize(("mode", "head"), [("patch", "gap"), ("patch", "fc"), ("image", "fc")])
def test_every_number_stands_in_the_tables_in_both_modes_and_with_both_heads(made_of, mode, head):
    made = made_of(mode, head)
    made.run(["scratch", "finetune"], images=2)
    folder = made.root / FOLDER
    means, images = (read_csv(folder / f"{name}.csv") for name in ("localization", "images"))
    assert tuple(means[0]) == COLUMNS
    assert tuple(images[0]) == IMAGE_COLUMNS
    stored = stored_below(made.root)
    chosen = ["test-1-0.png", "test-1-1.png", "test-3-1.png", "test-3-2.png"]
    assert [name for name, _ in stored.images] == chosen
    assert {(row["when"], row["heat"]) for row in images if row["key"] == "scratch-s0"} == {
        *(("after", heat) for heat in ("mean", "best_channel", "class_activation", "response")),
        *(("before", heat) for heat in ("mean", "best_channel", "response")),
        *(("baseline", heat) for heat in ("pixels", "pixels_in_cells", "middle", "even")),
    }
    for (key, when, heat, metric), values in stored.values.items():
        assert len(values) == 4
        assert 0 <= min(values) <= max(values) <= 1, (key, when, heat, metric)
        assert stored.means[key, when, heat, metric] == pytest.approx(np.mean(values))
    assert stored.means["scratch-s0", "baseline", "even", "pixel_auroc"] == 0.5
    auroc = stored.values["scratch-s0", "after", "class_activation", "pixel_auroc"]
    assert len(set(auroc)) == 4, "an answer of its own for each image"
    cells = {"patch": (4, 5), "image": (2, 2)}[mode]
    pixels, label = stored.image(0)
    channels, heat = stored.shown("scratch-s0", 0)
    assert pixels.shape == label.shape == heat.shape == (64, 80)
    assert channels.shape == (64, *cells)
    assert channels.max() == 255


def test_images_without_a_weak_label_are_passed_over_and_said(made_of):
    made = made_of()
    said = made.run(["finetune"])
    assert said == ["texture 6: 1 defective test images without a weak label are passed over"]


@pytest.mark.parametrize(("mode", "head"), [("patch", "gap"), ("image", "gap"), ("image", "fc")])
def test_where_no_image_has_a_weak_label_responses_stand_alone(made_of, mode, head):
    made = made_of(mode, head)
    rows = read_csv(made.root / "prepared" / "images.csv")
    for row in rows:
        row["x"] = ""
    write_text(made.root / "prepared" / "images.csv", to_csv(rows, COLUMNS_OF_IMAGES))
    told = []
    assert made.run(["finetune"], on_image=lambda *done: told.append(done)) == [UNLABELLED]
    assert told == [(n, 4) for n in range(1, 5)], "before and after, an image a group"
    stored = stored_below(made.root)
    assert stored.images == [("test-1-0.png", "texture 3"), ("test-3-0.png", "texture 6")]
    assert {name[2:] for name in stored.values} == {("response", "active")}
    pixels, label = stored.image(0)
    channels, heat = stored.shown("finetune-s0", 0)
    assert label is None
    assert pixels.shape == heat.shape == (64, 80)
    assert channels.max() == 255


def test_a_group_without_any_is_left_out_and_the_others_are_measured(made_of):
    made = made_of()
    rows = read_csv(made.root / "prepared" / "images.csv")
    for row in rows:
        if row["group"] == "texture 3" and row["part"] == "test":
            row["x"] = ""
    write_text(made.root / "prepared" / "images.csv", to_csv(rows, COLUMNS_OF_IMAGES))
    assert "texture 3: no defective test image has a weak label" in made.run(["finetune"])
    found = stored_below(made.root).images
    assert found == [("test-3-1.png", "texture 6")]


def test_the_same_bytes_come_out_twice_and_a_shared_start_is_looked_at_once(made_of):
    made, told = made_of(), []
    made.run(on_image=lambda *done: told.append(done))
    # Three runs and two starts: the source trunk's and one drawing; four images each.
    assert told == [(n, 20) for n in range(1, 21)]
    first = made.files()
    made.run()
    assert made.files() == first
    stored = stored_below(made.root)
    before = {key: {name[1:]: value for name, value in stored.values.items()
                    if name[:2] == (key, "before")} for key in INITS}  # fmt: skip
    assert before["finetune-s0"] == before["frozen-s0"] != before["scratch-s0"]


def test_a_run_that_is_not_finite_has_no_numbers(made_of):
    made = made_of()
    made.weights("finetune-s0", 0, finite=False)
    made.run(["finetune"])
    means = stored_below(made.root).means
    after = [v for (_, when, *_), v in means.items() if when == "after"]
    before = [v for (_, when, *_), v in means.items() if when == "before"]
    assert np.isnan(after).all()
    assert np.isfinite(before).all()


def test_where_nothing_is_compared_no_image_is_shown(made_of):
    made, told = made_of(), []
    assert made.run([], on_image=lambda *done: told.append(done)) == []
    assert told == []
    assert {*made.files()} == {"images.csv", "localization.csv"}


def test_runs_of_other_data_or_another_source_are_refused(made_of):
    made = made_of()
    made.log("scratch-s0", digest="other")
    with pytest.raises(UserError, match="scratch-s0"):
        made.run(["scratch"])
    write_json(made.root / "source.json", {"origin": "file", "digest": "another"})
    with pytest.raises(UserError, match="finetune-s0"):
        made.run(["finetune"])
    assert not (made.root / FOLDER).exists()

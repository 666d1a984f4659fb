"""The students of a teacher: trained once, handed on as inspectors, and a table of them."""

import json
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of_file, read_json, write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Evaluation, Event, Timing
from dagm_transfer.events.log import LogFiles, begin_of, end_of, finished_log, write_log
from dagm_transfer.inspection.opened import open_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.inspection.students.paths import NO_TEACHER, ClassPaths
from dagm_transfer.inspection.students.settings import Students
from dagm_transfer.inspection.students.student_table import TEACHER, read_students
from dagm_transfer.inspection.students.student_training import Surroundings
from dagm_transfer.inspection.students.student_widths import student_widths
from dagm_transfer.judging.inspector import load_inspector, logits_of_network
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.settings import Judge, Whole
from dagm_transfer.models.vgg16 import VGG16, initialise
from dagm_transfer.stages.judge import judge
from dagm_transfer.stages.students import Setup, students
from dagm_transfer.training.paths import WEIGHTS, TrainingPaths
from dagm_transfer.training.settings import Model, Train

SIZE, DIVISOR, CPU = 32, 64, torch.device("cpu")
GROUPS = ["texture 3", "texture 6"]
TAUGHT, ALONE = ClassPaths("finetune", 0), ClassPaths(NO_TEACHER, 0)


class Watcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A teacher over prepared data, and both classes of students."""
    folder = tmp_path_factory.mktemp("students")
    write_data(folder)
    write_teacher(folder)
    judge(
        "finetune-s0", setup(folder).judge, data=Prepared(folder / "prepared"), raw=folder / "raw",
        root=folder, device=CPU, on_image=lambda *_: None,
    )  # fmt: skip
    students(TAUGHT, setup(folder))
    students(ALONE, setup(folder))
    return folder


def write_data(root: Path) -> None:
    random, rows, inputs = np.random.default_rng(0), [], []
    (root / "raw").mkdir()
    for part, each in (("train", 3), ("val", 2), ("test", 2)):
        for label in range(4):
            for number in range(each):
                name = f"{part}-{label}-{number}.png"
                pixels = random.integers(0, 256, (SIZE + 8, SIZE + 5), dtype=np.uint8)
                Image.fromarray(pixels).save(root / "raw" / name)
                rows.append({"image": name, "part": part, "group": GROUPS[label // 2],
                             "defective": label % 2, "defect": "", "label": label})  # fmt: skip
                inputs.append({"part": part, "label": label, "image": name, "left": 0, "top": 0})
    folder = root / "prepared"
    write_text(folder / "images.csv", to_csv(rows, [*rows[0]]))
    write_text(folder / "inputs.csv", to_csv(inputs, [*inputs[0]]))
    np.save(folder / "inputs.npy", random.integers(0, 256, (len(inputs), SIZE, SIZE), np.uint8))
    write_json(folder / "facts.json", {
        "groups": GROUPS, "labels": [f"{g} {s}" for g in GROUPS for s in ("normal", "defective")],
        "input": "patch", "size": SIZE, "resize": "antialias", "bits": 8, "digest": "d",
        "inputs_digest": "i", "inputs": {"val": 8}, "images": {"train": 12, "val": 8, "test": 8},
        "trivial_accuracy": {"val": 0.5},
    })  # fmt: skip


def write_teacher(root: Path) -> None:
    network = VGG16(4, "gap", SIZE)
    initialise(network, "he", seed=3)
    files = TrainingPaths("finetune-s0")
    (root / files.weights).parent.mkdir(parents=True)
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, root / files.weights)
    begin = Begin(
        identity="ab", environment={"torch": "2"}, key="finetune-s0", variant="finetune", seed=0,
        kind="training", data=Prepared(root / "prepared").facts, source={"digest": "s"},
        timing=Timing(0.0),
        params={"variant": {"input_scale": "bytes"}, "seed": 0, "model": {"head": "gap"},
                "train": {"batch_size": 4}},
    )  # fmt: skip
    curve = [Evaluation(5, {"val/accuracy": 0.5, "val/loss": 1.0}, Timing(0.0))]
    write_log(
        files.log.below(root), [begin, *curve, End(5, {}, {"diverged": "false"}, Timing(9.0))]
    )


def setup(root: Path, watcher: Watcher | None = None, said=None, **changes) -> Setup:
    asked = {
        "teachers": ["finetune"], "seeds": [0], "temperature": 2.0, "alpha": 0.5,
        "sizes": [{"divisor": DIVISOR, "iterations": 4}], "input_scale": "unit", "augment": True,
        "learning_rate": 0.01, "settle": 0.25, "momentum": 0.9, "evaluate_every": 2, **changes,
    }  # fmt: skip
    return Setup(
        settings=Students.model_validate(asked),
        judge=Judge(
            miss_cost=20.0, false_alarm_cost=1.0, false_alarm_limit=None, targets=[0.95],
            tolerance=0.005,
            whole=Whole(stride=16, normal=1, defective=1),
        ),
        model=Model(head="gap"),
        train=Train(
            precision="float32", batch_size=4, sampling="even", train_subset=4, snapshots=[]
        ),
        data=Prepared(root / "prepared"),
        raw=root / "raw",
        around=Surroundings(
            root=root,
            device=CPU,
            watchers=[watcher] if watcher else [],
            provenance={"commit": "c"},
            say=(said if said is not None else []).append,
        ),
        show=lambda _: nullcontext(lambda *_: None),
    )  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_table_has_the_teacher_and_each_size(root):
    taught, alone = (read_students(root / paths.table) for paths in (TAUGHT, ALONE))
    assert [row.divisor for row in taught] == [TEACHER, DIVISOR]
    assert [row.divisor for row in alone] == [DIVISOR], "nobody taught these"
    assert [row.filters for row in taught] == [4224, sum(student_widths(DIVISOR).convolutions)]
    assert {row.data for row in (*taught, *alone)} == {"d"}
    for row in (*taught, *alone):
        low, high = row.metrics["test/accuracy_low"], row.metrics["test/accuracy_high"]
        assert low <= row.metrics["test/accuracy"] <= high
        assert "image/defect_ap" in row.metrics


def test_the_teachers_row_is_what_the_stage_judge_found(root):
    own = read_students(root / TAUGHT.table)[0]
    judged = read_json(root / JudgingPaths("finetune-s0").metrics)
    for name in ("test/accuracy", "image/defect_ap", "test/dagm_cost", "val/dagm_cost"):
        assert own.metrics[name] == judged[name]
    logits = logits_of_network(load_inspector(root / "models/finetune-s0").network.network,
                               "bytes", 4, CPU)  # fmt: skip
    val = Prepared(root / "prepared").inputs("val")
    right = logits(val.pixels).argmax(axis=1) == val.labels
    assert own.metrics["val/accuracy"] == float(right.mean())


def test_what_a_clock_says_stands_apart(root):
    timings = json.loads((root / TAUGHT.timings).read_text())
    assert timings.keys() == {"1", str(DIVISOR)}
    assert all(each["alone"] > 0 and each["together"] > 0 for each in timings.values())
    assert "alone" not in (root / TAUGHT.table).read_text()


def test_a_student_is_an_inspector_and_its_onnx_file_judges_alike(root):
    folder = root / TAUGHT.inspector(DIVISOR)
    inspector, opened = load_inspector(folder), open_onnx(folder / NETWORK)
    assert inspector.card.convolutions == list(student_widths(DIVISOR).convolutions)
    assert inspector.card == opened.card
    pixels = Prepared(root / "prepared").inputs("test").pixels
    own = logits_of_network(inspector.network.network, inspector.card.input_scale, 4, CPU)(pixels)
    assert np.allclose(opened.logits(pixels), own, rtol=1e-4, atol=1e-5)
    (row,) = (r for r in read_students(root / TAUGHT.table) if r.divisor == DIVISOR)
    labels = Prepared(root / "prepared").inputs("test").labels
    assert row.metrics["test/accuracy"] == float((own.argmax(axis=1) == labels).mean())
    assert row.bytes == (folder / WEIGHTS).stat().st_size


def test_its_log_says_who_taught_it_and_at_which_rates(root):
    events = finished_log(LogFiles.at(root / TAUGHT.log(DIVISOR).log))
    begin = begin_of(events)
    teacher = digest_of_file(root / TrainingPaths("finetune-s0").weights)
    assert begin.tags == {"teacher.weights": teacher}
    phases = begin.params["variant"]["phases"]
    assert [(p["iterations"], p["learning_rate"]) for p in phases] == [(3, 0.01), (1, 0.001)]
    assert end_of(events).step == 4
    alone = begin_of(finished_log(LogFiles.at(root / ALONE.log(DIVISOR).log)))
    assert "temperature" not in alone.params["student"]
    assert alone.identity != begin.identity


def test_a_teacher_changes_what_is_learned(root):
    digests = {digest_of_file(root / p.inspector(DIVISOR) / WEIGHTS) for p in (TAUGHT, ALONE)}
    assert len(digests) == 2


def test_a_finished_student_is_kept_and_another_size_is_trained(root):
    watcher, said = Watcher(), []
    before = {path: path.read_bytes() for path in (root / ALONE.results).rglob("*.jsonl")}
    began = time.time()
    sizes = [{"divisor": DIVISOR, "iterations": 4}, {"divisor": 128, "iterations": 2}]
    students(ALONE, setup(root, watcher, said, sizes=sizes))
    assert said == [f"none-s0-1_{DIVISOR}: is trained already"]
    assert begin_of(watcher.events).key == "none-s0-1_128"
    assert {path: path.read_bytes() for path in before} == before
    assert (root / ALONE.inspector(DIVISOR) / WEIGHTS).stat().st_mtime < began
    # And what is no longer asked for is removed.
    students(ALONE, setup(root))
    assert not (root / ALONE.inspector(128)).exists()
    assert not list((root / ALONE.logs).glob("1_128*"))


def test_a_killed_student_begins_anew_and_ends_with_the_same_bytes(root):
    # Its weights are there and its log is not: it was killed between the two.
    weights = root / ALONE.inspector(DIVISOR) / WEIGHTS
    before, (log, timings) = weights.read_bytes(), vars(ALONE.log(DIVISOR)).values()
    told = (root / log).read_bytes()
    (root / log).unlink()
    (root / timings).unlink()
    watcher = Watcher()
    students(ALONE, setup(root, watcher))
    assert watcher.events
    assert weights.read_bytes() == before
    assert (root / log).read_bytes() == told


def test_other_settings_train_anew(root):
    watcher = Watcher()
    students(ALONE, setup(root, watcher, momentum=0.5))
    assert begin_of(watcher.events).params["variant"]["momentum"] == 0.5


def test_a_teacher_that_is_not_trained_is_named(root):
    with pytest.raises(UserError, match=r"scratch-s0.jsonl: no finished log"):
        students(ClassPaths("scratch", 0), setup(root))

"""The stage `judge`: which images it judges, and that its card says all that is needed to do so."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import Begin, End, Evaluation, Timing
from dagm_transfer.events.log import LogFiles, finished_log, write_log
from dagm_transfer.inspection.thresholds.operating_point import operating_point, read_judged_run
from dagm_transfer.judging.inspector import load_inspector, logits_of_network
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.settings import Judge, Whole
from dagm_transfer.judging.threshold_rule import LEAST_COST, ThresholdRule, rule_of
from dagm_transfer.judging.windows import Windows, image_score
from dagm_transfer.metrics.detection import (
    Costs,
    cost_of,
    least_cost_threshold,
    limited_threshold,
)
from dagm_transfer.models.vgg16 import VGG16, initialise
from dagm_transfer.stages.judge import judge
from dagm_transfer.training.paths import TrainingPaths

KEY, SIZE, CPU = "scratch-s0", 32, torch.device("cpu")
GROUPS = ["texture 3", "texture 6"]


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def settings(stride=16, normal=2, defective=1, limit=None, miss=20.0) -> Judge:
    return Judge(
        miss_cost=miss, false_alarm_cost=1.0, false_alarm_limit=limit,
        targets=[0.95], tolerance=0.005,
        whole=Whole(stride=stride, normal=normal, defective=defective),
    )  # fmt: skip


@pytest.fixture
def root(tmp_path, request):
    """A trained run over prepared data whose whole images differ in size."""
    random, rows, inputs = np.random.default_rng(0), [], []
    for part, each in (("train", 2), ("val", 4), ("test", 5)):
        for label in range(4):
            for number in range(each):
                name = f"{part}-{label}-{number}.png"
                shape = (SIZE + 8 * number, SIZE + 5 * label)
                pixels = random.integers(0, 256, shape, dtype=np.uint8)
                (tmp_path / "raw").mkdir(exist_ok=True)
                Image.fromarray(pixels).save(tmp_path / "raw" / name)
                rows.append({"image": name, "part": part, "group": GROUPS[label // 2],
                             "defective": label % 2, "defect": "", "label": label})  # fmt: skip
                inputs.append({"part": part, "label": label, "image": name, "left": 0, "top": 0})
    folder = tmp_path / "prepared"
    write_text(folder / "images.csv", to_csv(rows, [*rows[0]]))
    write_text(folder / "inputs.csv", to_csv(inputs, [*inputs[0]]))
    np.save(folder / "inputs.npy", random.integers(0, 256, (len(inputs), SIZE, SIZE), np.uint8))
    facts = {
        "groups": GROUPS, "labels": [f"{g} {s}" for g in GROUPS for s in ("normal", "defective")],
        "input": getattr(request, "param", "patch"), "size": SIZE, "resize": "antialias",
        "bits": 8, "digest": "d", "inputs": {"val": 16}, "trivial_accuracy": {"val": 0.5},
        "images": {"val": 16, "test": 20},
    }  # fmt: skip
    write_json(folder / "facts.json", facts)
    network = VGG16(4, "gap", SIZE)
    initialise(network, "he", seed=3)
    paths = TrainingPaths(KEY)
    (tmp_path / paths.weights).parent.mkdir(parents=True)
    save_file(
        {k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / paths.weights
    )
    begin = Begin(
        identity="ab", environment={"torch": "2"}, key=KEY, variant="scratch", seed=0,
        kind="training", data=facts, source={}, timing=Timing(0.0),
        params={"variant": {"init": "he", "input_scale": "unit"}, "seed": 0,
                "model": {"head": "gap"}, "train": {"batch_size": 4}},
    )  # fmt: skip
    curve = [
        Evaluation(step, {"val/accuracy": 0.96, "val/loss": 0.1}, Timing(0.0)) for step in (0, 5)
    ]
    end = End(5, {"iterations": 5}, {"diverged": "false"}, Timing(9.0))
    write_log(paths.log.below(tmp_path), [begin, *curve, end])
    return tmp_path


def run(root, asked=None, on_image=lambda *_: None):
    return judge(
        KEY, asked or settings(), data=Prepared(root / "prepared"), raw=root / "raw", root=root,
        device=CPU, on_image=on_image,
    )  # fmt: skip


def table(root, part="test") -> list[dict[str, str]]:
    return [row for row in read_csv(root / JudgingPaths(KEY).table) if row["part"] == part]


def scored(root, kind) -> tuple[np.ndarray, np.ndarray]:
    """Scores of the validation images, and whether they are defective."""
    rows = [row for row in table(root, "val") if row["kind"] == kind]
    defective = np.array([int(row["label"]) % 2 == 1 for row in rows])
    return np.array([float(row["score"]) for row in rows]), defective


@pytest.mark.parametrize(("normal", "defective"), [(2, 1), (0, 0), (1, 9)])
def test_the_first_so_many_whole_images_of_each_label_are_judged(root, normal, defective):
    told = []
    run(root, settings(normal=normal, defective=defective), lambda *done: told.append(done))
    judged = [row["image"] for row in table(root) if row["kind"] == "image"]
    assert judged == [
        f"test-{label}-{number}.png"
        for label in range(4)
        for number in range(min(5, (defective if label % 2 else normal) or 5))
    ]
    on_val = sum(min(4, (defective if label % 2 else normal) or 4) for label in range(4))
    assert told[-1] == (len(judged) + on_val,) * 2
    patches = [row["image"] for row in table(root) if row["kind"] == "patch"]
    assert patches == [f"test-{label}-{number}.png" for label in range(4) for number in range(5)]


def test_of_a_label_with_kinds_of_defect_each_kind_has_its_turn(root):
    path = root / "prepared" / "images.csv"
    rows = read_csv(path)
    kinds = dict(zip("01234", ("burr", "burr", "burr", "crack", "dent"), strict=True))
    for row in rows:
        row["defect"] = kinds[row["image"][-5]] if row["label"] == "1" else ""
    write_text(path, to_csv(rows, [*rows[0]]))
    run(root, settings(normal=1, defective=3))
    judged = [row["image"] for row in table(root) if row["kind"] == "image"]
    assert [name for name in judged if name.startswith("test-1")] == [
        f"test-1-{number}.png" for number in (0, 3, 4)
    ]


def test_the_inspector_judges_each_image_as_the_table_says(root):
    metrics = run(root)
    inspector = load_inspector(root / JudgingPaths(KEY).inspector)
    card = inspector.card
    logits = logits_of_network(inspector.network.network, card.input_scale, 4, CPU)
    rows = [row for row in table(root) if row["kind"] == "image"]
    for row in rows:
        pixels = np.asarray(Image.open(root / "raw" / row["image"]))
        score = image_score(Windows.of(pixels, size=card.size, stride=card.stride).logits(logits))
        assert score == pytest.approx(float(row["score"]), abs=1e-5)
        defective = int(row["judged_at_threshold"]) % 2
        assert defective == (float(row["score"]) >= card.thresholds.image)
    assert metrics["image/threshold"] == card.thresholds.image
    assert metrics["val/dagm_cost"] == card.validation_cost
    assert card.groups == GROUPS


@pytest.mark.parametrize("root", ["image"], indirect=True)
def test_where_whole_images_are_the_inputs_each_is_judged_once(root):
    metrics = run(root)
    assert [(row["kind"], row["image"]) for row in table(root)] == [
        ("image", f"test-{label}-{number}.png") for label in range(4) for number in range(5)
    ]
    assert not [name for name in metrics if name.startswith("image/")]
    card = load_inspector(root / JudgingPaths(KEY).inspector).card
    assert card.stride is None
    assert card.thresholds.input == card.thresholds.image == metrics["test/threshold"]


@pytest.mark.parametrize("limit", [0.0, 0.25, 0.5])
def test_a_limit_of_false_alarms_sets_the_threshold_on_whole_images_alone(root, limit):
    metrics = run(root, settings(normal=0, defective=0, limit=limit))
    card = load_inspector(root / JudgingPaths(KEY).inspector).card
    scores, defective = scored(root, "image")
    assert card.rule == ThresholdRule(false_alarm_limit=limit)
    assert card.thresholds.image == limited_threshold(scores, defective, limit)
    assert metrics["image/threshold"] == card.thresholds.image
    cost = cost_of(scores >= card.thresholds.image, defective, Costs(20.0, 1.0))
    assert metrics["val/dagm_cost"] == card.validation_cost == cost
    assert card.thresholds.input == least_cost_threshold(*scored(root, "patch"), Costs(20.0, 1.0))


@pytest.mark.parametrize("limit", [None, 0.0, 0.25])
def test_what_is_shown_of_a_threshold_is_what_the_stage_sets(root, limit):
    run(root, settings(normal=3, defective=0))
    asked = settings(normal=3, defective=0, limit=limit)
    before = read_judged_run(KEY, root)
    shown = operating_point(before, rule_of(asked, "image"), Costs(20.0, 1.0))
    metrics = run(root, asked)
    assert tuple(len(before.wholes(part).labels) for part in ("val", "test")) == (14, 16)
    assert shown.threshold == read_judged_run(KEY, root).threshold == metrics["image/threshold"]
    assert shown.val.overall.cost == metrics["val/dagm_cost"]
    assert shown.test.overall.cost == metrics["image/dagm_cost"]
    test = shown.test.overall
    assert test.found / test.defects == pytest.approx(metrics["image/defect_tpr_at_threshold"])


def test_without_a_limit_both_thresholds_are_those_of_least_cost(root):
    run(root, settings(miss=3.0))
    card = load_inspector(root / JudgingPaths(KEY).inspector).card
    assert (card.rule, card.costs.miss) == (LEAST_COST, 3.0)
    for kind, threshold in (("image", card.thresholds.image), ("patch", card.thresholds.input)):
        assert threshold == least_cost_threshold(*scored(root, kind), Costs(3.0, 1.0))


@pytest.mark.parametrize("root", ["image"], indirect=True)
def test_where_whole_images_are_the_inputs_the_limit_holds_for_them(root):
    metrics = run(root, settings(limit=0.25))
    card = load_inspector(root / JudgingPaths(KEY).inspector).card
    threshold = limited_threshold(*scored(root, "image"), 0.25)
    assert card.thresholds.image == card.thresholds.input == metrics["test/threshold"] == threshold


def test_nothing_hangs_on_how_the_run_would_be_trained_today(root):
    # Neither params.yaml nor the source trunk is there: the log and the weights are enough.
    assert not (root / "params.yaml").exists()
    metrics = run(root)
    assert metrics["convergence/to_95"] == 0
    begin, *_, end = finished_log(LogFiles.at(root / JudgingPaths(KEY).log))
    assert (begin.kind, begin.identity) == ("judging", "ab")
    assert begin.params["judge"]["whole"]["stride"] == 16
    assert end.metrics == metrics
    assert end.tags == {"converged": "false"}


def test_other_data_than_those_of_the_run_are_refused(root):
    facts = Prepared(root / "prepared").facts
    write_json(root / "prepared" / "facts.json", {**facts, "digest": "other"})
    with pytest.raises(UserError, match="scratch-s0: was trained on other data"):
        run(root)


def test_a_run_that_is_not_finished_is_named(root):
    (root / TrainingPaths(KEY).log.log).unlink()
    with pytest.raises(UserError, match="no finished log"):
        run(root)

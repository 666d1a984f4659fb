"""params.yaml: what is read, and how each kind of mistake is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from dagm_transfer.core.errors import UserError
from dagm_transfer.params import load
from dagm_transfer.training.settings import Phase

ROOT = Path(__file__).resolve().parents[1]
PRESETS = sorted((ROOT / "params").glob("*.yaml"))
GONE = object()


@pytest.fixture
def edit(tmp_path) -> Callable[..., Path]:
    """Write the demo with other values at some keys (`train.batch_size`), or without them."""

    def write(changes: dict[str, Any] | None = None) -> Path:
        yaml = YAML()
        content = yaml.load(ROOT / "params" / "demo.yaml")
        for key, value in (changes or {}).items():
            *above, last = key.split(".")
            section = content
            for name in above:
                section = section[int(name) if name.isdecimal() else name]
            if value is GONE:
                del section[last]
            else:
                section[last] = value
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return write


def complaint(path: Path) -> str:
    """The one line that `load` says of a file, without the file."""
    with pytest.raises(UserError) as refused:
        load(path)
    said = str(refused.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said.removeprefix(f"{path}: ")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_preset_loads_and_makes_runs(preset):
    params = load(preset)
    assert len(params.run_keys()) == len(params.study.variants) * len(params.study.seeds)


def test_there_is_a_demo_among_the_presets():
    assert "demo" in [preset.stem for preset in PRESETS]


def test_runs_are_every_variant_with_every_seed_in_order(edit):
    path = edit({"study.seeds": [3, 1], "study.variants": ["finetune", "scratch"]})
    assert load(path).run_keys() == [
        ("finetune", 3),
        ("finetune", 1),
        ("scratch", 3),
        ("scratch", 1),
    ]


def test_values_are_those_of_the_file(edit):
    params = load(
        edit({"data.images.textures": [2, 5], "variants.frozen.phases.0.learning_rate": 0.25})
    )
    assert params.data.images.textures == [2, 5]
    assert params.variants["frozen"].phases[0].learning_rate == 0.25


def test_numbers_may_be_written_as_yaml_1_2_has_them(edit):
    path = edit({"variants.scratch.phases.0.learning_rate": 0.125, "variants.scratch.momentum": 0})
    # PyYAML reads 1e-3 as a word.
    path.write_text(path.read_text().replace("learning_rate: 0.125", "learning_rate: 1e-3"))
    scratch = load(path).variants["scratch"]
    assert (scratch.phases[0].learning_rate, scratch.momentum) == (0.001, 0)


def test_parameters_cannot_be_changed_afterwards(edit):
    params = load(edit())
    with pytest.raises(ValidationError, match="frozen"):
        params.data.size = 96


@pytest.mark.parametrize(
    ("key", "value"),
    [
        # No value is converted.
        ("train.batch_size", "32"),
        ("train.batch_size", 32.5),
        ("variants.scratch.augment", 0),
        ("variants.scratch.augment", "no way"),
        ("variants.scratch.phases.0.learning_rate", "fast"),
        ("variants.scratch.phases.0.trainable_from", 1.0),
        ("variants.scratch.phases.0.iterations", "80"),
        ("variants.scratch.phases", 80),
        ("variants.lp_ft.phases.1.iterations", 2.5),
        ("model.head", "mlp"),
        ("source.origin", "web"),
        ("machine.device", "gpu"),
        ("machine.device", "cuda:"),
        ("machine.device", "cuda:one"),
        ("machine.device", "my cpu"),
        ("machine.device", 0),
        ("machine.checkpoint_every", 2.0),
        ("train.snapshots", 10),
        ("judge.miss_cost", "dear"),
        ("judge.targets", 0.95),
        ("judge.whole.stride", "64"),
        ("judge.whole", 64),
        ("study.seeds", 0),
        ("study.seeds", []),
        ("study.variants", []),
        ("model", "gap"),
        # Ranges.
        ("train.batch_size", 0),
        ("machine.cache_max_gib", -1.0),
        ("machine.cache_max_gib", float("inf")),
        ("machine.checkpoint_every", 0),
        ("judge.miss_cost", 0.0),
        ("judge.miss_cost", float("inf")),
        ("judge.false_alarm_cost", 0.0),
        ("judge.false_alarm_cost", -1.0),
        ("judge.false_alarm_limit", -0.001),
        ("judge.false_alarm_limit", 1.0),
        ("judge.false_alarm_limit", "few"),
        ("judge.targets", []),
        ("judge.tolerance", 0.0),
        ("judge.tolerance", 1.0),
        ("judge.whole.stride", 0),
        ("judge.whole.normal", -1),
        ("responses.images", 0),
        ("responses.training", 0),
        ("judge.whole.defective", -1),
        ("data.split.validation", 0.0),
        ("data.split.validation", 1.0),
        ("data.split.fold", 5),
        ("data.size", 0),
        ("data.images.size", 64),
        ("data.images.textures", []),
        ("variants.scratch.phases", []),
        ("variants.scratch.phases.0.trainable_from", 0),
        ("variants.scratch.phases.0.trainable_from", 15),
        ("variants.lp_ft.phases.1.trainable_from", 15),
        ("variants.scratch.momentum", 1.0),
        ("variants.scratch.phases.0.learning_rate", 0.0),
        ("variants.scratch.phases.0.learning_rate", float("inf")),
        ("variants.scratch.weight_decay", float("nan")),
        ("variants.scratch.phases.0.iterations", 0),
        ("variants.scratch.evaluate_every", 0),
        ("students.alpha", 1.5),
        ("students.temperature", 0.0),
        ("students.settle", 1.0),
        ("students.teachers", []),
        ("students.sizes", []),
        ("students.sizes.0.divisor", 1),
        ("students.sizes.0.iterations", 0),
    ],
)
def test_a_bad_value_is_shown_beside_its_key(edit, key, value):
    line = complaint(edit({key: value}))
    assert line.startswith(f"{key}: ")
    assert line.endswith(f"not {value!r}")


@pytest.mark.parametrize(
    ("key", "values", "bad"),
    [
        ("study.seeds", [0, "one"], "study.seeds.1"),
        ("study.seeds", [-1], "study.seeds.0"),
        ("study.variants", ["Fine Tune"], "study.variants.0"),
        ("data.images.textures", [1, 11], "data.images.textures.1"),
        ("train.snapshots", [0], "train.snapshots.0"),
        ("train.snapshots", [8, 1.5], "train.snapshots.1"),
        ("judge.targets", [0.95, 1.0], "judge.targets.1"),
        ("judge.targets", [0.0], "judge.targets.0"),
        ("variants.scratch.phases", [80], "variants.scratch.phases.0"),
    ],
)
def test_a_bad_value_in_a_list_is_named_by_its_place(edit, key, values, bad):
    assert complaint(edit({key: values})).startswith(f"{bad}: ")


@pytest.mark.parametrize(
    "key",
    [
        "extra",
        "train.nesterov",
        "data.split.folds",
        "variants.scratch.epochs",
        "variants.scratch.phases.0.momentum",
        "judge.threshold",
        "judge.whole.size",
        "machine.threads",
        # Where they stood in earlier releases.
        "train.device",
        "train.cache_max_gib",
        "train.convergence",
        "train.checkpoint_every",
        "data.whole",
        "variants.scratch.learning_rate",
        "variants.scratch.trainable_from",
        "variants.scratch.iterations",
    ],
)
def test_an_unknown_key_is_named(edit, key):
    assert complaint(edit({key: 1})) == f"{key}: unknown key"


@pytest.mark.parametrize(
    "key",
    [
        "model",
        "machine",
        "judge",
        "train.batch_size",
        "train.snapshots",
        "machine.device",
        "judge.targets",
        "judge.whole.stride",
        "variants.scratch.init",
        "variants.scratch.phases",
        "variants.scratch.phases.0.iterations",
    ],
)
def test_a_missing_key_is_named(edit, key):
    assert complaint(edit({key: GONE})) == f"{key}: missing"


def test_a_mistyped_key_is_named_as_it_was_written(edit):
    # It is unknown, and what it stands for is missing: two problems, one mistake.
    line = complaint(edit({"train.batch_size": GONE, "train.batchsize": 32}))
    assert line == "train.batchsize: unknown key (and 1 more)"


def test_further_mistakes_are_counted(edit):
    assert "(and 2 more)" in complaint(
        edit({"train.batch_size": 0, "model.head": "mlp", "data.split.fold": 9})
    )


def test_a_variant_that_the_study_wants_needs_settings(edit):
    line = complaint(edit({"study.variants": ["scratch", "frozne"]}))
    assert line == "study.variants: frozne has no settings under variants"


@pytest.mark.parametrize(
    ("key", "values"), [("study.seeds", [0, 1, 0]), ("study.variants", ["frozen", "frozen"])]
)
def test_a_run_that_would_be_made_twice_is_refused(edit, key, values):
    assert complaint(edit({key: values})) == f"{key}: a value stands twice"


def test_a_variants_name_can_stand_in_a_file_name(edit):
    line = complaint(edit({"variants.Fine tune/2": {}}))
    assert line.startswith("variants.Fine tune/2")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("data.images.textures", [1, 2, 1], "twice"),
        ("data.size", 80, "multiple of 32"),
        ("data.patch.jitter", 300, "half of size"),
        ("judge.whole.stride", 65, "leaves gaps"),
        ("students.teachers", ["nobody"], "nobody has no settings"),
        ("students.seeds", [0, 0], "twice"),
    ],
)
def test_values_that_contradict_others_are_named_by_their_whole_key(edit, key, value, said):
    line = complaint(edit({key: value}))
    assert said in line
    assert line.startswith(f"{key}: ")


def test_imported_data_have_textures_up_to_10_and_synthetic_only_to_6(edit):
    assert complaint(edit({"data.images.textures": [10]})).startswith("data.images.textures.0: ")
    dagm = {"kind": "dagm", "textures": [10], "allow_partial": True}
    assert load(edit({"data.images": dagm})).data.images.textures == [10]


def test_a_kind_that_is_not_known_is_named_with_those_that_are(edit):
    line = complaint(edit({"data.images.kind": "cats"}))
    assert line.startswith("data.images")
    assert "'synthetic', 'dagm'" in line


def test_the_settings_of_one_kind_are_unknown_to_another(edit):
    assert complaint(edit({"data.images.types": ["mono"]})) == "data.images.types: unknown key"


def test_windows_may_lie_as_far_apart_as_they_are_wide_and_no_farther(edit):
    assert load(edit({"data.size": 96, "judge.whole.stride": 96})).judge.whole.stride == 96
    assert complaint(edit({"data.size": 96, "judge.whole.stride": 97})) == (
        "judge.whole.stride: more than data.size leaves gaps between windows"
    )


def test_where_images_are_judged_whole_no_window_leaves_a_gap(edit):
    params = load(edit({"data.input": "image", "judge.whole.stride": 640}))
    assert params.judge.whole.stride == 640


def test_no_whole_images_at_all_means_all_of_them_and_is_no_mistake(edit):
    whole = load(edit({"judge.whole.normal": 0, "judge.whole.defective": 0})).judge.whole
    assert (whole.normal, whole.defective) == (0, 0)


@pytest.mark.parametrize("limit", [None, 0, 0.005, 0.999])
def test_a_limit_of_false_alarms_is_a_share_or_none(edit, limit):
    assert load(edit({"judge.false_alarm_limit": limit})).judge.false_alarm_limit == limit


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "cuda:12", "mps"])
def test_devices_are_called_as_torch_calls_them(edit, device):
    assert load(edit({"machine.device": device})).machine.device == device


def test_a_variant_may_have_several_phases_one_after_the_other(edit):
    phases = load(edit()).variants["lp_ft"].phases
    assert [phase.trainable_from for phase in phases] == [14, 1]
    assert load(edit()).variants["lp_ft"].iterations == sum(p.iterations for p in phases) == 80


def test_a_missing_file_says_where_to_run(tmp_path):
    assert complaint(tmp_path / "params.yaml").startswith("not found")


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "- a\n- list\n", "a word\n"])
def test_a_file_without_sections_is_told_how_to_get_some(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    assert "dagm preset demo" in complaint(path)


@pytest.mark.parametrize(
    "text",
    ["study: [1, 2\n", "study:\n\t- 1\n", "study: 1\nstudy: 2\n", "a: b: c\n", "a: *nowhere\n"],
)
def test_a_file_that_is_no_yaml_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    assert complaint(path).startswith("not readable as YAML: ")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    assert complaint(tmp_path) == "not readable: Is a directory"


def test_a_file_that_is_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("study: " + "[" * 2000)
    assert complaint(path) == "not readable as YAML: nested too deep"


@pytest.mark.parametrize("value", ["2007-13-99", "9" * 5000, "0x" + "f" * 5000, '"\\ud800"'])
def test_a_value_that_cannot_be_made_is_named_by_its_line(tmp_path, value):
    path = tmp_path / "params.yaml"
    path.write_text(f"study:\n  seeds: {value}\n")
    assert "line 2, column 10" in complaint(path)


def test_a_long_value_is_cut(edit):
    line = complaint(edit({"train.batch_size": "x" * 10_000}))
    assert line.startswith("train.batch_size: input should be a valid integer, not 'xxx")
    assert len(line) < 200


def test_a_key_that_a_terminal_would_obey_is_shown_and_no_more(edit):
    assert complaint(edit({"train.\x1b[2J": 1})) == "train.?[2J: unknown key"


def test_a_value_of_several_kinds_says_them_all(edit):
    line = complaint(edit({"sweep.space.momentum": [0.0, None], "sweep.first": []}))
    assert line == (
        "sweep.space.momentum.1: input should be a valid boolean or a valid integer "
        "or a valid number or a valid string, not None"
    )


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_bytes(b"\xff\xfe\x00study")
    assert complaint(path).startswith("not readable as YAML: ")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sweep.space.learning_rate.low", 0.5, "sweep.space.learning_rate.low: 0.5 is not less"),
        ("sweep.space.learning_rate.low", 0.0, "sweep.space.learning_rate.low: must be greater"),
        ("sweep.space.learning_rate.step", 1, "sweep.space.learning_rate.step: unknown key"),
        ("sweep.space.speed", [1], "sweep.space.speed: input should be"),
        ("sweep.space", {}, "sweep.space: "),
        ("sweep.space.trainable_from", [1, 15], "sweep.space.trainable_from: 15: "),
        ("sweep.space.momentum", [0.0, 1.0], "sweep.space.momentum: 1.0: "),
        ("sweep.base", "mine", "sweep.base: mine has no settings"),
        ("sweep.target", 1.5, "sweep.target: "),
        ("sweep.sampler", "magic", "sweep.sampler: "),
    ],
)
def test_a_sweep_that_cannot_be_is_named_by_its_key(edit, key, value, said):
    changes = {key: value} if key.endswith(("base", "target", "sampler")) else {
        key: value, "sweep.first": []}  # fmt: skip
    assert complaint(edit(changes)).startswith(said)


def test_a_grid_knows_how_many_points_it_has(edit):
    rates = {"low": 1e-4, "high": 1e-2}
    said = complaint(edit({"sweep.sampler": "grid", "sweep.space.learning_rate": rates}))
    assert said.startswith("sweep.space.learning_rate: a grid needs")
    load(edit({"sweep.sampler": "grid", "sweep.space.learning_rate": {**rates, "points": 3},
               "sweep.first": []}))  # fmt: skip


def test_a_first_point_lies_in_the_space_and_names_all_of_it(edit):
    point = {"learning_rate": 1e-3, "trainable_from": 2, "momentum": 0.0}
    assert complaint(edit({"sweep.first": [point]})).startswith(
        "sweep.first.0.trainable_from: 2 lies outside"
    )
    del point["momentum"]
    assert complaint(edit({"sweep.first": [point]})).startswith("sweep.first.0: must name")


def test_a_point_trains_the_base_with_its_values_and_the_budget(edit):
    params = load(edit({"sweep.iterations": 7, "sweep.evaluate_every": 3}))
    variant, model = params.point({"learning_rate": 0.5, "trainable_from": 13, "head": "fc"})
    base = params.variants["finetune"]
    phase = Phase(trainable_from=13, learning_rate=0.5, iterations=7)
    assert variant == base.model_copy(update={"evaluate_every": 3, "phases": [phase]})
    assert model.head == "fc"


def test_a_point_keeps_of_the_bases_phase_what_it_does_not_name(edit):
    params = load(edit({"sweep.base": "frozen", "sweep.iterations": 7}))
    variant, model = params.point({"momentum": 0.5, "augment": True})
    assert variant.phases == [Phase(trainable_from=14, learning_rate=1e-2, iterations=7)]
    assert (variant.momentum, variant.augment, variant.init) == (0.5, True, "imagenet")
    assert model == params.model


@pytest.mark.parametrize(
    ("key", "value"), [("learning_rate", 0.0), ("trainable_from", 15), ("momentum", 1.0)]
)
def test_a_point_that_cannot_be_trained_is_no_point(edit, key, value):
    with pytest.raises(ValidationError, match=key):
        load(edit()).point({key: value})


def test_a_wrong_value_of_a_first_point_is_named_by_its_own_key(edit):
    first = [{"learning_rate": 1e-3, "trainable_from": 2.5, "momentum": 0.0}]
    space = {"low": 1, "high": 14}
    said = complaint(edit({"sweep.space.trainable_from": space, "sweep.first": first}))
    assert said.startswith("sweep.first.0.trainable_from: ")


def test_a_sweep_has_the_longest_phase_of_its_base_alone():
    params = load(ROOT / "params" / "real.yaml")
    longest, settle = params.variants["finetune"].phases
    assert settle.iterations < longest.iterations
    variant, _ = params.point({"momentum": 0.9})
    iterations = params.sweep.iterations
    assert variant.phases == [longest.model_copy(update={"iterations": iterations})]

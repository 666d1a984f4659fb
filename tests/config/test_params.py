"""params.yaml: what is read, and how each kind of mistake is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from dagm_transfer.config.params import load
from dagm_transfer.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
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
                section = section[name]
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
    params = load(edit({"data.textures": [2, 5], "variants.frozen.learning_rate": 0.25}))
    assert params.data.textures == [2, 5]
    assert params.variants["frozen"].learning_rate == 0.25


def test_numbers_may_be_written_as_yaml_1_2_has_them(edit):
    path = edit({"variants.scratch.learning_rate": 0.125, "variants.scratch.momentum": 0})
    # PyYAML reads 1e-3 as a word.
    path.write_text(path.read_text().replace("learning_rate: 0.125", "learning_rate: 1e-3"))
    scratch = load(path).variants["scratch"]
    assert (scratch.learning_rate, scratch.momentum) == (0.001, 0)


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
        ("variants.scratch.learning_rate", "fast"),
        ("model.head", "mlp"),
        ("source.origin", "web"),
        ("train.device", "gpu"),
        ("study.seeds", 0),
        ("study.seeds", []),
        ("study.variants", []),
        ("model", "gap"),
        # Ranges.
        ("train.batch_size", 0),
        ("train.cache_max_gib", -1.0),
        ("train.convergence.patience", 1),
        ("train.convergence.tolerance", 0.0),
        ("data.split.validation", 0.0),
        ("data.split.validation", 1.0),
        ("data.split.fold", 5),
        ("data.size", 0),
        ("data.synthetic.size", 64),
        ("data.textures", []),
        ("variants.scratch.trainable_from", 0),
        ("variants.scratch.trainable_from", 15),
        ("variants.scratch.momentum", 1.0),
        ("variants.scratch.learning_rate", 0.0),
        ("variants.scratch.learning_rate", float("inf")),
        ("variants.scratch.weight_decay", float("nan")),
        ("variants.scratch.iterations", 0),
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
        ("data.textures", [1, 11], "data.textures.1"),
    ],
)
def test_a_bad_value_in_a_list_is_named_by_its_place(edit, key, values, bad):
    assert complaint(edit({key: values})).startswith(f"{bad}: ")


@pytest.mark.parametrize(
    "key", ["extra", "train.nesterov", "data.split.folds", "variants.scratch.epochs"]
)
def test_an_unknown_key_is_named(edit, key):
    assert complaint(edit({key: 1})) == f"{key}: unknown key"


@pytest.mark.parametrize("key", ["model", "train.batch_size", "variants.scratch.init"])
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
        ("data.textures", [1, 2, 1], "twice"),
        ("data.textures", [1, 7], "1 to 6"),
        ("data.size", 80, "multiple of 32"),
        ("data.patch.jitter", 300, "half of size"),
    ],
)
def test_values_that_contradict_others_are_named_by_their_whole_key(edit, key, value, said):
    line = complaint(edit({key: value}))
    assert said in line
    assert line.startswith(f"{key}: ")


def test_imported_data_have_textures_up_to_10_and_synthetic_only_to_6(edit):
    assert "1 to 6" in complaint(edit({"data.textures": [10]}))
    assert load(edit({"data.textures": [10], "data.kind": "dagm"})).data.textures == [10]


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
    expected = params.variants["finetune"].model_copy(
        update={"learning_rate": 0.5, "trainable_from": 13, "iterations": 7, "evaluate_every": 3}
    )
    assert (variant, model.head) == (expected, "fc")

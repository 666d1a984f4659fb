"""Which inspector is registered, and which version is the champion."""

import os
import sys

import mlflow
import onnx
import pytest
from inspectors import small_card
from registry import as_text, exported_inspector, image_file

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of
from dagm_transfer.events.identity import environment_digest
from dagm_transfer.judging.card import CardCosts, Thresholds, read_card, write_card
from dagm_transfer.tracking.champion import (
    ALIAS,
    MODEL,
    Registration,
    champion,
    is_registered,
    promote,
    register,
)
from dagm_transfer.tracking.registered import registered_folder

IMAGES = [as_text(image_file(40, 50)), as_text(image_file(32, 32))]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return exported_inspector(tmp_path_factory.mktemp("network")) / "model.onnx"


@pytest.fixture
def folder(tmp_path, network):
    """Folders of inspectors of the logged run, each with what is named of its card."""

    def make(**changes):
        made = tmp_path / digest_of(repr(changes)) / "inspector"
        environment = environment_digest({"torch": "2.11", "device": "cpu"})
        made.mkdir(parents=True, exist_ok=True)
        card = small_card(identity="a" * 64, environment=environment, **changes)
        model = onnx.load(network)
        model.metadata_props[0].value = card.weights  # it names the weights that the card names
        onnx.save(model, made / "model.onnx")
        write_card(card, made / "card.json")
        return made

    return make


@pytest.fixture
def place(store, make_logs):
    """A store that has the run."""
    store.put(make_logs())
    return store.place


def versions(place):
    return sorted(int(v.version) for v in place.client.search_model_versions(f"name = '{MODEL}'"))


def runs_of_models(place):
    found = place.client.search_logged_models([place.experiment_id])
    return [model.source_run_id for model in found]


def test_a_run_that_is_not_there_has_no_version(store, folder):
    assert not is_registered(store.place, read_card(folder() / "card.json"))
    with pytest.raises(LookupError, match="finetune-s0"):
        register(store.place, folder(), IMAGES)


def test_the_first_is_the_champion_and_follows_its_run(
    store, place, make_logs, folder, capfd, monkeypatch
):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    card, before, path = read_card(folder() / "card.json"), store.run(), list(sys.path)
    capfd.readouterr()
    assert register(place, folder(), IMAGES) == Registration("1", "1", None)
    assert capfd.readouterr() == ("", "")
    assert (sys.path, os.environ.get("MLFLOW_TRACKING_URI")) == (path, None)
    assert not list((store.work.root / "mlartifacts").rglob("*.pyc"))
    assert is_registered(place, card)
    first = champion(place)
    assert first.run_id == store.run().info.run_id
    assert first.tags == {
        "card": digest_of(card.model_dump()), "key": "finetune-s0", "identity": "a" * 64,
        "environment.digest": card.environment, "weights": "ij", "groups": "texture 1, texture 2",
        "threshold": "1.5", "validation_cost": "3.0", "validated_on": "gh",
        "costs": "miss 20, false alarm 1",
    }  # fmt: skip
    assert (store.run().info.status, store.run().info.end_time) == (
        before.info.status, before.info.end_time,
    )  # fmt: skip
    assert runs_of_models(place) == [first.run_id]
    assert read_card(registered_folder(place, f"models:/{MODEL}@{ALIAS}") / "card.json") == card

    store.put(make_logs(tpr=1.0))  # the run is made anew
    assert not is_registered(place, card)
    assert register(place, folder(), IMAGES).kept is None
    assert versions(place) == [2], "of one inspector there is one version"
    assert champion(place).run_id == store.run().info.run_id != first.run_id
    assert runs_of_models(place) == [champion(place).run_id]
    assert is_registered(place, card)


def test_it_says_what_goes_in_and_comes_out_and_what_it_needs(place, folder, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])  # MLflow puts the model's own modules on it
    register(place, folder(), IMAGES)
    mlflow.set_tracking_uri(place.client.tracking_uri)
    info = mlflow.models.get_model_info(f"models:/{MODEL}@{ALIAS}")
    assert [(each.name, each.type.name) for each in info.signature.inputs] == [("image", "string")]
    assert [(each.name, each.type.name) for each in info.signature.outputs] == [
        ("group", "string"), ("score", "double"), ("decision", "string"),
    ]  # fmt: skip
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}@{ALIAS}")
    assert list(model.input_example["image"]) == IMAGES
    needed = mlflow.pyfunc.get_model_dependencies(f"models:/{MODEL}@{ALIAS}")
    with open(needed, encoding="utf-8") as lines:  # noqa: PTH123 - a path as text
        names = [line.partition("==")[0] for line in lines.read().split()]
    assert names == ["mlflow", "numpy", "onnxruntime", "pandas", "pillow", "pydantic", "scipy"]


def test_the_alias_goes_to_one_that_costs_less_and_the_old_one_stays_a_version(place, folder):
    register(place, folder(), IMAGES)
    cheaper = Thresholds(input=0.5, image=1.25)  # the same weights, judged again
    made = register(place, folder(validation_cost=2.0, thresholds=cheaper), IMAGES)
    assert made == Registration("2", "2", None)
    assert champion(place).version == 2
    assert versions(place) == [1, 2]
    for version, threshold in ((1, 1.5), (2, 1.25)):
        found = registered_folder(place, f"models:/{MODEL}/{version}")
        assert read_card(found / "card.json").thresholds.image == threshold
        assert (found / "model.onnx").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": "other"}, "on validation it costs 3, this one 3"),  # a tie changes nothing
        ({"validation_cost": 4.0}, "on validation it costs 3, this one 4"),
        ({"validation_cost": 1.0, "validated_on": "others"}, "validated on other images"),
        (
            {"validation_cost": 1.0, "costs": CardCosts(miss=5, false_alarm=1)},
            "validated at other costs (miss 20, false alarm 1)",
        ),
    ],
)
def test_the_alias_stays_where_nothing_is_won_or_nothing_can_be_compared(
    place, folder, changes, said
):
    register(place, folder(), IMAGES)
    made = register(place, folder(**changes), IMAGES)
    assert (made.version, made.champion) == ("2", "1")
    assert made.kept.startswith(said)
    assert champion(place).version == 1
    assert versions(place) == [1, 2]
    assert is_registered(place, read_card(folder(**changes) / "card.json"))


def test_an_alias_can_be_moved_and_comes_back_where_it_was_lost(place, folder):
    with pytest.raises(UserError, match="no version 1; it has none yet"):
        promote(place, 1)
    register(place, folder(), IMAGES)
    register(place, folder(validation_cost=9.0), IMAGES)
    assert promote(place, 2).tags["validation_cost"] == "9.0"
    assert champion(place).version == 2
    with pytest.raises(UserError, match="no version 7; it has 1, 2"):
        promote(place, 7)

    # As after a kill between the version and its alias.
    place.client.delete_registered_model_alias(MODEL, ALIAS)
    assert not is_registered(place, read_card(folder() / "card.json"))
    assert register(place, folder(), IMAGES) == Registration("3", "3", None)
    assert versions(place) == [2, 3]


@pytest.mark.parametrize("uri", ["models:/nothing@champion", "models:/nothing/1", "models:/n"])
def test_what_is_not_registered_is_one_line(store, uri):
    with pytest.raises(UserError, match=f"{uri}: not in the tracking store") as said:
        registered_folder(store.place, uri)
    assert "\n" not in str(said.value)

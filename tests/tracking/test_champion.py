"""The registered model: the inspector's own, on the run that the store has now."""

import mlflow
import numpy as np
import pytest
import torch
from inspectors import small_card

from dagm_transfer.events.identity import environment_digest
from dagm_transfer.judging.inspector import GreyNetwork, Inspector
from dagm_transfer.models.vgg16 import VGG16, Widths, initialise
from dagm_transfer.tracking.champion import ALIAS, MODEL, register_champion

SIZE = 32
NARROW = Widths((4,) * 13, hidden=(8, 8))


@pytest.fixture
def inspector():
    environment = environment_digest({"torch": "2.11", "device": "cpu"})
    card = small_card(
        identity="a" * 64,
        environment=environment,
        convolutions=[4] * 13,
        hidden=[8, 8],
        weights="w",
    )
    network = VGG16(4, "gap", SIZE, NARROW)
    initialise(network, "he", seed=0)
    return Inspector(card, GreyNetwork(network, card.input_scale).eval())


@pytest.fixture
def example():
    random = np.random.default_rng(0)
    return random.integers(0, 256, (2, 1, SIZE, SIZE)).astype(np.float32)


def models(store):
    """The runs of the models in the experiment."""
    found = store.place.client.search_logged_models([store.place.experiment_id])
    return [model.source_run_id for model in found]


def test_a_run_that_is_not_there_has_no_champion(store, inspector, example):
    with pytest.raises(LookupError, match="finetune-s0"):
        register_champion(store.place, inspector, example)


def test_the_champion_is_the_inspector_and_follows_its_run(store, make_logs, inspector, example):
    client = store.place.client
    store.put(make_logs())
    before = store.run()
    assert register_champion(store.place, inspector, example)
    first = client.get_model_version_by_alias(MODEL, ALIAS)
    assert first.run_id == store.run().info.run_id
    assert first.tags["identity"] == inspector.card.identity
    assert first.tags["weights"] == "w"
    assert first.tags["threshold.image"] == "1.5"
    assert (store.run().info.status, store.run().info.end_time) == (
        before.info.status, before.info.end_time,
    )  # fmt: skip

    # The numbers are those of the card's scale, whatever the parameters say today.
    mlflow.set_tracking_uri(client.tracking_uri)
    model = mlflow.pytorch.load_model(f"models:/{MODEL}@{ALIAS}")
    inputs = torch.from_numpy(np.concatenate([example, example[:1]]))  # any number of them
    with torch.inference_mode():
        torch.testing.assert_close(model(inputs), inspector.network(inputs))
    info = mlflow.models.get_model_info(f"models:/{MODEL}@{ALIAS}")
    assert info.signature is not None
    assert info.saved_input_example_info is not None
    assert models(store) == [first.run_id]

    assert not register_champion(store.place, inspector, example)
    store.put(make_logs(tpr=1.0))
    assert register_champion(store.place, inspector, example)
    (version,) = client.search_model_versions(f"name = '{MODEL}'")
    assert version.run_id == store.run().info.run_id != first.run_id
    assert client.get_model_version_by_alias(MODEL, ALIAS).version == version.version
    assert models(store) == [version.run_id]
    assert not register_champion(store.place, inspector, example)

"""A registered version is opened by its address."""

import pytest
from inspectors import small_inspector

from dagm_transfer.core.errors import UserError
from dagm_transfer.tracking.registered import registered_folder

NAME = "dagm-inspector"


def test_the_folder_of_a_registered_inspector_is_found_by_its_alias(store, tmp_path):
    client = store.place.client
    small_inspector(tmp_path / "model" / "artifacts" / "inspector")
    (tmp_path / "empty").mkdir()
    client.create_registered_model(NAME)
    client.create_model_version(NAME, str(tmp_path / "empty"))
    client.create_model_version(NAME, str(tmp_path / "model"))
    client.set_registered_model_alias(NAME, "champion", "2")
    folder = registered_folder(store.place, f"models:/{NAME}@champion")
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "weights.safetensors"]
    for uri, said in (
        (f"models:/{NAME}/1", "holds no inspector"),
        (f"models:/{NAME}@nobody", "not in the tracking store"),
        ("models:/nothing/1", "not in the tracking store"),
    ):
        with pytest.raises(UserError, match=said) as met:
            registered_folder(store.place, uri)
        assert "\n" not in str(met.value)

"""What a person reads when the best run is registered, and moves the alias with."""

import base64
import json
from collections.abc import Callable

import pytest
from inspectors import small_inspector
from registry import image_file

from dagm_transfer.cli.registry import register_champion
from dagm_transfer.cli.store import promote
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import to_csv
from dagm_transfer.core.work import WorkPaths
from dagm_transfer.tracking.store import open_store

KEY = "finetune-s0"
IMAGES = {"a.png": 0, "b.png": 0, "c.png": 3}  # and their labels
SERVED = {"identity": "ab", "environment.digest": "cd"}  # of the small inspector's run


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project whose report named its best run, and whose store has it."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for folder in ("data/raw", "data/prepared", "reports"):
        (tmp_path / folder).mkdir(parents=True)
    for seed, name in enumerate(IMAGES):
        (tmp_path / "data" / "raw" / name).write_bytes(image_file(40, 50, seed))
    rows = [{"part": "val", "image": name, "label": label} for name, label in IMAGES.items()]
    table = to_csv([{**rows[0], "part": "train"}, *rows], ("part", "image", "label"))
    (tmp_path / "data" / "prepared" / "images.csv").write_text(table)
    (tmp_path / "data" / "prepared" / "facts.json").write_text(json.dumps({"folds": 1}))
    (tmp_path / "reports" / "champion.json").write_text(json.dumps({"key": KEY}))
    place = open_store(WorkPaths(tmp_path))
    run = place.client.create_run(place.experiment_id, tags=SERVED)
    place.client.set_terminated(run.info.run_id, "FINISHED")
    return tmp_path


def test_the_best_is_registered_once_and_a_person_can_move_the_alias(root, capsys):
    def said(act: Callable[..., None], *arguments: object) -> str:
        act(*arguments)
        return " ".join(capsys.readouterr().err.split())

    small_inspector(root / "models" / KEY)
    assert (
        said(register_champion)
        == f"{KEY} is registered as version 1 of dagm-inspector, the champion"
    )
    (example,) = (root / "mlartifacts").rglob("input_example.json")
    files = [(root / "data" / "raw" / name).read_bytes() for name in ("a.png", "c.png")]
    shown = json.loads(example.read_text())["data"]
    assert [base64.b64decode(text) for (text,) in shown] == files, "two labels of validation"
    assert said(register_champion) == "", "of what is registered nothing is said"

    small_inspector(root / "models" / KEY, validation_cost=7.0)
    assert said(register_champion) == (
        f"{KEY} is registered as version 2 of dagm-inspector; version 1 stays the champion (on "
        "validation it costs 3, this one 7): `dagm promote 2` makes this one it"
    )
    assert said(promote, 2) == (
        f"version 2 of dagm-inspector ({KEY}) is the champion; version 1 was"
    )
    assert said(promote, 2) == f"version 2 of dagm-inspector ({KEY}) is the champion"
    with pytest.raises(UserError, match="dagm-inspector has no version 3; it has 1, 2"):
        promote(3)
    assert said(register_champion) == "", "a choice that was made is left alone"


def test_a_store_that_lacks_the_run_is_said(root, capsys):
    small_inspector(root / "models" / KEY, identity="another")
    register_champion(root)
    assert "not in the tracking store (finetune-s0 is not in the store yet)" in " ".join(
        capsys.readouterr().err.split()
    )

"""The digest of the prepared data names all that the judging hangs on."""

from pathlib import Path

import pytest

from dagm_transfer.config.params import load
from dagm_transfer.data.synthetic.write import write_dataset
from dagm_transfer.stages.prepare import prepare

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw") / "raw"
    write_dataset(folder, textures=[1], normal=10, defective=10, seed=0, size=128, workers=1)
    return folder


@pytest.fixture(scope="module")
def digest(raw, tmp_path_factory):
    """The digest of the data with some settings of whole images changed."""
    data = load(ROOT / "params" / "demo.yaml").data
    patch = data.patch.model_copy(update={"per_normal": 2, "per_defective": 2, "jitter": 8})
    small = data.model_copy(update={"textures": [1], "size": 32, "patch": patch})

    def made(**whole):
        asked = {"stride": 32, "normal": 1, "defective": 1, **whole}
        folder = tmp_path_factory.mktemp("prepared")
        facts = prepare(
            small.model_copy(update={"whole": small.whole.model_copy(update=asked)}),
            raw=raw,
            imported=raw / "none.json",
            prepared=folder / "prepared",
            workers=1,
            on_image=lambda *_: None,
        )
        return facts["digest"]

    return made


def test_the_same_settings_give_the_same_digest(digest):
    assert digest() == digest()


@pytest.mark.parametrize("whole", [{"stride": 16}, {"normal": 2}])
def test_other_windows_or_images_give_another(digest, whole):
    assert digest(**whole) != digest()

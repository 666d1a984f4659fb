"""Raw images are drawn anew where the parameters or the generator changed."""

from pathlib import Path

from dagm_transfer.params import load
from dagm_transfer.stages.acquire import acquire

ROOT = Path(__file__).resolve().parents[2]


def test_drawing_again_replaces_what_was_drawn(tmp_path):
    data = load(ROOT / "params" / "demo.yaml").data
    for textures in ([1, 2], [3]):
        small = {"textures": textures, "normal": 1, "defective": 1, "size": 96}
        acquire(
            data.model_copy(update={"images": data.images.model_copy(update=small)}),
            root=tmp_path,
            workers=1,
            on_image=lambda *_: None,
        )
    assert {path.name for path in (tmp_path / "data" / "raw").iterdir()} == {"Class3", "index.csv"}

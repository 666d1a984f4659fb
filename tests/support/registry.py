"""Inspectors as the registry takes them: a folder with card and ONNX network."""

import base64
import io
from pathlib import Path

import numpy as np
from inspectors import small_inspector
from PIL import Image

from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.paths import CARD
from dagm_transfer.tracking.served import INSPECTOR


def exported_inspector(folder: Path, **changes: object) -> Path:
    """The folder of a small inspector, its card changed where named. Writing takes seconds."""
    inspector, made = small_inspector(folder / "weights", **changes), folder / INSPECTOR
    write_onnx(inspector, made / NETWORK)
    write_card(inspector.card, made / CARD)
    return made


def image_file(height: int, width: int, seed: int = 0, kind: str = "PNG", bits: int = 8) -> bytes:
    """A noisy image of a file format, with as many bits a pixel."""
    random, file = np.random.default_rng(seed), io.BytesIO()
    type_ = np.uint8 if bits == 8 else np.uint16
    pixels = random.integers(0, 1 << bits, (height, width), type_)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def as_text(file: bytes) -> str:
    return base64.b64encode(file).decode()

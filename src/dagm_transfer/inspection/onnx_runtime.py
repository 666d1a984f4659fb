"""A network that runs in ONNX Runtime; no torch is needed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.judging.windows import BATCH, Bytes, Floats, Logits

GREY, LOGITS = "grey", "logits"  # what the file calls its input and output
WEIGHTS_OF = "weights"  # sha256 of the file of weights that it was made of, in its metadata


@dataclass(frozen=True)
class OnnxNetwork:
    """A network file, opened.

    Attributes:
        logits: from grey bytes [N, size, size] to logits float64 [N, labels], batch by batch.
        size: of what it takes in, in pixels.
        labels: how many it tells apart.
        weights: sha256 of the weights that it was made of; empty in files of before they said so.
    """

    logits: Logits
    size: int
    labels: int
    weights: str


def logits_of_onnx(path: Path) -> Logits:
    """From grey bytes [N, size, size] to logits float64 [N, labels], batch by batch.

    Raises:
        UserError: as `open_network`.
    """
    return open_network(path).logits


def open_network(path: Path) -> OnnxNetwork:
    """The network in a file.

    Raises:
        UserError: the file is missing, or no network that `dagm export` wrote.
    """
    if not path.exists():
        raise UserError(f"{path}: not found; `dagm export KEY --out FOLDER` writes one")
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [each.name for each in (*session.get_inputs(), *session.get_outputs())]
    except Exception as error:  # of its C++ part
        raise UserError(f"{path}: not a network that can be read ({reason(error)})") from error
    if names != [GREY, LOGITS]:
        raise UserError(f"{path}: not a network that `dagm export` wrote")

    def logits(pixels: Bytes) -> Floats:
        grey = np.asarray(pixels, dtype=np.float32)[:, None]
        parts = [
            session.run([LOGITS], {GREY: grey[first : first + BATCH]})[0]
            for first in range(0, len(grey), BATCH)
        ]
        return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])

    return OnnxNetwork(
        logits,
        size=session.get_inputs()[0].shape[-1],
        labels=session.get_outputs()[0].shape[-1],
        weights=session.get_modelmeta().custom_metadata_map.get(WEIGHTS_OF, ""),
    )

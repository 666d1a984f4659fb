"""A network that runs in ONNX Runtime; no torch is needed."""

from pathlib import Path

import numpy as np
import onnxruntime

from dagm_transfer.core.errors import UserError, reason
from dagm_transfer.judging.windows import BATCH, Bytes, Floats, Logits

GREY, LOGITS = "grey", "logits"  # what the file calls its input and output


def logits_of_onnx(path: Path) -> Logits:
    """From grey bytes [N, size, size] to logits float64 [N, labels], batch by batch.

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

    return logits

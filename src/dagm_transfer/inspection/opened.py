"""An inspector opened for judging, from a folder or an ONNX file."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.inspection.onnx_runtime import logits_of_onnx
from dagm_transfer.judging.card import Card, read_card
from dagm_transfer.judging.paths import CARD
from dagm_transfer.judging.windows import Logits


@dataclass(frozen=True)
class Opened:
    """An inspector that can judge: the card that says how, and the network as a function."""

    card: Card
    logits: Logits


def open_onnx(path: Path) -> Opened:
    """The inspector of an ONNX file, with the card that lies beside it.

    Raises:
        UserError: one of the two is missing, or cannot be read.
    """
    return Opened(read_card(path.parent / CARD), logits_of_onnx(path))

"""The network of an inspector that is weights, not an ONNX file: it runs in torch."""

from pathlib import Path

from dagm_transfer.judging.card import Card
from dagm_transfer.judging.inspector import load_inspector, logits_of_network
from dagm_transfer.judging.windows import BATCH, Logits
from dagm_transfer.training.device import choose_device


def open_weights(folder: Path) -> tuple[Card, Logits]:
    """The card in a folder and its weights as a function; on a GPU where there is one.

    Raises:
        UserError: they are missing or cannot be read.
    """
    inspector = load_inspector(folder)
    network, scale = inspector.network.network, inspector.card.input_scale
    return inspector.card, logits_of_network(network, scale, BATCH, choose_device("auto"))

"""What a run is handed on as: a trained network, and the card that says how it judges."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import digest_of_file
from dagm_transfer.judging.card import Card, read_card
from dagm_transfer.judging.paths import CARD
from dagm_transfer.judging.windows import Bytes, Floats, Logits
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16, Widths
from dagm_transfer.training.feed import full_batches
from dagm_transfer.training.network import load_weights
from dagm_transfer.training.paths import WEIGHTS


def logits_of_network(
    network: VGG16, scale: InputScale, batch_size: int, device: torch.device
) -> Logits:
    """From grey bytes [N, size, size] to logits float64 [N, labels], batch by batch.

    They are computed in the precision of the network's weights.
    """
    network.to(device).eval()
    precision = next(network.parameters()).dtype

    def logits(pixels: Bytes) -> Floats:
        stored = torch.from_numpy(np.array(pixels))[:, None]
        with torch.inference_mode():
            found = [
                network(to_input(part.to(device), scale).to(precision))[:kept].cpu()
                for part, kept in full_batches(stored, min(batch_size, len(stored)))
            ]
        return torch.cat(found).double().numpy()

    return logits


class GreyNetwork(nn.Module):
    """A network with its input scaling in front: grey images in, logits out.

    Args:
        network: trained.
        scale: of the inputs that it was trained with.
    """

    def __init__(self, network: VGG16, scale: InputScale):
        super().__init__()
        self.network = network
        self.scale: InputScale = scale

    def forward(self, grey: Tensor) -> Tensor:
        """Logits [N, labels] of grey levels 0..255, float32 [N, 1, size, size]."""
        logits: Tensor = self.network(to_input(grey, self.scale))
        return logits


@dataclass(frozen=True)
class Inspector:
    """What a run is handed on as: a network, and the card that says how it judges."""

    card: Card
    network: GreyNetwork


def load_inspector(folder: Path) -> Inspector:
    """The inspector that lies in a folder: a finished run's (`models/KEY`), or an exported one.

    Raises:
        UserError: it is not there, or the weights are not those that the card was written for.
    """
    card, weights = read_card(folder / CARD), folder / WEIGHTS
    if not weights.exists() or digest_of_file(weights) != card.weights:
        raise UserError(f"{weights}: not the weights that the card beside it names; `dvc repro`")
    first, second = card.hidden
    widths = Widths(tuple(card.convolutions), (first, second))
    network = VGG16(2 * len(card.groups), card.head, card.size, widths)
    grey = GreyNetwork(load_weights(network, weights), card.input_scale).eval()
    return Inspector(card, grey)

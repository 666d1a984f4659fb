"""The network with its input scaling in front: grey images in, logits out."""

from torch import Tensor, nn

from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16


class Inspector(nn.Module):
    """What is handed to whoever inspects: no scaling is left to the caller.

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

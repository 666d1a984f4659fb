"""Whole images judged by windows, cut and run exactly as in training."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import log_softmax

from dagm_transfer.data.patches import cut, window_corners
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.detection import defect_score
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16

Floats = NDArray[np.float64]


def window_logits(
    network: VGG16,
    wholes: Inputs,
    *,
    size: int,
    stride: int,
    scale: InputScale,
    batch_size: int,
    device: torch.device,
    on_image: Callable[[int, int], None],
) -> list[Floats]:
    """Logits [windows, labels] of each whole image.

    Args:
        network: in whichever mode; it is put into evaluation mode.
        wholes: images [N, H, W].
        size: of a window in pixels, as in training.
        stride: pixels from window to window.
        scale: of the inputs, as in training.
        batch_size: windows at a time.
        device: where the network lies.
        on_image: told how many images are done, of how many.
    """
    network.eval()
    found: list[Floats] = []
    for done, pixels in enumerate(wholes.pixels, start=1):
        shape = (pixels.shape[0], pixels.shape[1])
        windows = np.stack(list(cut(pixels, window_corners(shape, size=size, stride=stride), size)))
        batches = torch.split(torch.from_numpy(windows)[:, None].to(device), batch_size)
        with torch.inference_mode():
            logits = torch.cat([network(to_input(batch, scale)).float() for batch in batches])
        found.append(logits.double().cpu().numpy())
        on_image(done, len(wholes.pixels))
    return found


def image_score(logits: Floats) -> float:
    """An image's log-odds of defective: that of its most suspicious window.

    Args:
        logits: [windows, labels].

    >>> image_score(np.array([[2.0, 1.0], [0.0, 3.0]]))
    3.0
    """
    return float(defect_score(logits).max())


def image_texture(logits: Floats) -> int:
    """The place of the texture that the windows agree on best.

    Each window's probability of a texture is that of its two labels; the one with the largest mean
    logarithm wins.

    >>> image_texture(np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 3.0, 1.0, 1.0]]))
    0
    """
    logged = log_softmax(logits, axis=1)
    textures = np.logaddexp(logged[:, 0::2], logged[:, 1::2])
    return int(textures.mean(axis=0).argmax())

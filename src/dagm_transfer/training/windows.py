"""Whole images judged by windows, cut and run exactly as in training."""

from collections.abc import Callable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Windowing:
    """How whole images are judged: windows of `size` pixels as in training, every `stride` pixels.

    `scale` is that of the inputs in training, `batch_size` how many windows run at a time.
    """

    size: int
    stride: int
    scale: InputScale
    batch_size: int


def window_logits(
    network: VGG16,
    wholes: Inputs,
    windowing: Windowing,
    device: torch.device,
    on_image: Callable[[int, int], None],
) -> list[Floats]:
    """Logits [windows, labels] of each whole image.

    Args:
        network: on `device`, in whichever mode; it is put into evaluation mode.
        wholes: images [N, H, W].
        windowing: which windows.
        device: where the network lies.
        on_image: told how many images are done, of how many.
    """
    network.eval()
    found: list[Floats] = []
    for done, pixels in enumerate(wholes.pixels, start=1):
        shape = (pixels.shape[0], pixels.shape[1])
        corners = window_corners(shape, size=windowing.size, stride=windowing.stride)
        windows = torch.from_numpy(np.stack(list(cut(pixels, corners, windowing.size))))[:, None]
        batches = torch.split(windows.to(device), windowing.batch_size)
        with torch.inference_mode():
            outputs = [network(to_input(batch, windowing.scale)).float() for batch in batches]
        logits = torch.cat(outputs)
        found.append(logits.cpu().double().numpy())
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

"""How well the heat maps of one network, and of none, find the weak labels.

Images without any have responses and class activations, and nothing that those are held against.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.analysis.responses.heat import enlarged, in_cells
from dagm_transfer.analysis.responses.whole_images import STRIDE, WholeImage
from dagm_transfer.metrics.localization import pixel_auroc, pointing_game
from dagm_transfer.metrics.sparsity import inactive_channel_share

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Respond = Callable[[WholeImage], Tensor]  # [C, h, w]
ClassHeat = Callable[[WholeImage, Tensor], Floats]  # of an image and the response to it: [H, W]
Values = dict[tuple[str, str], float]  # by heat map and metric
TILES = 64


@dataclass(frozen=True)
class Shown:
    """What is drawn of the response to one image.

    Attributes:
        channels: the strongest ones, uint8 [64 or fewer, h, w], over the largest response of all.
        heat: the class activation, [H, W].
    """

    channels: Bytes
    heat: Floats


@dataclass(frozen=True)
class Localized:
    """What one network shows of some images.

    Attributes:
        values: of each image.
        shown: of each image, where there was a class activation.
        channel: the best on the training images; None where none could be chosen.
        training_auroc: its mean pixel AUROC there, in cells.
    """

    values: list[Values]
    shown: list[Shown]
    channel: int | None
    training_auroc: float


def localized(
    images: Sequence[WholeImage],
    training: Sequence[WholeImage],
    *,
    respond: Respond,
    class_heat: ClassHeat | None,
    on_image: Callable[[], None],
) -> Localized:
    """Measure the response of one network's last convolution to some images.

    Args:
        images: to measure on.
        training: to choose the best channel on; one without a weak label has no say.
        respond: the network.
        class_heat: its class activation; None for a network whose head knows nothing yet.
        on_image: told after each image.
    """
    aurocs = []
    for image in training:
        if image.mask is not None:
            aurocs.append(channel_aurocs(respond(image), image.mask, image.cell))
        on_image()
    channel, training_auroc = best_channel(aurocs)
    values, shown = [], []
    for image in images:
        response = respond(image)
        heats = {
            "mean": enlarged(response.mean(dim=0), image.cell, image.shape),
            "best_channel": _channel_heat(response, channel, image),
        }
        if class_heat is not None:
            heats["class_activation"] = class_heat(image, response)
            shown.append(Shown(strongest(response), heats["class_activation"]))
        found = {pair: value for name, heat in heats.items()
                 for pair, value in scored(name, heat, image).items()}  # fmt: skip
        values.append({**found, ("response", "active"): active_share(response)})
        on_image()
    return Localized(values, shown, channel, training_auroc)


def baselines(image: WholeImage) -> Values:
    """What is found without any network.

    `pixels`: how far a grey level lies from the image's median; `pixels_in_cells`: that, averaged
    over the cells of the last convolution and enlarged as its responses are; `middle`: the nearer
    to the middle of the image, the hotter; `even`: the same everywhere, which is chance.
    """
    height, width = image.shape
    grey = image.pixels.astype(np.float64)
    far = np.abs(grey - np.median(grey))
    cells = tuple(n // STRIDE for n in image.seen.shape)
    down = (np.arange(height) - (height - 1) / 2)[:, None]
    across = (np.arange(width) - (width - 1) / 2)[None, :]
    coarse = torch.from_numpy(in_cells(far, image.cell, cells))
    heats = {
        "pixels": far,
        "pixels_in_cells": enlarged(coarse, image.cell, image.shape),
        "middle": -np.hypot(down, across),
        "even": np.zeros((height, width)),
    }
    return {pair: value for name, heat in heats.items()
            for pair, value in scored(name, heat, image).items()}  # fmt: skip


def scored(name: str, heat: Floats, image: WholeImage) -> Values:
    """Pixel AUROC and pointing game, within one cell; NaN where the heat is not finite.

    Nothing where there is no weak label.
    """
    if image.mask is None:
        return {}
    if not np.isfinite(heat).all():
        return {(name, "pixel_auroc"): math.nan, (name, "pointing_game"): math.nan}
    return {
        (name, "pixel_auroc"): pixel_auroc(heat, image.mask),
        (name, "pointing_game"): pointing_game(heat, image.mask, tolerance=max(image.cell)),
    }


def channel_aurocs(response: Tensor, mask: Bools, cell: tuple[float, float]) -> Floats:
    """Pixel AUROC of each channel, [C], in the last convolution's own cells.

    A cell lies in the weak label if half of it does, or else where most of the label does.
    """
    share = in_cells(mask.astype(np.float64), cell, response.shape[1:])
    inside = share >= min(0.5, share.max())
    return np.array([pixel_auroc(channel, inside) for channel in response.double().numpy()])


def best_channel(aurocs: Sequence[Floats]) -> tuple[int | None, float]:
    """The channel of largest mean over images, and that mean; images without any are left out.

    >>> best_channel([np.array([0.6, 0.9]), np.array([0.7, 0.5])])
    (1, 0.7)
    """
    known = [found for found in aurocs if np.isfinite(found).all()]
    if not known:
        return None, math.nan
    means = np.mean(known, axis=0)
    return int(means.argmax()), float(means.max())


def active_share(response: Tensor) -> float:
    """The share of channels [C, h, w] that respond anywhere; NaN of one that is not a number."""
    maxima = response.amax(dim=(1, 2))
    return math.nan if maxima.isnan().any() else 1 - inactive_channel_share(maxima[None])


def strongest(response: Tensor) -> Bytes:
    """The channels of largest response, strongest first, as shares of the largest of all in bytes.

    Black where the response is not finite.
    """
    maxima = response.amax(dim=(1, 2))
    if not maxima.isfinite().all():
        return np.zeros((min(TILES, len(response)), *response.shape[1:]), dtype=np.uint8)
    order = maxima.argsort(descending=True, stable=True)[:TILES]
    top = response[order] / maxima.max().clamp(min=torch.finfo(torch.float32).tiny)
    found: Bytes = (255 * top).round().byte().numpy()
    return found


def _channel_heat(response: Tensor, channel: int | None, image: WholeImage) -> Floats:
    if channel is None:
        return np.full(image.shape, math.nan)
    return enlarged(response[channel], image.cell, image.shape)

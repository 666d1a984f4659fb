"""Grey images whose features are nearest to given ones (Mahendran and Vedaldi 2015).

Found by descent in the pixels. A prior against noise, and nothing of what images look like: what
they show lies in the features.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dagm_transfer.analysis.lines.cut import Cut

RATE = 0.04  # of Adam, in shares of the grey scale
VARIATION = 0.3  # weight of the prior against the relative error
SEED = 0  # of the start, one for all images and networks
NOISE = 0.05  # its deviation around mid-grey, in shares of the grey scale
MID_GREY = 127.5


@dataclass(frozen=True)
class Inverted:
    """Images [N, size, size], and how near their features came: `||Phi(x) - z|| / ||z||`, [N].

    `start` is that of the start. Where the features sought are 0 or no numbers, the image is grey
    and both are NaN.
    """

    images: NDArray[np.uint8]
    errors: NDArray[np.float64]
    start: NDArray[np.float64]


def invert(
    cut: Cut, sought: Tensor, size: int, iterations: int, on_step: Callable[[], None]
) -> Inverted:
    """Images whose features are nearest to those sought.

    Minimises `||Phi(x) - z||^2 / ||z||^2 + 0.3 TV(x)`, with TV the mean squared difference of
    neighbouring pixels (beta 2) and x in shares of the grey scale, which it may not leave. Every
    image starts from the same noise and is a problem of its own: the batch changes no result but
    in rounding.

    Args:
        cut: the network, cut behind the depth of the features.
        sought: z, [N, C, H, W].
        size: of the images, in pixels.
        iterations: of Adam.
        on_step: called after each.
    """
    scale = sought.square().sum(dim=(1, 2, 3))
    known = torch.isfinite(scale) & (scale > 0)
    scale, target = torch.where(known, scale, 1), torch.where(known.view(-1, 1, 1, 1), sought, 0)
    noise = torch.randn(1, 1, size, size, generator=torch.Generator().manual_seed(SEED))
    start = (0.5 + NOISE * noise).clamp(0, 1).expand(len(sought), -1, -1, -1)
    pixels = start.to(sought.device).clone().requires_grad_()

    def error(grey: Tensor) -> Tensor:
        return (cut.features(grey) - target).square().sum(dim=(1, 2, 3)) / scale

    descent = torch.optim.Adam([pixels], lr=RATE)
    first = error(pixels.detach() * 255)
    for _ in range(iterations):
        descent.zero_grad()
        loss = error(pixels * 255) + VARIATION * _variation(pixels)
        torch.where(known, loss, 0).sum().backward()  # type: ignore[no-untyped-call]
        descent.step()
        with torch.no_grad():
            pixels.clamp_(0, 1)
        on_step()
    with torch.no_grad():
        grey = torch.where(known.view(-1, 1, 1, 1), pixels * 255, MID_GREY).nan_to_num(MID_GREY)
        images = grey.round().to(torch.uint8)
        last = error(images)
    return Inverted(images[:, 0].cpu().numpy(), _relative(last, known), _relative(first, known))


def _variation(pixels: Tensor) -> Tensor:
    """Mean squared difference of neighbours, down and across: [N]."""
    down, across = pixels.diff(dim=2).square(), pixels.diff(dim=3).square()
    return down.mean(dim=(1, 2, 3)) + across.mean(dim=(1, 2, 3))


def _relative(error: Tensor, known: Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = torch.where(known, error.sqrt(), torch.nan).double().cpu().numpy()
    return found

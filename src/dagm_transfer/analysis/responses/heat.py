"""The last convolution's response to a whole image, and heat maps made of it."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dagm_transfer.analysis.responses.whole_images import STRIDE, WholeImage
from dagm_transfer.judging.windows import window_corners
from dagm_transfer.models.initial import InputScale, to_input
from dagm_transfer.models.vgg16 import VGG16, GlobalAveragePool

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
# Of what follows the last convolution, responses [N, C, h, w] and a defective label: Grad-CAM's
# heat [N, h, w] for the defective logit less the normal one.
GradCam = Callable[[nn.Module, Tensor, int], Tensor]


def last_response(network: VGG16, seen: Bytes, scale: InputScale, device: torch.device) -> Tensor:
    """Post-ReLU response [N, C, h, w] of the last convolution, on the CPU.

    Args:
        network: on the device, in evaluation mode; its convolutions take images of any size.
        seen: grey [N, H, W].
        scale: of the network's inputs.
        device: where it runs.
    """
    stored = torch.from_numpy(np.array(seen))[:, None].to(device)
    response = torch.empty(0)
    with torch.inference_mode():
        for _, output in network.activations(to_input(stored, scale)):
            response = output
    return response.float().cpu().clone()


def class_activation(
    network: VGG16,
    image: WholeImage,
    response: Tensor,
    *,
    scale: InputScale,
    device: torch.device,
    grad_cam: GradCam,
) -> Floats:
    """Where the network sees its evidence for a defect of the image's own group, [H, W].

    With an average-pool head the responses [C, h, w] weighted by what the defective logit less the
    normal one gives each channel (Zhou 2016). Any other head takes in inputs of its own size alone:
    there Grad-CAM (Selvaraju 2017) of each window, half overlapping, averaged where windows do; an
    image that is resized to the input's size is one window. Neither is cut off at zero, so that
    what speaks against a defect lies below what says nothing.
    """
    linear = network.head[-1]
    if isinstance(network.head[0], GlobalAveragePool) and isinstance(linear, nn.Linear):
        weights = (linear.weight[image.label] - linear.weight[image.label - 1]).detach().cpu()
        return enlarged(torch.einsum("c,chw->hw", weights, response), image.cell, image.shape)
    side = _input_side(network)
    tail = nn.Sequential(nn.Identity(), network.features[-1], network.head)
    total, count = (np.zeros(image.seen.shape) for _ in range(2))
    shape = (image.seen.shape[0], image.seen.shape[1])
    for left, top in window_corners(shape, size=side, stride=side // 2):
        place = np.s_[top : top + side, left : left + side]
        own = last_response(network, image.seen[place][None], scale, device)
        heat = grad_cam(tail, own.to(device), image.label)[0].detach().cpu()
        total[place] += enlarged(heat, (STRIDE, STRIDE), (side, side))
        count[place] += 1
    return enlarged(torch.from_numpy(total / count), image.scale, image.shape)


def enlarged(heat: Tensor, cell: tuple[float, float], shape: tuple[int, ...]) -> Floats:
    """A heat map [h, w] as large as its image [H, W]: bilinear between the middles of the cells.

    Pixels beyond the last cell, where the image is no multiple of one, have that cell's heat.

    Args:
        heat: [h, w].
        cell: pixels to a cell, down and across.
        shape: of the image.

    >>> enlarged(torch.tensor([[0.0, 4.0]]), (1, 2), (1, 5)).tolist()
    [[0.0, 1.0, 3.0, 4.0, 4.0]]
    """
    height, width = _covered(heat.shape, cell)
    grown = torch.nn.functional.interpolate(
        heat.double()[None, None], size=(height, width), mode="bilinear", align_corners=False
    )[0, 0].numpy()
    beyond = [(0, max(0, shape[0] - height)), (0, max(0, shape[1] - width))]
    found: Floats = np.pad(grown, beyond, mode="edge")[: shape[0], : shape[1]]
    return found


def in_cells(picture: Floats, cell: tuple[float, float], cells: tuple[int, ...]) -> Floats:
    """The mean of a picture [H, W] in each cell of the last convolution, [h, w].

    >>> in_cells(np.array([[0.0, 1.0, 5.0, 7.0, 9.0]]), (1, 2), (1, 2)).tolist()
    [[0.5, 6.0]]
    """
    height, width = _covered(cells, cell)
    covered = torch.from_numpy(picture[:height, :width])[None, None]
    found: Floats = torch.nn.functional.adaptive_avg_pool2d(covered, (cells[0], cells[1]))[
        0, 0
    ].numpy()
    return found


def _covered(cells: tuple[int, ...] | torch.Size, cell: tuple[float, float]) -> tuple[int, int]:
    """The pixels that so many cells cover, down and across."""
    return round(cells[0] * cell[0]), round(cells[1] * cell[1])


def _input_side(network: VGG16) -> int:
    """The input size that a fully connected head asks for."""
    first = next(layer for layer in network.head if isinstance(layer, nn.Linear))
    side: int = round((first.in_features / network.conv(13).out_channels) ** 0.5)
    return side * 2 * STRIDE

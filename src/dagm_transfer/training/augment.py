"""Rotations and flips of a batch, on whatever device it lies."""

import torch
from torch import Tensor


def rotate_and_flip(pixels: Tensor, choices: Tensor) -> Tensor:
    """Each image turned into one of the eight rotations and reflections of a square.

    Args:
        pixels: [N, C, S, S].
        choices: int64 [N] in 0..7: bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps
            the axes; 0 leaves the image as it is.

    >>> image = torch.tensor([[[[1, 2], [3, 4]]]])
    >>> rotate_and_flip(image, torch.tensor([5])).tolist()
    [[[[2, 4], [1, 3]]]]
    """
    bits = choices.view(-1, 1, 1, 1)
    pixels = torch.where((bits & 1).bool(), pixels.flip(3), pixels)
    pixels = torch.where((bits & 2).bool(), pixels.flip(2), pixels)
    return torch.where((bits & 4).bool(), pixels.transpose(2, 3), pixels)

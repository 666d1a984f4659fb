"""How many channels a layer leaves unused."""

import torch
from torch import Tensor


def dead_channel_share(channel_maxima: Tensor, threshold: float = 0.0) -> float:
    """The study's sparsity of one layer: dead channels over channels.

    A channel is dead if its post-ReLU output never exceeds the threshold anywhere on the data.
    The rule and the threshold of 0 are our choice: the study publishes neither.
    Source: Kim, Noh, Park 2020.

    Args:
        channel_maxima: [C], each channel's largest post-ReLU output over all images and places.
        threshold: the largest output that still counts as dead.

    Raises:
        ValueError: there are no channels, or a maximum is NaN.

    >>> import torch
    >>> dead_channel_share(torch.tensor([0.0, 0.3, 0.0, 2.0]))
    0.5
    """
    if channel_maxima.numel() == 0:
        raise ValueError("no channels")
    if channel_maxima.isnan().any():
        raise ValueError("a channel's maximum is not a number")
    return float((channel_maxima <= threshold).double().mean())


def inactive_channel_share(image_maxima: Tensor, threshold: float = 0.0) -> float:
    """The share of channels that are silent in one image, averaged over images.

    What pictures of a layer's response to one image show; a channel that is silent in most images
    need not be dead over the data, and dead falls with the number of images where this does not.

    Args:
        image_maxima: [N, C], each channel's largest post-ReLU output in each image.
        threshold: the largest output that still counts as silent.

    Raises:
        ValueError: there are no images or no channels, or a maximum is NaN.

    >>> import torch
    >>> inactive_channel_share(torch.tensor([[0.0, 1.0], [2.0, 1.0]]))
    0.25
    """
    return float(1 - _active(image_maxima, threshold).mean())


def dead_share_over(image_maxima: Tensor, count: int) -> float:
    """The share of channels that is dead over some of the images: the mean over all such choices.

    One image gives `inactive_channel_share`, all of them `dead_channel_share`; what is called dead
    falls from the one to the other as images are added. NaN where there are fewer images.

    Args:
        image_maxima: [N, C], each channel's largest (or mean) post-ReLU output in each image.
        count: images that a channel is to be silent in.

    Raises:
        ValueError: there are no images or no channels, or a maximum is NaN.

    >>> import torch
    >>> round(dead_share_over(torch.tensor([[0.0], [0.0], [1.0]]), 2), 6)  # one pair of three
    0.333333
    """
    silent = 1 - _active(image_maxima).mean(dim=0)
    images = len(image_maxima)
    if count > images:
        return float("nan")
    # Drawn without replacement: the odds that all of `count` images are among the silent ones.
    odds = torch.ones_like(silent)
    for drawn in range(count):
        odds *= ((silent * images - drawn) / (images - drawn)).clamp_min(0)
    return float(odds.mean())


def treves_rolls(responses: Tensor) -> float:
    """Sparseness of a layer's response to one image, averaged over images; no threshold in it.

    `1 - mean(a)^2 / mean(a^2)` over the channels: 0 where all respond alike, near 1 where one of
    many responds. Images without any response are left out; NaN where there are no others.
    Source: Treves, Rolls 1991; in this form Vinje, Gallant 2000.

    Args:
        responses: [N, C], each channel's mean post-ReLU output in each image.

    >>> import torch
    >>> treves_rolls(torch.tensor([[1.0, 1.0, 1.0, 1.0], [4.0, 0.0, 0.0, 0.0]]))
    0.375
    """
    known = responses.double()
    known = known[known.square().sum(dim=1) > 0]
    return float((1 - known.mean(dim=1).square() / known.square().mean(dim=1)).mean())


def _active(image_maxima: Tensor, threshold: float = 0.0) -> Tensor:
    """Where a channel exceeds the threshold in an image, as float64 [N, C]."""
    if image_maxima.numel() == 0:
        raise ValueError("no images or no channels")
    if image_maxima.isnan().any():
        raise ValueError("a channel's maximum is not a number")
    return (image_maxima > threshold).double()

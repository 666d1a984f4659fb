"""How many channels a layer leaves unused."""

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


def active_channel_share(image_maxima: Tensor, threshold: float = 0.0) -> float:
    """The share of channels that are active in one image, averaged over images.

    What pictures of a layer's response to one image show; a channel that is silent in most images
    need not be dead over the data.

    Args:
        image_maxima: [N, C], each channel's largest post-ReLU output in each image.
        threshold: the largest output that still counts as silent.

    Raises:
        ValueError: there are no images or no channels.

    >>> import torch
    >>> active_channel_share(torch.tensor([[0.0, 1.0], [2.0, 1.0]]))
    0.75
    """
    if image_maxima.numel() == 0:
        raise ValueError("no images or no channels")
    return float((image_maxima > threshold).double().mean())

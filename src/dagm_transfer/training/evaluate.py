"""Logits of many images, in evaluation mode, batch by batch."""

import torch
from torch import Tensor, nn

from dagm_transfer.training.feed import Feed


def logits_of(suffix: nn.Module, feed: Feed, batch_size: int) -> Tensor:
    """Logits float32 [N, labels] on the feed's device; `suffix` keeps its mode."""
    was_training = suffix.training
    suffix.eval()
    with torch.inference_mode():
        logits = [
            suffix(feed.expand(part)).float()[:kept] for part, kept in feed.batches(batch_size)
        ]
    suffix.train(was_training)
    return torch.cat(logits)


def loss_and_accuracy(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Mean cross-entropy, and share of right labels.

    >>> logits, labels = torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([1, 0])
    >>> loss, accuracy = loss_and_accuracy(logits, labels)
    >>> round(loss, 4), accuracy
    (0.3466, 0.5)
    """
    loss = nn.functional.cross_entropy(logits, labels)
    right = int((logits.argmax(1) == labels).sum())
    return float(loss), right / len(labels)

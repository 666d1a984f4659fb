"""Distillation: a student learns what a teacher answers, beside the labels (Hinton 2015)."""

import hashlib
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from dagm_transfer.judging.windows import Bytes, Logits
from dagm_transfer.models.initial import SOURCE_DEVIATION, SOURCE_MEAN, InputScale
from dagm_transfer.training.augment import rotate_and_flip
from dagm_transfer.training.loop import EIGHT, Loss

WHITE = 255
KEY_BYTES = 16  # of a digest that an input is known by


def distillation_loss(
    logits: Tensor, labels: Tensor, taught: Tensor, *, temperature: float, alpha: float
) -> Tensor:
    """The weighted sum of how far a student is from its teacher and from the labels.

    The former is the Kullback-Leibler divergence of the two softened distributions, times the
    square of the temperature, so that its gradient is as large at any of them; the latter the
    cross-entropy (Hinton, Vinyals, Dean 2015).

    Args:
        logits: of the student, [N, labels].
        labels: the truth, [N].
        taught: logits of the teacher, [N, labels].
        temperature: that both are divided by.
        alpha: weight of the teacher; the labels have what is left of 1.

    >>> same = torch.tensor([[1.0, 2.0]])
    >>> float(distillation_loss(same, torch.tensor([1]), same, temperature=2.0, alpha=1.0))
    0.0
    """
    softened = nn.functional.kl_div(
        torch.log_softmax(logits / temperature, dim=1),
        torch.log_softmax(taught / temperature, dim=1),
        reduction="batchmean",
        log_target=True,
    )
    truth = nn.functional.cross_entropy(logits, labels)
    return alpha * temperature**2 * softened + (1 - alpha) * truth


class Answers:
    """What a teacher answers to each input that its students may be shown.

    Turned by quarters and mirrored, an input is one of eight: they are all shown to the teacher
    once, for all students, in batches of one size. An input is known by its bytes.

    Args:
        logits: the teacher, from grey bytes to logits.
        pixels: uint8 [N, S, S], that students train on.
        batch_size: inputs at once.
        augment: whether students see them turned and mirrored.
        on_batch: told how many batches are answered, of how many.
    """

    def __init__(
        self,
        logits: Logits,
        pixels: Bytes,
        batch_size: int,
        *,
        augment: bool,
        on_batch: Callable[[int, int], None],
    ):
        self._of: dict[bytes, Tensor] = {}
        turns, firsts = range(EIGHT if augment else 1), range(0, len(pixels), batch_size)
        for number, first in enumerate(firsts, start=1):
            part = torch.from_numpy(np.array(pixels[first : first + batch_size]))[:, None]
            for turn in turns:
                turned = rotate_and_flip(part, torch.full((len(part),), turn))[:, 0].numpy()
                answers = torch.from_numpy(logits(turned)).float()
                self._of |= zip(_keys(turned), answers, strict=True)
            on_batch(number, len(firsts))

    def to(self, pixels: Bytes) -> Tensor:
        """Logits [N, labels] for grey bytes [N, S, S].

        Raises:
            KeyError: the teacher was not shown one of them.
        """
        return torch.stack([self._of[key] for key in _keys(pixels)])


def taught_by(answers: Answers, scale: InputScale, *, temperature: float, alpha: float) -> Loss:
    """The loss of a student of this input scale, all of whose layers train."""

    def loss(logits: Tensor, labels: Tensor, inputs: Tensor) -> Tensor:
        taught = answers.to(grey_of(inputs, scale)).to(logits.device)
        return distillation_loss(logits, labels, taught, temperature=temperature, alpha=alpha)

    return loss


def grey_of(inputs: Tensor, scale: InputScale) -> Bytes:
    """The grey bytes [N, S, S] that network inputs [N, 3, S, S] were made of.

    >>> from dagm_transfer.models.initial import to_input
    >>> grey_of(to_input(torch.full((1, 1, 1, 1), 200, dtype=torch.uint8), "unit"), "unit").tolist()
    [[[200]]]
    """
    spread = WHITE * SOURCE_DEVIATION if scale == "unit" else 1.0
    grey = inputs[:, 0] * spread + WHITE * SOURCE_MEAN[0]
    return grey.round().to(torch.uint8).cpu().numpy()


def _keys(pixels: Bytes) -> list[bytes]:
    return [hashlib.blake2b(p.tobytes(), digest_size=KEY_BYTES).digest() for p in pixels]

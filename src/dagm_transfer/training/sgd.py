"""Stochastic gradient descent: torch's own step, without what its class brings along."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd


class SGD:
    """What `torch.optim.SGD` computes, bit for bit.

    Its first use imports torch's compiler, four seconds in every process, which the function that
    it calls does without.

    Args:
        weights: to be trained.
        learning_rate: of each step.
        momentum: of the steps; 0 for none.
        weight_decay: the L2 penalty's factor.
        fused: one kernel for all weights; on a GPU.
    """

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        *,
        learning_rate: float,
        momentum: float,
        weight_decay: float,
        fused: bool,
    ):
        self._weights: list[Tensor] = list(weights)
        self._buffers: list[Tensor | None] = [None] * len(self._weights)
        self._rate, self._momentum, self._decay = learning_rate, momentum, weight_decay
        self._fused = fused

    def forget_gradients(self) -> None:
        """Before a backward pass: gradients would add up."""
        for weight in self._weights:
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every weight along its gradient."""
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        assert len(gradients) == len(self._weights), "the backward pass comes first"
        sgd(
            self._weights,
            gradients,
            self._buffers,
            has_sparse_grad=False,
            foreach=False,
            fused=self._fused,
            weight_decay=self._decay,
            momentum=self._momentum,
            lr=self._rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
        )

    def state_dict(self) -> dict[str, Any]:
        """What the steps to come depend on."""
        return {"momentum_buffers": self._buffers}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another one stood."""
        pairs = zip(self._weights, state["momentum_buffers"], strict=True)
        self._buffers = [
            None if buffer is None else buffer.to(weight.device) for weight, buffer in pairs
        ]

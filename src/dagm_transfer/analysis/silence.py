"""How silent the channels of a network are over some inputs, by every definition of it.

| metric | what |
|---|---|
| `dead` | share of channels that respond to none of the inputs |
| `dead_over_10`, `dead_over_100` | the same over so many of them: the mean over all choices |
| `inactive` | share of channels that do not respond to one input, the mean over inputs |
| `zero` | share of responses that are zero, over channels, places and inputs |
| `below_1_percent` | share of channels that stay below 1 % of the layer's largest response |
"""

from collections.abc import Sequence

import torch

from dagm_transfer.analysis.layer_metrics import WEAK
from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.meter import Meter, stream
from dagm_transfer.analysis.meters.pooled_at import BATCH, PooledAt
from dagm_transfer.analysis.meters.zero_share import ZeroShare
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.sparsity import (
    dead_channel_share,
    dead_share_over,
    inactive_channel_share,
)
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16, layer_key

COUNTS = (10, 100)


def silence(
    network: VGG16,
    inputs: Inputs,
    depths: Sequence[int],
    *,
    scale: InputScale,
    device: torch.device,
) -> dict[int, dict[str, float]]:
    """Each metric at some depths; at a depth whose responses are not finite there is none.

    Args:
        network: its trunk is used; it is put into evaluation mode.
        inputs: what it is shown.
        depths: 1 to 13.
        scale: of the inputs that it was trained on.
        device: where it runs.
    """
    meters: dict[str, Meter] = {
        "mean": PooledAt(depths), "largest": ChannelMaxima(), "zero": ZeroShare(),
    }  # fmt: skip
    found = stream(
        network, inputs, meters, scale=scale, batch_size=BATCH, device=device,
        on_batch=lambda *_: None,
    )  # fmt: skip
    told = {}
    for depth in depths:
        means, largest = found[f"mean/{depth}"], found[f"largest/{layer_key(depth)}"]
        if not means.isfinite().all():
            continue
        told[depth] = {
            "dead": dead_channel_share(largest),
            **{f"dead_over_{count}": dead_share_over(means, count) for count in COUNTS},
            "inactive": inactive_channel_share(means),
            "zero": float(found[f"zero/{layer_key(depth)}"]),
            "below_1_percent": dead_channel_share(largest, WEAK * float(largest.max())),
        }
    return told

"""What a trunk makes of images of several domains: pooled responses, and two maps of them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from torch import Tensor

from dagm_transfer.analysis.meters.meter import Progress, stream
from dagm_transfer.data.prepared import Inputs
from dagm_transfer.metrics.texture_statistics import texture_statistics
from dagm_transfer.models.initial import InputScale
from dagm_transfer.models.vgg16 import VGG16

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

BATCH = 16
SCALE: InputScale = "bytes"  # the source trunk's own
PERPLEXITY = 30.0  # at most (van der Maaten, Hinton 2008: 5 to 50)
SEED = 0  # of t-SNE; it starts from the principal components


class PooledAt:
    """A meter that keeps each channel's mean response at some depths."""

    def __init__(self, depths: Sequence[int]):
        self._found: dict[int, list[Tensor]] = {depth: [] for depth in depths}

    def update(self, depth: int, output: Tensor, labels: Tensor) -> None:
        """Take one batch at one depth."""
        del labels
        if depth in self._found:
            self._found[depth].append(output.float().mean(dim=(2, 3)).cpu())

    def result(self) -> dict[str, Tensor]:
        """[N, C] by depth."""
        return {str(depth): torch.cat(batches) for depth, batches in self._found.items()}


def pooled_responses(
    network: VGG16,
    pixels: Bytes,
    depths: Sequence[int],
    *,
    device: torch.device,
    on_batch: Progress,
) -> dict[int, Floats]:
    """The post-ReLU outputs at some depths, averaged over height and width: [N, C] each.

    Args:
        network: its trunk is used.
        pixels: grey, [N, H, W].
        depths: 1 to 13.
        device: where it runs.
        on_batch: told how many batches are done, of how many.
    """
    inputs = Inputs(pixels, np.zeros(len(pixels), dtype=np.int64), [""] * len(pixels))
    found = stream(
        network, inputs, {"pooled": PooledAt(depths)}, scale=SCALE, batch_size=BATCH,
        device=device, on_batch=on_batch,
    )  # fmt: skip
    return {depth: found[f"pooled/{depth}"].numpy().astype(np.float64) for depth in depths}


def pixel_statistics(pixels: Bytes) -> Floats:
    """Grey levels and the deviation of each octave, without any network: [N, 16]."""
    return np.array([list(texture_statistics(image).values()) for image in pixels])


def perplexity_of(count: int) -> float:
    """Neighbours that t-SNE weighs for so many points.

    >>> perplexity_of(40), perplexity_of(1000)
    (10.0, 30.0)
    """
    return min(PERPLEXITY, max(1.0, count / 4))


def principal_components(features: Floats) -> Floats:
    """The first two, [N, 2]."""
    found: Floats = PCA(2, svd_solver="full").fit_transform(features)
    return found


def neighbor_map(features: Floats) -> Floats:
    """t-SNE, [N, 2]: exact gradients, since the approximate ones add up in any order."""
    tsne = TSNE(
        perplexity=perplexity_of(len(features)), init="pca", method="exact", random_state=SEED
    )
    found: Floats = tsne.fit_transform(features).astype(np.float64)
    return found


METHODS: Mapping[str, Callable[[Floats], Floats]] = {
    "pca": principal_components,
    "tsne": neighbor_map,
}

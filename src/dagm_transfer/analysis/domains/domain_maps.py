"""What a trunk makes of images of several domains: pooled responses, and two maps of them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from dagm_transfer.metrics.texture_statistics import texture_statistics

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

PERPLEXITY = 30.0  # at most (van der Maaten, Hinton 2008: 5 to 50)
SEED = 0  # of t-SNE; it starts from the principal components


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

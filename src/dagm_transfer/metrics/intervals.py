"""95 % intervals of a share: over images, over the images of patches, and over seeds."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binomtest, t

# Equal shares that were computed in different ways still agree; it is far less than one image.
ROUNDING = 1e-9
CONFIDENCE = 0.95

Bools = NDArray[np.bool_]


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927).

    >>> low, high = wilson_interval(1378, 1380)
    >>> round(low, 4), round(high, 4)
    (0.9947, 0.9996)
    """
    interval = binomtest(right, total).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def largest_rate(events: int, total: int) -> float:
    """The largest rate that so many events among so many images do not exclude at 95 %.

    The upper end of Clopper and Pearson's one-sided interval (1934). Without an event it is
    `1 - 0.05 ** (1 / total)`, a little less than the rule of three's `3 / total`; without images
    no rate is excluded.

    Args:
        events: misses among defective images, say.
        total: images, each of which could have been one.

    >>> round(largest_rate(0, 59), 4), round(largest_rate(2, 59), 4)
    (0.0495, 0.1029)
    """
    if events == total:
        return 1.0
    return float(beta.ppf(CONFIDENCE, events + 1, total - events))


def images_to_exclude(rate: float) -> int:
    """How many images without an event it takes to exclude a rate at 95 %.

    Args:
        rate: above 0 and below 1; one that no number can exclude counts as one in 10^15.

    >>> images_to_exclude(0.01), images_to_exclude(0.001)
    (299, 2995)
    """
    return math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-max(rate, 1e-15)))


def image_bootstrap_interval(
    right: Bools, images: ArrayLike, seed: int = 0, resamples: int = 2000
) -> tuple[float, float]:
    """Bootstrap 95 % interval of the share of right patches, over images.

    Whole images are drawn with replacement, each with all its patches: patches of one image are
    no independent witnesses (cluster bootstrap, Davison and Hinkley 1997; percentiles, Efron
    1979). Where every resample agrees, as where all are right, it says nothing: then it is
    Wilson's of the share over as many independent answers as there are images.

    Args:
        right: [N], whether each patch was judged rightly.
        images: [N], names or numbers of the images that they come from.
        seed: of the resampling.
        resamples: how many.

    Raises:
        ValueError: there are no patches, or not an image for each.

    >>> right = np.array([True, True, False, False, True, True, True, True])
    >>> low, high = image_bootstrap_interval(right, ["a", "a", "b", "b", "c", "c", "d", "d"])
    >>> low, high
    (0.25, 1.0)
    """
    names = np.asarray(images)
    if right.size == 0 or right.shape != names.shape:
        raise ValueError(f"{right.size} patches with {names.size} names of images")
    _, image = np.unique(names, return_inverse=True)
    counts = np.stack([np.bincount(image[right], minlength=image.max() + 1), np.bincount(image)])
    # Images with as many patches, as many of them right, are of one kind. How often each kind is
    # drawn is multinomial: the same as drawing images, but small however many images there are.
    kinds, frequency = np.unique(counts, axis=1, return_counts=True)
    total = int(frequency.sum())
    drawn = np.random.default_rng(seed).multinomial(total, frequency / total, size=resamples)
    shares = (drawn @ kinds[0]) / (drawn @ kinds[1])
    low, high = np.percentile(shares, [2.5, 97.5])
    if low == high:
        return wilson_interval(round(float(right.mean()) * total), total)
    return float(low), float(high)


def seed_error(values: list[float], overlap: float = 0.0) -> float:
    """Standard error of the mean over seeds; at least two values.

    Where each seed trains and tests on another fold, the training images of two seeds overlap, and
    seeds differ less than studies on fresh images would. To 1/n, which the variance is multiplied
    by, the ratio of test to training images is added (Nadeau and Bengio 2003).

    Args:
        values: one a seed.
        overlap: that ratio; 0 where all seeds have the same data.

    >>> round(seed_error([0.98, 0.99, 1.0]), 5), round(seed_error([0.98, 0.99, 1.0], 0.25), 5)
    (0.00577, 0.00764)
    """
    if len(values) < 2:
        raise ValueError("an interval over seeds takes at least two of them")
    return float(np.std(values, ddof=1) * math.sqrt(1 / len(values) + overlap))


def mean_p_value(values: list[float], overlap: float = 0.0) -> float:
    """Student's two-sided p-value of a mean of 0 over seeds that differ; see `seed_error`.

    >>> round(mean_p_value([1.0, 2.0, 3.0, 2.0, 2.0]), 4)
    0.0032
    """
    return float(2 * t.sf(abs(np.mean(values)) / seed_error(values, overlap), len(values) - 1))


def mean_interval(values: list[float], overlap: float = 0.0) -> tuple[float, float]:
    """Student's 95 % interval of the mean over seeds (Student 1908); see `seed_error`.

    >>> low, high = mean_interval([0.98, 0.99, 1.0])
    >>> round(low, 4), round(high, 4)
    (0.9652, 1.0148)
    """
    half = t.ppf(0.975, len(values) - 1) * seed_error(values, overlap)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def seed_interval(values: list[float], images: int, overlap: float = 0.0) -> tuple[float, float]:
    """Student's 95 % interval of a mean share over seeds, cut to [0, 1]; at least two values.

    Where all seeds agree it has no width, which says that they are alike and not that they are
    sure: then it is Wilson's of that share over the images.

    Args:
        values: shares, one a seed.
        images: independent ones that each share was measured on.
        overlap: see `seed_error`.

    Raises:
        ValueError: there are fewer than two seeds.

    >>> low, high = seed_interval([1.0, 1.0, 1.0], 300)
    >>> round(low, 4), round(high, 4)
    (0.9874, 1.0)
    """
    low, high = mean_interval(values, overlap)
    if np.ptp(values) < ROUNDING:
        return wilson_interval(round(float(np.mean(values)) * images), images)
    return max(low, 0.0), min(high, 1.0)

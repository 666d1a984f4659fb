"""Drawn textures held against real ones: the targets, and whether each is met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.data.ellipse import ellipse_of
from dagm_transfer.metrics.texture_statistics import label_contrast, texture_statistics

MANY: Final = 20
"""From so many real masks on, their 5 to 95 percentile span is the target, not each value."""

SHARE: Final = 0.2
FLOOR: Final = 5.0
"""A span is widened by this share of its ends or this many grey levels, whichever is more."""

BAND_FLOOR: Final = 1.0
"""The same for bands: most are weaker than 5 grey levels, so 5 would let anything pass."""

Labelled: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.bool_] | None]
"""An image, [height, width], with its weak label where it has one."""


@dataclass(frozen=True)
class Measured:
    """All values of each statistic: of images, inside over around labels, of label sizes."""

    images: Mapping[str, Sequence[float]]
    labels: Mapping[str, Sequence[float]]
    ellipses: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Reference:
    """What the drawn images of a texture are held against.

    Attributes:
        image_count: Real images.
        label_count: Real images with a mask.
        images: Least and greatest value of each statistic of the real images.
        labels: With at least `MANY` masks the 5 and 95 percentiles of each statistic, with
            fewer every value, rising.
        ellipses: Median semi-axes of all the original's weak labels, pixels.
    """

    image_count: int
    label_count: int
    images: Mapping[str, Sequence[float]]
    labels: Mapping[str, Sequence[float]]
    ellipses: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One statistic of one texture, real and drawn."""

    texture: int
    statistic: str
    real_low: float
    real_high: float
    real_images: int
    synthetic: float
    synthetic_p5: float
    synthetic_p95: float
    tolerance: str
    within: bool


def lies_within(value: float, low: float, high: float, *, share: float, floor: float) -> bool:
    """Say whether a value lies in a span, widened at both ends.

    Args:
        value: To be judged.
        low: Lower end.
        high: Upper end.
        share: Each end moves out by this share of its own size,
        floor: or by this much, whichever is more.

    Returns:
        True inside or on the border.

    Example:
        >>> lies_within(11.9, 5, 10, share=0.2, floor=1)
        True
        >>> lies_within(3.9, 5, 10, share=0.2, floor=1)
        False
    """
    return low - max(share * abs(low), floor) <= value <= high + max(share * abs(high), floor)


def measure(samples: Sequence[Labelled]) -> Measured:
    """Collect the values of every statistic.

    Args:
        samples: Images, at least one of them with a label.

    Returns:
        The values, in the order of samples (labels: of those that have one).

    Raises:
        ValueError: Where no image has a label.
    """
    labelled = [(pixels, label) for pixels, label in samples if label is not None]
    if not labelled:
        raise ValueError("no image has a label")
    images = [texture_statistics(pixels) for pixels, _ in samples]
    labels = [label_contrast(pixels, label) for pixels, label in labelled]
    ellipses = [ellipse_of(label) for _, label in labelled]
    return Measured(
        images={name: [s[name] for s in images] for name in images[0]},
        labels={name: [s[name] for s in labels] for name in labels[0]},
        ellipses={
            "semi_major": [e.semi_major for e in ellipses],
            "semi_minor": [e.semi_minor for e in ellipses],
        },
    )


def reference(real: Measured, semi_axes: tuple[float, float]) -> Reference:
    """Reduce real images to the targets.

    Args:
        real: Measured on the real images.
        semi_axes: Median semi-major and semi-minor axis of the weak labels.

    Returns:
        The targets, rounded to four places.
    """
    label_count = len(real.labels["deviation_ratio"])
    return Reference(
        image_count=len(real.images["mean"]),
        label_count=label_count,
        images={k: _rounded([min(v), max(v)]) for k, v in real.images.items()},
        labels={
            k: _rounded(sorted(v) if label_count < MANY else np.percentile(v, (5, 95)).tolist())
            for k, v in real.labels.items()
        },
        ellipses={"semi_major": semi_axes[0], "semi_minor": semi_axes[1]},
    )


def compare(texture: int, real: Reference, drawn: Measured) -> Iterator[Row]:
    """Hold the drawn images of a texture against the real ones.

    Images: the median lies in the real span, widened by 20 % or 5 grey levels (bands: 1).
    Labels: with many real masks, the median lies within their 5 to 95 percentile span; with
    few, every real value lies within the drawn 5 to 95 percentile span or within 20 % of the
    drawn median (for the difference of means, which may be 0, or 5 grey levels). Label sizes:
    the median lies within 20 % of the original's.

    Args:
        texture: For the rows.
        real: The targets.
        drawn: Measured on the drawn images.

    Yields:
        A row for each statistic.
    """
    for name, values in drawn.images.items():
        low, high = real.images[name]
        floor = BAND_FLOOR if name.startswith("band") else FLOOR
        within = lies_within(float(np.median(values)), low, high, share=SHARE, floor=floor)
        rule = f"median in the span widened by 20 % or {floor:g}"
        yield _row(texture, name, values, (low, high, real.image_count), rule, within=within)
    for name, values in drawn.labels.items():
        targets = real.labels[name]
        p5, median, p95 = _percentiles(values)
        if real.label_count >= MANY:
            rule = "median in the 5-95 % span"
            within = targets[0] <= median <= targets[-1]
        else:
            floor = FLOOR if name == "mean_difference" else 0.0
            rule = "each real value in the drawn 5-95 % span or near the drawn median"
            within = all(
                p5 <= v <= p95 or lies_within(v, median, median, share=SHARE, floor=floor)
                for v in targets
            )
        span = (targets[0], targets[-1], real.label_count)
        yield _row(texture, f"label_{name}", values, span, rule, within=within)
    for name, values in drawn.ellipses.items():
        target = real.ellipses[name]
        within = lies_within(float(np.median(values)), target, target, share=SHARE, floor=0)
        # The original has 150 weak labels a texture, and their medians are published.
        span = (target, target, 150)
        yield _row(texture, f"label_{name}", values, span, "median within 20 %", within=within)


def _row(
    texture: int,
    name: str,
    values: Sequence[float],
    real: tuple[float, float, int],
    rule: str,
    *,
    within: bool,
) -> Row:
    p5, median, p95 = _percentiles(values)
    return Row(texture, name, *real, median, p5, p95, rule, within)


def _percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    p5, median, p95 = (float(v) for v in np.percentile(values, (5, 50, 95)))
    return p5, median, p95


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(float(v), 4) for v in values]

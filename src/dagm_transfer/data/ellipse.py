"""The weak label's shape: an ellipse, as a mask and back."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ellipse:
    """An ellipse in image coordinates (y points down).

    Attributes:
        x: Centre, pixels from the left; pixel centres lie on whole numbers.
        y: Centre, pixels from the top.
        semi_major: Longer semi-axis in pixels.
        semi_minor: Shorter semi-axis in pixels.
        angle: Of the major axis against the x axis, radians, positive towards larger y.
    """

    x: float
    y: float
    semi_major: float
    semi_minor: float
    angle: float

    def __post_init__(self) -> None:
        if not 0 < self.semi_minor <= self.semi_major:
            raise ValueError(
                f"semi-axes must be positive, the major one the longer: "
                f"{self.semi_major:g}, {self.semi_minor:g}"
            )

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """Draw the filled ellipse; what lies outside the image is cut off.

        Args:
            height: Of the image, pixels.
            width: Of the image, pixels.

        Returns:
            [height, width] bool, True inside and on the ellipse.
        """
        dx = np.arange(width)[None, :] - self.x
        dy = np.arange(height)[:, None] - self.y
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        along = (dx * cosine + dy * sine) / self.semi_major
        across = (dy * cosine - dx * sine) / self.semi_minor
        return np.asarray(along**2 + across**2 <= 1.0, dtype=np.bool_)


def ellipse_of(mask: NDArray[np.bool_]) -> Ellipse:
    """Fit the ellipse with the same second moments as a mask.

    The variance of a filled ellipse along an axis is a quarter of that semi-axis squared,
    so the semi-axes are twice the square roots of the covariance's eigenvalues (Pratt,
    Digital Image Processing, ch. 18). A mask that the border cuts gives the ellipse of what
    is left.

    Args:
        mask: [height, width] bool.

    Returns:
        The ellipse; its angle lies in (-pi/2, pi/2].

    Raises:
        ValueError: Where the mask is empty.

    Example:
        >>> fitted = ellipse_of(Ellipse(50, 40, 30, 10, 0.5).mask(100, 100))
        >>> round(fitted.semi_major, 1), round(fitted.semi_minor, 1), round(fitted.angle, 2)
        (29.9, 10.0, 0.5)
    """
    ys, xs = np.nonzero(mask)
    if xs.size == 0:
        raise ValueError("an empty mask has no ellipse")
    x, y = float(xs.mean()), float(ys.mean())
    dx, dy = xs - x, ys - y
    # A pixel is a unit square, whose own variance is 1/12 along either axis: with it, a
    # single pixel has an ellipse too.
    xx = float((dx * dx).mean()) + 1 / 12
    yy = float((dy * dy).mean()) + 1 / 12
    xy = float((dx * dy).mean())
    half_trace = (xx + yy) / 2
    spread = math.hypot((xx - yy) / 2, xy)
    major = 2 * math.sqrt(half_trace + spread)
    minor = 2 * math.sqrt(max(half_trace - spread, 1 / 12))
    angle = math.atan2(2 * xy, xx - yy) / 2
    return Ellipse(x, y, major, min(minor, major), angle)

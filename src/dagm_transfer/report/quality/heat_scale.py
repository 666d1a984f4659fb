"""The colours of a heat map as a page draws them."""

from dataclasses import dataclass

from dagm_transfer.inspection.heat_maps import COLOURS, OPACITY, STOPS


@dataclass(frozen=True)
class HeatScale:
    """Colours from the threshold on.

    Attributes:
        gradient: their stops, for a linear gradient of CSS.
        most: how far above the threshold the last one stands.
    """

    gradient: str
    most: float


def heat_scale() -> HeatScale:
    """That of every heat map.

    >>> heat_scale().gradient.split("%")[0]
    'rgba(240, 228, 66, 0.35) 0'
    """
    stops = [
        f"rgba({', '.join(map(str, colour))}, {opacity}) {100 * stop / STOPS[-1]:g}%"
        for stop, colour, opacity in zip(STOPS, COLOURS, OPACITY, strict=True)
    ]
    return HeatScale(", ".join(stops), STOPS[-1])

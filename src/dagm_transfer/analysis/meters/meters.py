"""The meters that every run's layers are measured by."""

from collections.abc import Callable, Mapping

from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.meter import Meter

# By the name that their results stand under in the features' file (see analysis/layers.py).
METERS: Mapping[str, Callable[[], Meter]] = {"channel_maxima": ChannelMaxima}

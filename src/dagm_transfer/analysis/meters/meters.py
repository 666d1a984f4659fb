"""The meters that every run's layers are measured by."""

from collections.abc import Callable, Mapping

from dagm_transfer.analysis.meters.channel_maxima import ChannelMaxima
from dagm_transfer.analysis.meters.meter import Meter
from dagm_transfer.analysis.meters.zero_share import ZeroShare

# By the name that their results stand under in the features' files (see features.py).
METERS: Mapping[str, Callable[[], Meter]] = {
    "channel_maxima": ChannelMaxima,
    "zero_share": ZeroShare,
}

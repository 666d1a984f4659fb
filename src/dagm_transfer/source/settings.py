"""The section `source`: where the ImageNet-trained trunk comes from."""

from typing import Literal

from dagm_transfer.core.section import Section


class Source(Section):
    """Where the trunk comes from; `auto` tries the others in their order."""

    origin: Literal["auto", "file", "torchvision", "wheel"]

"""The initialisations by name, known without torch: every command reads the parameters."""

from typing import Literal

Init = Literal["imagenet", "he", "xavier"]
# Those that start from the source trunk, and so from whatever it is.
FROM_SOURCE: frozenset[str] = frozenset({"imagenet"})

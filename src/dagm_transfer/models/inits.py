"""The initialisations by name, known without torch: every command reads the parameters."""

from typing import Literal

Init = Literal["imagenet", "he", "xavier", "mean_var", "shuffled", "he_matched"]
# Those that start from the source trunk, or from what is measured on it: so from whatever it is.
FROM_SOURCE: frozenset[str] = frozenset({"imagenet", "mean_var", "shuffled", "he_matched"})
# Those of which the target data have to be seen before they can be drawn.
FROM_TARGET: frozenset[str] = frozenset({"he_matched"})

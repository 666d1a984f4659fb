"""Images of all domains one after the other, and which rows are whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dagm_transfer.analysis.domains.phase_scramble import phase_scrambled
from dagm_transfer.analysis.meters.features import even_inputs
from dagm_transfer.analysis.paths import TARGET
from dagm_transfer.data.prepared import Inputs

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]

SEED = 0  # of the phases
SCRAMBLED = f"phase-scrambled {TARGET}"


@dataclass(frozen=True)
class DomainInputs:
    """What the trunks are shown.

    Attributes:
        pixels: grey, [N, H, W], of all domains.
        photographs: the rows of each domain of photographs.
        names: the photograph that each of those rows is of.
        groups: the rows of each group of the target.
        pooled: rows of all groups together, as many of each.
        scrambled: rows of the target that lost their phases.
    """

    pixels: Bytes
    photographs: Mapping[str, Rows]
    names: Mapping[str, Sequence[str]]
    groups: Mapping[str, Rows]
    pooled: Rows
    scrambled: Rows

    @property
    def shown(self) -> Rows:
        """The rows that are drawn: photographs, and the groups together."""
        return np.concatenate([*self.photographs.values(), self.pooled])

    @property
    def shown_domains(self) -> list[str]:
        """The domain of each of them: a folder of photographs, or a group."""
        everything = {**self.photographs, **self.groups}
        of_row = {int(row): name for name, rows in everything.items() for row in rows}
        return [of_row[int(row)] for row in self.shown]


def domain_inputs(
    photographs: Mapping[str, Inputs], known: Inputs, groups: Sequence[str], most: int
) -> DomainInputs:
    """Photographs as they are, and as many of the target; half as many of each group alone.

    Args:
        photographs: by the name of their domain; all of them are taken.
        known: the inspected inputs to choose from, as many of each label, siblings last.
        groups: the names of the groups, in the order of their labels.
        most: inputs of all groups together.
    """
    each = max(most // 2, -(-most // len(groups)))
    chosen = even_inputs(known, each * len(groups))
    stack = [one.pixels for one in photographs.values()]
    ends = np.cumsum([len(pixels) for pixels in stack])
    rows = {
        name: np.arange(end - len(one.pixels), end)
        for (name, one), end in zip(photographs.items(), ends, strict=True)
    }
    of_groups = {
        name: int(ends[-1]) + np.flatnonzero(chosen.labels // 2 == place)
        for place, name in enumerate(groups)
    }
    of_all = np.concatenate([*of_groups.values()])
    places = np.linspace(0, len(of_all) - 1, min(most, len(of_all))).round().astype(np.int64)
    pooled = of_all[places]
    pixels = np.concatenate([*stack, chosen.pixels])
    scrambled = phase_scrambled(pixels[pooled[::2]], SEED)
    return DomainInputs(
        pixels=np.concatenate([pixels, scrambled]),
        photographs=rows,
        names={name: one.images for name, one in photographs.items()},
        groups=of_groups,
        pooled=pooled,
        scrambled=len(pixels) + np.arange(len(scrambled)),
    )

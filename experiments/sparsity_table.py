"""The table of what experiments/sparsity.py saw, as report/found/silent.py reads it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dagm_transfer.core.files import write_text
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.found.silent import Setting

COLUMNS = ("inputs_digest", "network", "step", "momentum", "warm_up", "seed", "iteration", "inputs",
           "count", "depth", "metric", "value")  # fmt: skip
Row = dict[str, Any]


class SparsityTable:
    """The rows so far, each by the digest of the inputs that it is about."""

    def __init__(self, path: Path):
        self._path = path
        self._rows = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=list(COLUMNS))

    def has(self, data: Prepared, network: str, setting: Setting, seed: int) -> bool:
        """Whether a training is there; it is written when it is over."""
        wanted = {**setting._asdict(), "warm_up": int(setting.warm_up), "seed": seed}
        return self._has(data, {"network": network, **wanted})

    def has_inputs(self, data: Prepared, network: str, inputs: str) -> bool:
        """Whether a network was shown some inputs."""
        return self._has(data, {"network": network, "inputs": inputs})

    def _has(self, data: Prepared, wanted: Row) -> bool:
        same = self._rows["inputs_digest"] == data.facts["inputs_digest"]
        for name, value in wanted.items():
            same &= self._rows[name] == value
        return bool(same.any())

    def add(self, data: Prepared, rows: Sequence[Row]) -> None:
        """Write the table with some more rows."""
        new = pd.DataFrame(
            [{"inputs_digest": data.facts["inputs_digest"], **row} for row in rows],
            columns=list(COLUMNS),
        )
        self._rows = pd.concat([self._rows, new]) if len(self._rows) else new
        write_text(self._path, self._rows.to_csv(index=False, lineterminator="\n"))

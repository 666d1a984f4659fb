"""A sweep by the project's own command, in a folder of its own, on the data that lie here."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.tables import read_csv
from dagm_transfer.data.paths import PREPARED
from dagm_transfer.params_writing import change_params
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.sweep.paths import SweepPaths

LINKED = (Path("dvc.yaml"), PREPARED, TRUNK, FACTS)
COMPLETE = "COMPLETE"


def link(paths: Iterable[Path], folder: Path) -> None:
    """Have what lies here lie below another folder as well."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).unlink(missing_ok=True)  # of a checkout that was elsewhere
        (folder / path).symlink_to(path.absolute())


def linked_sweep(study: str, settings: dict[str, Any], trials: int, work: Path) -> Path:
    """Sweep until so many trials are complete; one that was broken off goes on.

    Args:
        study: its name.
        settings: of the section `sweep`, in place of those of params.yaml.
        trials: to have completed in all.
        work: where its folder goes.

    Returns:
        What the sweep wrote: the table of its trials, their logs.

    Raises:
        UserError: the sweep failed, and said why, or trials of it did.
    """
    here = Path.cwd() / work / study
    link(LINKED, here)
    (here / "params.yaml").write_bytes(Path("params.yaml").read_bytes())

    def change(content: Any) -> None:
        content["train"]["snapshots"] = []  # nothing is asked of the way
        content["sweep"].update(settings)

    change_params(here / "params.yaml", change)
    _dagm(["sweep", "run", "--study", study, "--total", str(trials), "--workers", "2"], here)
    paths = SweepPaths(study)
    rows = read_csv(here / paths.table)
    complete = sum(row["state"] == COMPLETE for row in rows)
    if complete < trials:
        raise UserError(
            f"{here / paths.table}: {complete} of {trials} trials are complete; without "
            f"{here / '.work'} all are tried again"
        )
    return here / paths.folder


def _dagm(command: list[str], here: Path) -> None:
    """Run it to its end, to which an interrupt gives it time; in a store of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "OPTUNA_STORAGE"}
    program = Path(sys.executable).with_name("dagm")
    with subprocess.Popen([program, *command], cwd=here, env=environment) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
    if code:
        raise UserError(f"{here}: `dagm {' '.join(command)}` failed and said why above")

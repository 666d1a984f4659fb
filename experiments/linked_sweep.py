"""A sweep by the project's own command, in a folder of its own, on the data that lie here."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from dagm_transfer.data.paths import PREPARED
from dagm_transfer.params_writing import change_params
from dagm_transfer.source.paths import FACTS, TRUNK
from dagm_transfer.sweep.paths import SweepPaths

LINKED = (Path("dvc.yaml"), PREPARED, TRUNK, FACTS)


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
        CalledProcessError: the sweep failed, and said why.
    """
    project, here = Path.cwd(), Path.cwd() / work / study
    for path in LINKED:
        if not (here / path).exists():
            (here / path).parent.mkdir(parents=True, exist_ok=True)
            (here / path).symlink_to(project / path)
    (here / "params.yaml").write_bytes((project / "params.yaml").read_bytes())

    def change(content: Any) -> None:
        content["train"]["snapshots"] = []  # nothing is asked of the way
        content["sweep"].update(settings)

    change_params(here / "params.yaml", change)
    command = ["sweep", "run", "--study", study, "--total", str(trials), "--workers", "2"]
    subprocess.run([Path(sys.executable).with_name("dagm"), *command], cwd=here, check=True)
    return here / SweepPaths(study).folder

"""Where a run comes from: the commit, and the DVC stage and experiment that it belongs to."""

import os
import platform
import subprocess


def provenance() -> dict[str, str]:
    """`git.commit`, `dvc.stage`, `dvc.exp` and `python`, as far as there are such."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    found = {
        "git.commit": done.stdout.strip() if done.returncode == 0 else "",
        "dvc.stage": os.environ.get("DVC_STAGE", ""),
        "dvc.exp": os.environ.get("DVC_EXP_NAME", ""),
        "python": platform.python_version(),
    }
    return {name: value for name, value in found.items() if value}

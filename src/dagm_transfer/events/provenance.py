"""Where a run comes from: the commit, and the DVC stage and experiment that it belongs to."""

import os
import platform
import subprocess


def provenance() -> dict[str, str]:
    """`git.commit`, `dvc.stage`, `dvc.exp` and `python`, as far as there are such."""
    found = {
        "git.commit": _commit(),
        "dvc.stage": os.environ.get("DVC_STAGE", ""),
        "dvc.exp": os.environ.get("DVC_EXP_NAME", ""),
        "python": platform.python_version(),
    }
    return {name: value for name, value in found.items() if value}


def _commit() -> str:
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # no git on this machine
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

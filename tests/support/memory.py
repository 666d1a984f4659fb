"""How much memory a piece of code takes, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
# Not getrusage: a new process's peak begins there with its parent's.
FRAME = """\
import sys

def kib(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))

{setup}
before = kib("VmRSS")
{code}
print(kib("VmHWM") - before)
"""


def peak_above(setup: str, code: str, *arguments: object) -> int:
    """The peak of the resident memory while `code` runs, above what it is after `setup`: bytes.

    Args:
        setup: Python; what it takes at its peak counts where `code` takes less.
        code: Python.
        arguments: both find them in `sys.argv[1:]`.
    """
    if not STATUS.exists():
        pytest.skip("only Linux tells a process's peak of memory")
    done = subprocess.run(
        [sys.executable, "-c", FRAME.format(setup=setup, code=code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return 1024 * int(done.stdout)

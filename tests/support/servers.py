"""Servers that tests talk to, started for real and ended afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# MLflow's page of the store of a checkout, as a program: it says its port first.
SERVE = """
import sys
from pathlib import Path
from dagm_transfer.tracking.ui import listen, serve
listening = listen(0)
print(listening.getsockname()[1], flush=True)
serve(Path(sys.argv[1]), listening)
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{address} does not answer")


@contextmanager
def served(command: list[str], ready: str, **options: object) -> Iterator[None]:
    """Run a server until the block ends; begin it once the address answers."""
    server = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **options,
    )
    try:
        wait_for(ready)
        yield
    finally:
        subprocess.run(["pkill", "-TERM", "-s", str(server.pid)], check=False)
        server.wait(timeout=30)


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, where they are installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server below `folder`; the URL of an empty database. It refuses to be root."""
    programs = postgres_programs()
    assert programs
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    folder.mkdir(parents=True)
    shutil.chown(folder, user)
    for above in folder.parents:  # the other user has to get there
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    port, data, log = free_port(), folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(
            command, check=False, cwd=folder, capture_output=True, text=True, timeout=120,
            user=user if os.getuid() == 0 else None, extra_groups=[] if os.getuid() == 0 else None,
        )  # fmt: skip
        told = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}\n{told[-2000:]}"

    run(f"{programs}/initdb", "-D", str(data), "-A", "trust", "-U", "tester", "--no-sync")
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(f"{programs}/pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", settings, "start")
    try:
        run(f"{programs}/createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "tester", "studies")
        yield f"postgresql://tester@127.0.0.1:{port}/studies"
    finally:
        run(f"{programs}/pg_ctl", "-D", str(data), "-m", "immediate", "stop")

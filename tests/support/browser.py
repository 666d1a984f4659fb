"""A page as headless Chromium shows it."""

import shutil
import subprocess
from pathlib import Path

import pytest

needed = pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")


def dom_of(address: str, profile: Path, wait_ms: int) -> str:
    """The document after its scripts have run for so many (virtual) milliseconds."""
    done = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-sync"),
            *(f"--user-data-dir={profile}", "--window-size=1400,1000"),
            *(f"--virtual-time-budget={wait_ms}", "--dump-dom", address),
        ],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return done.stdout

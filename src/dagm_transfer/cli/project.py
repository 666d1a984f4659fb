"""Commands that fetch DAGM 2007, and that choose a preset."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout

from dagm_transfer.cli.console import bar, say
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import write_text
from dagm_transfer.data.paths import DOWNLOADS
from dagm_transfer.params import PARAMS, load

PRESETS = Path("params")

app = typer.Typer()


@app.command()
def download(
    to: Annotated[Path, typer.Option(help="the folder that the zips go to")] = DOWNLOADS,
) -> None:
    """Fetch DAGM 2007 (CC BY 4.0) from Zenodo; one that was broken off goes on where it stood."""
    from dagm_transfer.data.kinds.dagm.download import RECORD, download_dagm
    from dagm_transfer.data.kinds.dagm.fetch import Patience
    from dagm_transfer.data.paths import DOWNLOADED

    with _alone_in(to), bar("MiB") as show:

        def on_bytes(done: int, total: int) -> None:
            show(done >> 20, total >> 20)

        files = download_dagm(RECORD, to, DOWNLOADED, Patience(), on_bytes, say)
    mebibytes = sum(file.stat().st_size for file in files) >> 20
    say(f"{to}: {len(files)} files, {mebibytes} MiB, as {DOWNLOADED} has them; commit that file")
    say(f"`dagm import {to}` brings the images in")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UserError(f"{folder}: another download goes there; wait for it, or end it") from None
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}; name another folder with --to") from error
    try:
        yield
    finally:
        lock.release()


@app.command()
def preset(name: Annotated[str, typer.Argument(help="a file in params/")]) -> None:
    """Check a preset and put it in the place of params.yaml."""
    path = PRESETS / f"{name}.yaml"
    if path.parent != PRESETS or not path.exists():
        known = ", ".join(sorted(p.stem for p in PRESETS.glob("*.yaml")))
        raise UserError(f"{path}: not found; there are {known or 'no presets here'}")
    load(path)
    write_text(PARAMS, path.read_text(encoding="utf-8"))
    say(f"{PARAMS} is now {path}; `dvc repro` runs it")

"""Commands that look at images and bring them in, or an ImageNet-trained trunk."""

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dagm_transfer.cli.alone import alone
from dagm_transfer.cli.console import bar, say
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.work import WorkPaths, project_root
from dagm_transfer.data.bringing.notes import shown

if TYPE_CHECKING:
    from dagm_transfer.data.bringing.checked import Checked

HERE = Path()
TRUNK = ".safetensors"
PICKLES = (".pth", ".pt", ".bin", ".ckpt")
OTHER_WEIGHTS = (".onnx", ".h5")

app = typer.Typer()

PathArgument = Annotated[Path, typer.Argument(help="a folder or zip of images")]
GoodOption = Annotated[
    list[str] | None,
    typer.Option("--good", help="what the images without defects are called; may stand twice"),
]
AsOption = Annotated[
    str | None, typer.Option("--as", help="the kind of images, where another is recognised")
]


@app.command()
def check(path: PathArgument, good: GoodOption = None, as_: AsOption = None) -> None:
    """Look at images without bringing them in: what they are, and what is wrong with them."""
    from dagm_transfer.cli.data_text import print_check

    with _checked(path, good, as_) as checked:
        print_check(checked, _words(path, good, as_))
    if checked.said("refused"):
        raise typer.Exit(1)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="a folder or zip of images, or a trunk")],
    good: GoodOption = None,
    as_: AsOption = None,
) -> None:
    """Bring in images (a folder or zip), or an ImageNet trunk (.safetensors)."""
    suffix = path.suffix.lower()
    if suffix == TRUNK:
        _import_trunk(path)
    elif suffix in (*PICKLES, *OTHER_WEIGHTS):
        raise _not_read(path)
    else:
        _import_images(path, good, as_)


def _import_images(path: Path, good: list[str] | None, as_: str | None) -> None:
    from dagm_transfer.cli.data_text import brought_lines, headline, note_lines
    from dagm_transfer.data.bringing.bring import bring
    from dagm_transfer.data.paths import Places

    with _checked(path, good, as_) as checked:
        checked.importable(_words(path, good, as_))
        for line in (headline(checked), *note_lines(checked)):
            say(line)
        lock = WorkPaths(project_root()).lock("import")
        with alone(lock, "import", say), bar("written images") as on_image:
            brought = bring(
                checked.plan,
                checked.looked,
                Places.below(HERE),
                checked.kind.lacking,
                _workers(),
                on_image,
            )
    for line in brought_lines(brought):
        say(line)


@contextmanager
def _checked(path: Path, good: list[str] | None, as_: str | None) -> Iterator["Checked"]:
    """Images that were read; their files can be read again for the time of a `with`."""
    from dagm_transfer.data.bringing.checked import checked
    from dagm_transfer.data.bringing.tree import open_tree
    from dagm_transfer.data.kinds.recognised import kind_called, recognised

    kind = kind_called(as_) if as_ else None
    names = frozenset(name.lower() for name in good or ())
    with ExitStack() as opened:
        with bar("unpacked files") as on_file:
            tree = opened.enter_context(open_tree(path, on_file))
        with bar("read images") as on_image:
            seen = checked(tree, kind or recognised(tree, names), names, _workers(), on_image)
        yield seen


def _words(path: Path, good: list[str] | None, as_: str | None) -> str:
    """What was typed, so that it can be typed again."""
    named = [word for name in good or () for word in ("--good", name)]
    return shown(shlex.join([str(path), *named, *(("--as", as_) if as_ else ())]))


def _import_trunk(path: Path) -> None:
    from dagm_transfer.source.importing import import_trunk
    from dagm_transfer.source.paths import IMPORTED, INCOMING

    digest = import_trunk(path, INCOMING, IMPORTED)
    say(f"{INCOMING}: trunk with sha256 {digest[:12]}; `dvc repro` uses it")


def _not_read(path: Path) -> UserError:
    """How weights of another format become a trunk that can be brought in."""
    trunk = path.with_suffix(TRUNK).name
    if path.suffix.lower() in OTHER_WEIGHTS:
        return UserError(
            f"{path}: not read; bring VGG16's convolutions as {trunk}, with torchvision's names "
            "(features.0.weight, features.0.bias, ...)"
        )
    return UserError(
        f"{path}: a pickle can run code when it is read, so it is not; in Python, "
        f'`state = torch.load("{path.name}", map_location="cpu", weights_only=True)` and '
        "`safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in state.items() "
        f'if name.startswith("features.")}}, "{trunk}")`, then `dagm import {trunk}`'
    )


def _workers() -> int:
    return os.cpu_count() or 1

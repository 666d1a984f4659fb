"""Commands about the tracking store: filling it from the logs, and browsing it."""

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from dagm_transfer.cli.console import say
from dagm_transfer.cli.registry import register_champion
from dagm_transfer.cli.tracked import (
    open_current_store,
    replay_all,
    sync_figures,
)
from dagm_transfer.core.work import WorkPaths, project_root

if TYPE_CHECKING:
    from dagm_transfer.events.event import Begin

app = typer.Typer()


@app.command()
def track() -> None:
    """Put every finished log into the tracking store; what is there already stays as it is."""
    from dagm_transfer.tracking.location import rebuild_if_moved

    def show(begin: "Begin", changed: bool) -> None:  # noqa: FBT001 - as `replay` gives it
        say(f"{begin.key}  {begin.identity[:12]}  {'logged' if changed else 'there already'}")

    work = WorkPaths(project_root())
    rebuild_if_moved(work, say)
    say(f"{replay_all(work, show)} runs in the store")
    sync_figures(work.root)
    register_champion(work.root)


@app.command()
def promote(
    version: Annotated[int, typer.Argument(help="a number that MLflow's page of models shows")],
) -> None:
    """Make a registered version the champion, whatever it costs on validation."""
    place = open_current_store(WorkPaths(project_root()))
    from dagm_transfer.tracking.champion import KEY, MODEL, champion
    from dagm_transfer.tracking.champion import promote as move

    before = champion(place)
    now = move(place, version)
    was = f"; version {before.version} was" if before and before.version != now.version else ""
    say(f"version {now.version} of {MODEL} ({now.tags.get(KEY)}) is the champion{was}")


@app.command()
def ui(
    port: int = 5000,
    sweep: Annotated[
        str | None, typer.Option(help="open on the trials of this sweep, not on the study's runs")
    ] = None,
    *,
    browser: bool = True,
) -> None:
    """Open the MLflow user interface, on 127.0.0.1 or on the server that is set up."""
    from dagm_transfer.tracking.location import is_server, tracking_uri
    from dagm_transfer.tracking.sweep_view import save_sweep_views, sweep_named
    from dagm_transfer.tracking.ui import listen, serve, ui_address
    from dagm_transfer.tracking.view import save_view

    work = WorkPaths(project_root())
    remote = is_server(tracking_uri(work.root))
    listening = None if remote else listen(port)
    place = open_current_store(work)
    shown = sweep_named(place, sweep) if sweep else place
    save_view(place)
    save_sweep_views(place)
    address = ui_address(shown, work.root, port)
    say(address if remote else f"{address} (Ctrl-C ends it)")
    if browser:
        webbrowser.open(address)
    if listening:
        serve(work.root, listening)

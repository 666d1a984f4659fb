"""How the best run gets into the registry."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dagm_transfer.cli.champion import champion_key
from dagm_transfer.cli.console import say
from dagm_transfer.cli.tracked import fail_soft, open_current_store
from dagm_transfer.core.work import WorkPaths, project_root

if TYPE_CHECKING:
    from dagm_transfer.data.prepared import Prepared


def register_champion(root: Path = Path()) -> None:
    """Register the best of the named runs, where it is not yet."""

    def act() -> None:
        from dagm_transfer.judging.card import read_card
        from dagm_transfer.judging.paths import JudgingPaths
        from dagm_transfer.training.paths import seed_of

        key = champion_key(root)
        if key is None:
            return
        paths = JudgingPaths(key)
        place = open_current_store(WorkPaths(project_root()))
        from dagm_transfer.tracking.champion import MODEL, is_registered, register

        if is_registered(place, read_card(root / paths.card)):
            return
        from dagm_transfer.data.paths import PREPARED, RAW
        from dagm_transfer.data.prepared import Prepared

        data = Prepared(root / PREPARED).for_seed(seed_of(key))
        images = _examples(data, root / RAW)
        with TemporaryDirectory() as scratch:
            made = register(place, _exported(root / paths.inspector, Path(scratch)), images)
        said = f"{key} is registered as version {made.version} of {MODEL}"
        if made.kept is None:
            say(f"{said}, the champion")
        else:
            say(
                f"{said}; version {made.champion} stays the champion ({made.kept}): "
                f"`dagm promote {made.version}` makes this one it"
            )

    fail_soft(act)


def _exported(folder: Path, scratch: Path) -> Path:
    """The inspector of a run as one that needs no torch, in a folder of its own."""
    from dagm_transfer.inspection.onnx_file import write_onnx
    from dagm_transfer.inspection.paths import NETWORK
    from dagm_transfer.judging.card import write_card
    from dagm_transfer.judging.inspector import load_inspector
    from dagm_transfer.judging.paths import CARD
    from dagm_transfer.tracking.served import INSPECTOR

    inspector, made = load_inspector(folder), scratch / INSPECTOR
    write_onnx(inspector, made / NETWORK)
    write_card(inspector.card, made / CARD)
    return made


def _examples(data: "Prepared", raw: Path) -> list[str]:
    """Validation images as base64: the first, and the first that has another label."""
    from dagm_transfer.inspection.encoded import encoded

    rows = data.images("val")
    chosen = rows[:1] + [row for row in rows if row["label"] != rows[0]["label"]][:1]
    return [encoded((raw / row["image"]).read_bytes()) for row in chosen]

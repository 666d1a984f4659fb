"""An inspector opened for judging: a finished run, an exported folder or an ONNX file."""

from dataclasses import dataclass
from pathlib import Path

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.onnx_runtime import open_network
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.judging.card import Card, read_card
from dagm_transfer.judging.paths import CARD, JudgingPaths, judged_keys
from dagm_transfer.judging.windows import Logits

ONNX = ".onnx"


@dataclass(frozen=True)
class Opened:
    """An inspector that can judge: the card that says how, and the network as a function."""

    card: Card
    logits: Logits


def open_inspector(reference: str, root: Path) -> Opened:
    """The inspector that is meant by a run's key, a folder or an ONNX file.

    A folder's ONNX file is taken where there is one: it needs no torch.

    Args:
        reference: `finetune-s0`, `shipped/finetune-s0` or `shipped/finetune-s0/model.onnx`.
        root: where the pipeline runs, whose runs the keys name.

    Raises:
        UserError: it is none of them, or a part of it is missing or cannot be read.
    """
    path, run = Path(reference), root / JudgingPaths(reference).inspector
    if path.suffix.lower() == ONNX and not path.is_dir():
        return open_onnx(path)
    if path.is_dir():
        return open_folder(path)
    if reference and (run / CARD).is_file():
        return open_folder(run)
    known = ", ".join(judged_keys(root)) or "none here"
    raise UserError(
        f"{reference}: no inspector; name a finished run ({known}), the folder of an exported "
        f"one, or its {ONNX} file"
    )


def open_folder(folder: Path) -> Opened:
    """The inspector in a folder.

    Raises:
        UserError: a part of it is missing or cannot be read, or it needs torch and there is none.
    """
    if (folder / NETWORK).exists():
        return open_onnx(folder / NETWORK)
    if not (folder / CARD).exists():
        raise UserError(f"{folder}: no {CARD} in it; `dagm export KEY --out {folder}` writes one")
    try:
        from dagm_transfer.inspection.torch_network import open_weights
    except ModuleNotFoundError as error:
        raise UserError(
            f"{folder}: its weights run in torch, which is not installed; where it is, "
            f"`dagm export` writes {NETWORK}, which needs none"
        ) from error
    return Opened(*open_weights(folder))


def open_onnx(path: Path) -> Opened:
    """The inspector of an ONNX file, with the card that lies beside it.

    Raises:
        UserError: one of the two is missing, or cannot be read, or the card is another network's.
    """
    network, beside = open_network(path), path.parent / CARD
    if not beside.exists():
        raise UserError(
            f"{beside}: not found; {path.name} needs the card that it was exported with"
        )
    card = read_card(beside)
    shape = card.size, 2 * len(card.groups)
    if (network.size, network.labels) != shape or network.weights not in ("", card.weights):
        raise UserError(
            f"{path}: not the network of the card beside it; bring both from one `dagm export`"
        )
    return Opened(card, network.logits)

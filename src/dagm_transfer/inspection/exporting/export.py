"""A network as a folder that can be handed on: weights, ONNX file and card.

A compacted one also says how it was made: `compaction.json` and `compaction.csv`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save

from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, digest_of_file, write_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.inspection.compaction.narrowed import widths_of
from dagm_transfer.inspection.exporting.agreement import Agreement, Compared, agreement
from dagm_transfer.inspection.exporting.exportable import Bars, Compaction, Exportable
from dagm_transfer.inspection.exporting.finished_run import FinishedRun
from dagm_transfer.inspection.exporting.other_images import Elsewhere, facts_of, on_other_images
from dagm_transfer.inspection.layer_sizes import COLUMNS
from dagm_transfer.inspection.onnx_file import write_onnx
from dagm_transfer.inspection.opened import Opened, open_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.inspector import load_inspector
from dagm_transfer.judging.judged_sets import Progress
from dagm_transfer.judging.paths import CARD, JudgingPaths
from dagm_transfer.training.paths import WEIGHTS

LAYERS, FACTS = "compaction.csv", "compaction.json"
ALWAYS = {WEIGHTS, NETWORK, CARD}
ONNX_TOLERANCE = 1e-4  # of logits, relative: more is no rounding


@dataclass(frozen=True)
class Exported:
    """What was written, and what was found on the way.

    Attributes:
        folder: where it lies.
        files: bytes of each file.
        before: bytes of the run's own weights.
        onnx: ONNX Runtime against PyTorch, both with the exported network, on the test images.
        elsewhere: the exported network against the run's, on other images.
    """

    folder: Path
    files: Mapping[str, int]
    before: int
    onnx: Agreement
    elsewhere: Sequence[Elsewhere]


def check_replaceable(out: Path) -> None:
    """That nothing but an earlier export stands where one is to be written, and that it can be.

    Raises:
        UserError: something else does, or it cannot.
    """
    above = next(path for path in out.absolute().parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        what = "may not be written to" if above.is_dir() else "is no folder"
        raise UserError(f"{out}: {above.name} {what}; name another with --out")
    if not out.exists() and not out.is_symlink():
        return
    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    is_export = names >= ALWAYS and names <= {*ALWAYS, LAYERS, FACTS}
    if out.is_symlink() or not out.is_dir() or (names and not is_export) or not out.name:
        raise UserError(f"{out}: is there already and no earlier export; name another with --out")


def export(
    run: FinishedRun, exportable: Exportable, out: Path, others: Sequence[Path], bars: Bars
) -> Exported:
    """Write a network as a folder, whole or not at all; equal inputs give equal bytes.

    Args:
        run: that the network comes from.
        exportable: the network.
        out: the folder; an earlier export there is replaced.
        others: folders of other images, on which decisions that differ from the run's are counted.
        bars: show progress.

    Raises:
        UserError: something else stands at `out`, ONNX Runtime decides otherwise than PyTorch, or
            a folder holds no image.
    """
    check_replaceable(out)
    weights = run.root / JudgingPaths(run.card.key).inspector / WEIGHTS
    with beside(out) as draft:
        draft.mkdir()
        _write_network(exportable, draft)
        opened = open_onnx(draft / NETWORK)
        with bars(f"ONNX Runtime on test images, {run.card.key}") as on_image:
            onnx = _checked_onnx(run, exportable, opened, on_image)
        elsewhere = [on_other_images(run, opened, folder, bars) for folder in others]
        sizes = {path.name: path.stat().st_size for path in sorted(draft.iterdir())}
        exported = Exported(out, sizes, weights.stat().st_size, onnx, elsewhere)
        if exportable.compaction:
            _write_compaction(exportable.compaction, exported, draft)
    return exported


def _write_network(exportable: Exportable, folder: Path) -> None:
    state = exportable.network.state_dict()
    # As bytes: `save_file` makes files that nobody else may read, and this one is handed on.
    weights = save({name: tensor.contiguous() for name, tensor in state.items()})
    (folder / WEIGHTS).write_bytes(weights)
    card, widths = exportable.card, widths_of(exportable.network, exportable.card)
    changes = {
        "weights": digest_of_file(folder / WEIGHTS),
        "convolutions": list(widths.convolutions),
        "hidden": list(widths.hidden),
    }
    write_card(card.model_copy(update=changes), folder / CARD)
    write_onnx(load_inspector(folder), folder / NETWORK)


def _checked_onnx(
    run: FinishedRun, exportable: Exportable, opened: Opened, on_image: Progress
) -> Agreement:
    compared = (
        Compared(each.image, exportable.logits[each.image], opened.logits(pixels))
        for each, pixels in run.taken_in(run.of("test"), on_image)
    )
    onnx = agreement(compared, exportable.card, opened.card)
    if onnx.changed or not onnx.largest <= ONNX_TOLERANCE:
        raise UserError(
            f"{run.card.key}: ONNX Runtime's logits differ from PyTorch's by {onnx.largest:.1e}, "
            f"and {len(onnx.changed)} of {onnx.images} decisions; nothing is written; try another "
            "version of onnxruntime"
        )
    return onnx


def _write_compaction(compaction: Compaction, exported: Exported, folder: Path) -> None:
    write_text(folder / LAYERS, to_csv(compaction.layers, COLUMNS))
    facts = {
        **compaction.facts,
        "onnx": exported.onnx.facts(),
        "other_images": [facts_of(each) for each in exported.elsewhere],
        "bytes": {"before": {WEIGHTS: exported.before}, "after": exported.files},
        "layers": list(compaction.layers),
    }
    write_json(folder / FACTS, facts)

"""Stage `interpolate`: what lies on the straight line between the features of two labels."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor

from dagm_transfer.analysis.lines.ends import Pair, ends_of, pairs_of, real_inputs
from dagm_transfer.analysis.lines.feature_lines import MARGIN, PLACES, logits_of
from dagm_transfer.analysis.lines.off_line import NEIGHBORS
from dagm_transfer.analysis.lines.run_lines import (
    CURVES,
    LINES,
    Found,
    LineInputs,
    ScaledNetwork,
    add_lines,
    add_pictures,
)
from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import INTERPOLATION, InterpolationPaths
from dagm_transfer.analysis.settings import Interpolate
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, read_json, write_json
from dagm_transfer.core.progress import Counted
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.prepared import Inputs, Prepared
from dagm_transfer.events.log import begin_of, check_data, check_source, finished_log
from dagm_transfer.models.vgg16 import NAMES
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths, run_key


def interpolate(
    variants: Sequence[str],
    seed: int,
    settings: Interpolate,
    *,
    frozen: Sequence[str] = (),
    data: Prepared,
    trunk: Path,
    trunk_facts: Path,
    root: Path,
    device: torch.device,
    on_step: Callable[[int, int], None],
) -> None:
    """Write the lines of a seed's compared runs: their numbers, curves and pictures.

    Args:
        variants: of the runs.
        seed: of the runs.
        settings: which lines.
        frozen: variants whose trunk did not train: a control, in numbers alone.
        data: that they were trained on.
        trunk: the source trunk.
        trunk_facts: its digest.
        root: where the pipeline runs.
        device: where the networks run.
        on_step: told how many iterations of the descent are done, of how many.

    Raises:
        UserError: a run is not finished, or was trained on other data or beside another trunk; a
            label of a line has no test input.
    """
    data = data.for_seed(seed)
    runs, controls = (
        [_Run(run_key(variant, seed), root, trunk, device) for variant in of]
        for of in (variants, frozen)
    )
    source = read_json(trunk_facts)
    for run in (*runs, *controls):
        check_data(run.begin, data.facts)
        check_source(run.begin, source)
    pairs, asked = pairs_of(
        data.facts["groups"], [(pair.start, pair.end) for pair in settings.pairs]
    )
    shown = _line_inputs(runs, pairs, settings, data, device) if runs else []
    total = len(runs) * len(pairs) * len(settings.depths) * settings.iterations
    found, count, judges = Found(), Counted(on_step, total), {}
    for run in runs:
        judge = _judge_of(run, runs)
        after = run.after()
        networks = {"after": after, "before": run.before()}
        for inputs in shown:
            add_lines(found, run.key, inputs, networks, settings)
        del networks
        sees = judge.after() if judge else None
        if judge:
            judges[run.key] = judge.key
        for inputs in shown:
            add_pictures(found, run.key, inputs, after, sees, settings, count.add)
    for run in controls:
        for inputs in shown:
            add_lines(found, run.key, inputs, {"after": run.after()}, settings)
    facts = {
        "frozen": [run.key for run in controls],
        "layers": {str(depth): NAMES[depth - 1] for depth in settings.depths},
        "pairs": [
            {"name": of.pair.name, "a": of.pair.a, "b": of.pair.b, "ends": len(of.a)}
            for of in shown
        ],
        "asked": asked,
        "judges": judges,
        "margin": MARGIN,
        "places": PLACES,
        "neighbors": NEIGHBORS,
        **settings.model_dump(include={"depths", "steps", "iterations"}),
    }  # fmt: skip
    _write(root / folder_of(seed, INTERPOLATION), found, facts)


class _Run:
    """A finished run whose networks are read when they are needed: they can be large."""

    def __init__(self, key: str, root: Path, trunk: Path, device: torch.device):
        self.key = key
        self._root, self._trunk, self._device = root, trunk, device
        self.begin = begin_of(finished_log(TrainingPaths(self.key).log.below(root)))

    def after(self) -> ScaledNetwork:
        weights = self._root / TrainingPaths(self.key).weights
        network = network_at_end(self.begin.params, self.begin.data, weights)
        return ScaledNetwork(network.to(self._device), self.begin.params["variant"]["input_scale"])

    def before(self) -> ScaledNetwork:
        network = network_at_start(self.begin.params, self.begin.data, self._trunk)
        return ScaledNetwork(
            network.to(self._device).eval(), self.begin.params["variant"]["input_scale"]
        )


def _judge_of(run: _Run, others: Sequence[_Run]) -> _Run | None:
    """The first that began elsewhere: two that began alike see alike."""
    begins = (other.begin.params["variant"]["init"] for other in others)
    own = run.begin.params["variant"]["init"]
    return next((o for o, init in zip(others, begins, strict=True) if init != own), None)


def _line_inputs(
    runs: Sequence[_Run],
    pairs: Sequence[Pair],
    settings: Interpolate,
    data: Prepared,
    device: torch.device,
) -> list[LineInputs]:
    val, test = data.inputs("val"), data.inputs("test")
    wrong = _misjudged(runs, test, [label for pair in pairs for label in (pair.a, pair.b)], device)
    found = []
    for place, pair in enumerate(pairs):
        rows = [ends_of(test, label, wrong, settings.ends) for label in (pair.a, pair.b)]
        ends = min(map(len, rows))
        if not ends:
            raise UserError(
                f"data/prepared: no test image at one end of {pair.name}; "
                "name other groups under interpolate.pairs, or test on more images"
            )
        a, b = (rows[side][:ends] for side in (0, 1))
        left_out = {test.images[row] for row in (*a, *b)}
        real = real_inputs([test, val], pair, left_out, settings.inputs)
        starts, stops = (_grey(test.pixels[side], device).float() for side in (a, b))
        others = _grey(real.pixels, device)
        found.append(LineInputs(pair, place, starts, stops, others, real.labels))
    return found


def _misjudged(
    runs: Sequence[_Run], test: Inputs, labels: Sequence[int], device: torch.device
) -> NDArray[np.int64]:
    """How many runs take each test input of these labels for another label."""
    wrong = np.zeros(len(test.labels), dtype=np.int64)
    rows = np.flatnonzero(np.isin(test.labels, labels))
    grey = _grey(test.pixels[rows], device)
    for run in runs if len(rows) else []:
        after = run.after()
        judged = logits_of(after.network, after.scale, grey).argmax(axis=1)
        wrong[rows] += judged != test.labels[rows]
    return wrong


def _grey(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    return torch.from_numpy(np.array(pixels))[:, None].to(device)


def _write(folder: Path, found: Found, facts: dict[str, Any]) -> None:
    with beside(folder) as draft:
        draft.mkdir()
        paths = InterpolationPaths(draft)
        paths.lines.write_text(to_csv(found.lines, LINES), encoding="utf-8")
        paths.curves.write_text(to_csv(found.curves, CURVES), encoding="utf-8")
        pictures = {name: np.ascontiguousarray(of) for name, of in found.pictures.items()}
        save_file(pictures, paths.pictures)
        write_json(paths.facts, facts)

"""Stage `layers`: the tables of a run's layer metrics, and their log for the tracking store."""

import math
from dataclasses import replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from dagm_transfer.analysis.course import COLUMNS as COURSE
from dagm_transfer.analysis.course import course_values
from dagm_transfer.analysis.label_flatness import COLUMNS as FLATNESS
from dagm_transfer.analysis.label_flatness import Row, label_flatness
from dagm_transfer.analysis.layers import COLUMNS, LayerValue, grouped, layer_values, layers_of
from dagm_transfer.analysis.meters.features import Features
from dagm_transfer.analysis.paths import INPUTS, AnalysisPaths
from dagm_transfer.analysis.settings import Analysis
from dagm_transfer.core.files import read_json, write_text
from dagm_transfer.core.tables import to_csv
from dagm_transfer.events.event import LAYERS, Evaluation, Event, Timing
from dagm_transfer.events.log import begin_of, check_source, end_of, finished_log, write_events
from dagm_transfer.models.vgg16 import DEPTHS
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths
from dagm_transfer.training.snapshots import kept_steps, network_at


def layers(key: str, settings: Analysis, *, trunk: Path, trunk_facts: Path, root: Path) -> None:
    """Write the layer table of a trained run, those over labels and course, and its event log.

    Raises:
        UserError: the run is not finished, or was trained beside another trunk.
    """
    training, paths = TrainingPaths(key), AnalysisPaths(key)
    events = finished_log(training.log.below(root))
    begin, end = begin_of(events), end_of(events)
    check_source(begin, read_json(trunk_facts))
    before = network_at_start(begin.params, begin.data, trunk)
    after = network_at_end(begin.params, begin.data, root / training.weights)
    features = Features(root / paths.features)
    snapshots = root / training.snapshots
    steps = kept_steps(snapshots)
    kept = ((step, network_at(step, snapshots, before)) for step in steps)
    # Small matrices: more threads wait for each other far longer than they work.
    with threadpool_limits(1, user_api="blas"):
        values: list[LayerValue] = []
        flat: list[Row] = []
        for layer in layers_of(before, after, features, settings):
            values += layer_values(layer)
            flat += label_flatness(layer, begin.data["labels"])
        met = course_values(before, kept, values, features, settings, last=end.step)
        course = list(met) if steps else []
    rows = [value.row for value in values]
    change = [row for row in rows if row["metric"] == "weight_change"]
    write_text(root / paths.layers, to_csv(rows, COLUMNS))
    write_text(root / paths.course, to_csv([value.row for value in course], COURSE))
    write_text(root / paths.flatness, to_csv(flat, FLATNESS))
    write_text(root / paths.weight_change, to_csv(change, COLUMNS))
    told: list[Event] = [
        replace(begin, kind=LAYERS, params={**begin.params, "analysis": settings.model_dump()}),
        *(_evaluation(depth, values, end.timing) for depth in DEPTHS),
        replace(end, metrics=grouped(values), tags={INPUTS: str(len(features.labels("test")))}),
    ]
    write_events(root / paths.log, told)


def _evaluation(depth: int, values: list[LayerValue], timing: Timing) -> Evaluation:
    """The metrics of one depth; what is not finite, after a training that diverged, is left out."""
    return Evaluation(
        depth,
        {
            f"layers/{value.metric}": value.value
            for value in values
            if value.depth == depth and math.isfinite(value.value)
        },
        timing,
    )

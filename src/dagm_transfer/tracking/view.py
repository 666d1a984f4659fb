"""The view on which a person sees the curves first: MLflow would show a hundred bar charts.

The page of an experiment's runs takes its arrangement from a saved view, which is a tag of the
experiment: `{"name", "createdAt", "updatedAt", "state": "<JSON text>"}`. The state names sections
and the charts in them. MLflow (3.17) adds a chart for every metric that has none, in a section by
what stands before the metric's last slash; these sections are named here too, to be folded.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dagm_transfer.tracking.store import Destination

VIEW = "dagm"  # the view's id, part of the page's address
TAG = f"mlflow.sharedViewState.{VIEW}"
NAME = "Curves"

# What is shown, in this order: a chart for each metric, by iteration or by depth.
SECTIONS: Mapping[str, Sequence[str]] = {
    "Accuracy": ("val/accuracy", "train/accuracy"),
    "Loss": ("val/loss", "train/loss"),
    "Layers by depth": ("layers/weight_change", "layers/sparsity"),
}
NO_FOLDER = "Model metrics"  # MLflow's section of the metrics without a slash
LOOKED_AT = 100  # runs; others measured the same


def save_view(place: Destination) -> None:
    """Put the view into the experiment, where it is not there as it is now."""
    experiment = place.client.get_experiment(place.experiment_id)
    view = {
        "name": NAME,
        "createdAt": experiment.creation_time,
        "updatedAt": experiment.creation_time,
        "state": json.dumps(view_state(_metrics(place))),
    }
    if experiment.tags.get(TAG) != (text := json.dumps(view)):
        place.client.set_experiment_tag(place.experiment_id, TAG, text)


def view_state(metrics: Iterable[str]) -> dict[str, Any]:
    """What is shown of the runs; all else is as MLflow has it.

    Args:
        metrics: that there are; those without a chart here get one in a folded section.
    """
    charts = {metric for shown in SECTIONS.values() for metric in shown}
    others = {metric.rpartition("/")[0] or NO_FOLDER for metric in metrics if metric not in charts}
    ours = [_section(title, shown=True) for title in SECTIONS]
    return {
        "compareRunSections": [*ours, *(_section(name, shown=False) for name in sorted(others))],
        "compareRunCharts": [
            _line_chart(metric, section) for section, shown in SECTIONS.items() for metric in shown
        ],
        "isAccordionReordered": True,  # else sections are sorted by name
        "hideEmptyCharts": True,
        "runsHiddenMode": "FIRST_20_RUNS",
    }


def _metrics(place: Destination) -> set[str]:
    runs = place.client.search_runs([place.experiment_id], max_results=LOOKED_AT)
    return {metric for run in runs for metric in run.data.metrics}


def _section(name: str, *, shown: bool) -> dict[str, Any]:
    return {
        "uuid": f"dagm {name}",
        "name": name,
        "display": shown,
        "isReordered": False,
        "deleted": False,
        "isGenerated": False,
        "columns": 2,
        "cardHeight": 320,
    }


def _line_chart(metric: str, section: str) -> dict[str, Any]:
    return {
        "type": "LINE",
        "uuid": f"dagm {metric}",
        "metricSectionId": f"dagm {section}",
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "deleted": False,
        "isGenerated": False,
        "runsCountToCompare": 20,
        "lineSmoothness": 0,
        "useGlobalLineSmoothing": True,
        "scaleType": "linear",
        "xAxisKey": "step",
        "xAxisScaleType": "linear",
        "useGlobalXaxisKey": True,
        "selectedXAxisMetricKey": "",
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "ignoreOutliers": False,
        "range": {},
    }

"""The view on which a person sees the curves first: MLflow would show a hundred bar charts.

The page of an experiment's runs takes its arrangement from a saved view, which is a tag of the
experiment: `{"name", "createdAt", "updatedAt", "state": "<JSON text>"}`. The state names sections
and the charts in them. MLflow (3.17) adds a chart for every metric that has none, in a section by
what stands before the metric's last slash; these sections are named here too, to be folded.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlflow.entities import Run

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
COLUMNS = 2  # charts side by side
NO_FOLDER = "Model metrics"  # MLflow's section of the metrics without a slash
LOOKED_AT = 1000  # runs: as many as MLflow gives in one answer


def save_view(place: Destination) -> None:
    """Put the view of trainings into the experiment, where it is not there as it is now."""
    put_view(place, NAME, view_state(metrics_of(runs_looked_at(place))))


def put_view(place: Destination, name: str, state: Mapping[str, Any]) -> None:
    """Put a view into the experiment, where it is not there as it is now."""
    experiment = place.client.get_experiment(place.experiment_id)
    view = {
        "name": name,
        "createdAt": experiment.creation_time,
        "updatedAt": experiment.creation_time,
        "state": json.dumps(state),
    }
    if experiment.tags.get(TAG) != (text := json.dumps(view)):
        place.client.set_experiment_tag(place.experiment_id, TAG, text)


def view_state(metrics: Iterable[str]) -> dict[str, Any]:
    """What is shown of the runs; all else is as MLflow has it.

    Args:
        metrics: that there are; those without a chart here get one in a folded section.
    """
    charts = [
        line_chart(metric, section) for section, shown in SECTIONS.items() for metric in shown
    ]
    shown = {metric for metrics in SECTIONS.values() for metric in metrics}
    sections = dict.fromkeys(SECTIONS, COLUMNS)
    return {**arranged(sections, charts, set(metrics) - shown), "runsHiddenMode": "FIRST_20_RUNS"}


def arranged(
    sections: Mapping[str, int], charts: Sequence[Mapping[str, Any]], others: Iterable[str]
) -> dict[str, Any]:
    """The part of a view's state that says which charts stand where.

    Args:
        sections: that are open, in their order, with how many charts stand side by side.
        charts: in them.
        others: metrics without a chart; MLflow gives them one each, in sections that are folded.
    """
    folded = {metric.rpartition("/")[0] or NO_FOLDER for metric in others}
    ours = [_section(title, columns, shown=True) for title, columns in sections.items()]
    rest = [_section(name, COLUMNS, shown=False) for name in sorted(folded)]
    return {
        "compareRunSections": [*ours, *rest],
        "compareRunCharts": list(charts),
        "isAccordionReordered": True,  # else sections are sorted by name
        "hideEmptyCharts": True,
    }


def runs_looked_at(place: Destination) -> list[Run]:
    """Of the experiment, as many as tell what there is to show."""
    found: list[Run] = place.client.search_runs([place.experiment_id], max_results=LOOKED_AT)
    return found


def metrics_of(runs: Iterable[Run]) -> set[str]:
    """The metrics that some run has."""
    return {metric for run in runs for metric in run.data.metrics}


def chart(kind: str, name: str, section: str) -> dict[str, Any]:
    """What a chart of any kind says of itself; `name` tells it from the others."""
    return {
        "type": kind,
        "uuid": f"dagm {name}",
        "metricSectionId": f"dagm {section}",
        "deleted": False,
        "isGenerated": False,
    }


def _section(name: str, columns: int, *, shown: bool) -> dict[str, Any]:
    return {
        "uuid": f"dagm {name}",
        "name": name,
        "display": shown,
        "isReordered": False,
        "deleted": False,
        "isGenerated": False,
        "columns": columns,
        "cardHeight": 320,
    }


def line_chart(metric: str, section: str) -> dict[str, Any]:
    """A metric of each run by iteration."""
    return {
        **chart("LINE", metric, section),
        "metricKey": metric,
        "selectedMetricKeys": [metric],
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

"""The view on which a person sees a sweep first: what the searched parameters do to the accuracy.

Saved in the sweep's experiment as the view of trainings is in theirs (see `tracking/view.py`). The
keys are those of MLflow's (3.17) cards: `selectedParams` and `selectedMetrics` of `PARALLEL`,
`xaxis` and `yaxis` (`key` and `type`, PARAM or METRIC) of `SCATTER`.
"""

from collections.abc import Sequence
from typing import Any

from mlflow.entities import Run

from dagm_transfer.core.errors import UserError
from dagm_transfer.tracking.location import SWEEP
from dagm_transfer.tracking.store import Destination
from dagm_transfer.tracking.view import (
    arranged,
    chart,
    line_chart,
    metrics_of,
    put_view,
    runs_looked_at,
)

NAME = "Trials"
SEARCHED = ("variant.", "model.")  # what a sweep can vary; its log's other parameters are constant
LEARNING_RATE = "learning_rate"  # the last part of a parameter's name
ACCURACY, TO_TARGET, CURVE = "sweep/accuracy", "sweep/to_target", "val/accuracy"
# Sorted by a metric the trials stand alone; below their parent, folded, they would be in no chart.
FLAT = {
    "orderByKey": f"metrics.`{ACCURACY}`",
    "orderByAsc": False,
    "searchFilter": "",
    "startTime": "ALL",
    "lifecycleFilter": "Active",
    "modelVersionFilter": "All Runs",
    "datasetsFilter": [],
}
PARAMETERS, ACCURACIES = "Parameters and accuracy", "Accuracy"
SECTIONS = {PARAMETERS: 1, ACCURACIES: 2}  # charts side by side: many axes need the whole width


def save_sweep_view(place: Destination) -> None:
    """Put the view of trials into a sweep's experiment, where it is not there as it is now."""
    put_view(place, NAME, sweep_view_state(runs_looked_at(place)))


def save_sweep_views(place: Destination) -> None:
    """The same for every sweep of the store."""
    for sweep in sweeps(place).values():
        save_sweep_view(sweep)


def sweeps(place: Destination) -> dict[str, Destination]:
    """The sweeps of the store by the names of their studies."""
    found = place.client.search_experiments(filter_string=f"name LIKE '{SWEEP}%'")
    return {
        one.name.removeprefix(SWEEP): Destination(place.client, one.experiment_id, place.lock)
        for one in sorted(found, key=lambda one: one.name)
    }


def sweep_named(place: Destination, name: str) -> Destination:
    """One of them.

    Raises:
        UserError: there is none of this name.
    """
    known = sweeps(place)
    if name not in known:
        there = f"there are {', '.join(known)}" if known else "`dagm sweep run` makes one"
        raise UserError(f"--sweep: no sweep {name} in the tracking store; {there}")
    return known[name]


def sweep_view_state(runs: Sequence[Run]) -> dict[str, Any]:
    """What is shown of a sweep's runs, its parent among them.

    Without trials there are no charts yet.
    """
    params = _searched(runs)
    # A chart of a metric that no run has would be empty: a sweep that prunes has no second aim.
    aims = [metric for metric in (TO_TARGET, ACCURACY) if metric in metrics_of(runs)] or [CURVE]
    if not params:
        return {**arranged({}, (), metrics_of(runs)), **FLAT}
    charts = [
        {
            **chart("PARALLEL", "parameters", PARAMETERS),
            "selectedParams": params,
            "selectedMetrics": aims,  # the last one colours the lines
            "showAllRuns": True,
        },
        {
            **chart("SCATTER", "scatter", ACCURACIES),
            "xaxis": {"key": params[0], "type": "PARAM"},
            "yaxis": {"key": aims[-1], "type": "METRIC"},
            "runsCountToCompare": 100,
        },
        line_chart(CURVE, ACCURACIES),
    ]
    return {
        **arranged(SECTIONS, charts, metrics_of(runs) - {CURVE}),
        "runsHiddenMode": "SHOW_ALL",
        **FLAT,
    }


def _searched(runs: Sequence[Run]) -> list[str]:
    """The parameters in which the trials differ, the learning rate first; it alone if none do."""
    values: dict[str, set[str]] = {}
    for run in runs:
        for name, value in run.data.params.items():
            if name.startswith(SEARCHED):
                values.setdefault(name, set()).add(value)
    rates = [name for name in values if name.endswith(LEARNING_RATE)]
    varied = [name for name, found in values.items() if len(found) > 1]
    return sorted(varied, key=lambda name: (name not in rates, name)) or rates[:1]

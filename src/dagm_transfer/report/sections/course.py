"""When training did what it did: layer metrics over iterations, of the trunks that were kept."""

import math
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.tables import read_csv
from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.depths import HIGH, LAST, LOW
from dagm_transfer.report.figures.base import Curve
from dagm_transfer.report.figures.course import course_figure
from dagm_transfer.report.found.results import any_layers

CHANGE, INACTIVE = "weight_change", "inactive_channels"
# Of the panels: what they are called, and the depths they are means over.
METRICS = {CHANGE: "weight change", INACTIVE: "inactive channels"}
UPPER, END = "depths 8 to 13", "last convolution"
PLACES = {"depths 1 to 7": LOW, UPPER: HIGH, END: LAST}
Course = Mapping[tuple[str, str], Curve]  # of one run: a curve a metric and group of depths


def course_section(study: Study) -> Section | None:
    """How layers changed on the way; None where no run kept snapshots."""
    courses = {
        variant: found
        for variant, runs in study.results.items()
        if (found := [c for run in runs if (c := _read(study.root, run.begin.key))])
    }
    if not courses:
        return None
    rows = {
        label: {
            place: {
                variant: [course[metric, place] for course in of] for variant, of in courses.items()
            }
            for place in PLACES
        }
        for metric, label in METRICS.items()
    }
    inputs = any_layers(study.results).inputs
    return Section(
        anchor="course",
        title="The course of training",
        found=_found(courses),
        control=_control(courses),
        drawings=[
            Drawing(
                name="course",
                figure=course_figure(rows, "When the layers changed"),
                alt="Weight change and inactive channels against iterations, by depth",
                caption="Relative change of the kernels since the start, and the share of channels "
                f"silent in one input (mean over {inputs} test inputs), at the trunks that were "
                "kept; means over the depths of a panel. Iteration 0 is the network before "
                "training. What is not finite is left out.",
            )
        ],
    )


def _read(root: Path, key: str) -> Course:
    """The course of a run; empty where it kept no snapshots."""
    path = root / AnalysisPaths(key).course
    values: dict[tuple[str, str, int], list[float]] = {}
    for row in read_csv(path) if path.exists() else []:
        for group, depths in PLACES.items():
            if row["metric"] in METRICS and int(row["depth"]) in depths:
                of = values.setdefault((row["metric"], group, int(row["iteration"])), [])
                of.append(float(row["value"]))
    found: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
    for (metric, group, step), each in sorted(values.items()):
        steps, means = found.setdefault((metric, group), ([], []))
        steps.append(step)
        means.append(fmean(each))
    return found


def _found(courses: Mapping[str, list[Course]]) -> str:
    """How far each variant had gone at the first kept trunk."""
    said = []
    for variant, of in courses.items():
        moved = [course[CHANGE, UPPER] for course in of if course[CHANGE, UPPER][1][-1] > 0]
        if moved:
            share = fmean(change[1] / change[-1] for _, change in moved)
            first, last = moved[0][0][1], moved[0][0][-1]
            said.append(f"{variant} {share:.0%} after {first} of {last} iterations")
    way = "Of the way that the kernels at depths 8 to 13 went, these had gone"
    return f"{way}: {'; '.join(said)}." if said else "No trunk changed that is finite."


def _control(courses: Mapping[str, list[Course]]) -> str:
    """What of the silence at the last convolution was there before training."""
    said = []
    for variant, of in courses.items():
        ends = [(course[INACTIVE, END][1][0], course[INACTIVE, END][1][-1]) for course in of]
        finite = [pair for pair in ends if all(map(math.isfinite, pair))]
        if finite:
            before, after = (fmean(values) for values in zip(*finite, strict=True))
            said.append(f"{variant} {before:.0%} before training, {after:.0%} after it")
    return f"Inactive at the last convolution: {'; '.join(said)}." if said else ""

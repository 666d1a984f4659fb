"""How sure an average precision is, and which variant is ahead by it."""

import math
from statistics import fmean

import numpy as np

from dagm_transfer.metrics.intervals import mean_interval, seed_interval
from dagm_transfer.metrics.resampled_precision import (
    average_precision_interval,
    resampled_average_precision,
)
from dagm_transfer.report.found.results import Groups, Result

Interval = tuple[float, float]


def precision_interval(runs: list[Result], kind: str, prefix: str) -> Interval:
    """The 95 % interval of a variant's average precision.

    Args:
        runs: its seeds, of which one at least has an average precision.
        kind: of the judged images, `patch` or `image`.
        prefix: of their metrics.
    """
    with_one = [run for run in runs if f"{prefix}/defect_ap" in run.metrics]
    judged = with_one[0].judged[kind]
    if len(with_one) > 1:
        values = [run.metrics[f"{prefix}/defect_ap"] for run in with_one]
        return seed_interval(values, len(set(judged.images)), with_one[0].overlap)
    return average_precision_interval(judged.scores, judged.defective, judged.images)


def ahead(results: Groups, kind: str, prefix: str) -> str:
    """Which variant has the largest average precision, and whether its lead over the next is sure.

    Empty where fewer than two variants have one.

    Args:
        results: the runs by variant.
        kind: of the judged images, `patch` or `image`.
        prefix: of their metrics.
    """
    name = f"{prefix}/defect_ap"
    means = {
        variant: fmean(run.metrics[name] for run in runs)
        for variant, runs in results.items()
        if all(math.isfinite(run.metrics.get(name, math.nan)) for run in runs)
    }
    if len(means) < 2:
        return ""
    first, second = sorted(means, key=lambda variant: -means[variant])[:2]
    what = f"on the test {'images' if kind == 'image' else 'patches'}"
    shown = {variant: f"{mean:.3f}" for variant, mean in means.items()}
    if shown[first] == shown[second]:
        level = [variant for variant in means if shown[variant] == shown[first]]
        named = f"{', '.join(level[:-1])} and {level[-1]}"
        return f"By average precision {what} {named} are level at {shown[first]}."
    seeds = {run.begin.seed for run in results[first]} & {r.begin.seed for r in results[second]}
    pairs = [
        tuple(next(r for r in results[v] if r.begin.seed == seed) for v in (first, second))
        for seed in sorted(seeds)
    ]
    said = (
        f"By average precision {what} {first} is ahead with {shown[first]}; next is {second} with "
        f"{shown[second]}"
    )
    if not pairs:
        return f"{said}."
    low, high = _lead(pairs, kind, name)
    over = f"over {len(pairs)} seeds" if len(pairs) > 1 else "over the images"
    sure = "sure" if low > 0 else "not sure"
    return f"{said}. The lead is {sure}: its 95 % interval {over} is {low:+.3f} to {high:+.3f}."


def _lead(pairs: list[tuple[Result, ...]], kind: str, name: str) -> Interval:
    """The interval of the difference: Student's over seeds, else a paired bootstrap over images."""
    if len(pairs) > 1:
        leads = [one.metrics[name] - other.metrics[name] for one, other in pairs]
        return mean_interval(leads, pairs[0][0].overlap)
    drawn = [
        resampled_average_precision(judged.scores, judged.defective, judged.images)
        for judged in (run.judged[kind] for run in pairs[0])
    ]
    low, high = np.nanpercentile(drawn[0] - drawn[1], [2.5, 97.5])
    return float(low), float(high)

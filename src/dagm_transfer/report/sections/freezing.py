"""How much of the trunk has to be tuned: from the logs of sweeps."""

from collections.abc import Callable, Sequence
from statistics import median

from dagm_transfer.report.contents import Drawing, Section, Study
from dagm_transfer.report.figures.base import Curve
from dagm_transfer.report.figures.freezing import freezing_figure
from dagm_transfer.report.figures.studies import Dot, learning_rate_figure
from dagm_transfer.report.found.sweep_logs import (
    FREEZING,
    SEARCHED,
    SweptTrial,
    pareto_numbers,
    swept_trials,
)
from dagm_transfer.report.tables.html_tables import percent

SHOWN = (1, 5, 8, 11, 13, 14)  # depths named in the sentence
LEVEL = 0.005  # accuracy that counts as level with the best
Value = Callable[[SweptTrial], float]


def freezing_section(study: Study) -> Section | None:
    """The sweeps over depths and learning rates; None where none was made on these data."""
    tried = swept_trials(study.root, FREEZING, study.data)
    searched = swept_trials(study.root, SEARCHED, study.data)
    if not tried and not searched:
        return None
    return Section(
        anchor="freezing",
        title="How much of the trunk has to be tuned",
        study="not in the study; Kim (2017) froze all or nothing",
        published="78.76 % with the trunk frozen, 99.95 % fine-tuned (Kim 2017).",
        found=_found(tried) if tried else "",
        control=_searched(searched, study) if searched else "",
        drawings=[
            *([_freezing(tried)] if tried else ()),
            *([_rates(searched)] if searched else ()),
        ],
    )


def _by_rate(trials: Sequence[SweptTrial]) -> dict[float, list[SweptTrial]]:
    rates = sorted({trial.learning_rate for trial in trials})
    return {rate: [t for t in trials if t.learning_rate == rate] for rate in rates}


def _curves(trials: Sequence[SweptTrial], value: Value) -> list[Curve]:
    """One a seed, over depths."""
    curves: list[Curve] = []
    for seed in sorted({trial.seed for trial in trials}):
        points = sorted((t.depth, value(t)) for t in trials if t.seed == seed)
        curves.append(([depth for depth, _ in points], [found for _, found in points]))
    return curves


def _best(trials: Sequence[SweptTrial]) -> dict[int, float]:
    """At each depth the accuracy at the better learning rate, the median over seeds."""
    return {
        depth: max(
            median(t.accuracy for t in of_rate if t.depth == depth)
            for of_rate in _by_rate([t for t in trials if t.depth == depth]).values()
        )
        for depth in sorted({trial.depth for trial in trials})
    }


def _found(trials: Sequence[SweptTrial]) -> str:
    best, seeds = _best(trials), len({trial.seed for trial in trials})
    most = max(best.values())
    level = [str(depth) for depth, accuracy in best.items() if accuracy >= most - LEVEL]
    said = ", ".join(f"{depth}: {percent(best[depth])}" for depth in SHOWN if depth in best)
    return (
        f"Validation accuracy after {trials[0].iterations} iterations at the better learning rate "
        f"(median of {seeds} seed{'s' * (seeds > 1)}), by the first depth that trains: {said}. "
        f"Within half a point of the best, {percent(most)}: {', '.join(level)}."
    )


def _searched(trials: Sequence[SweptTrial], study: Study) -> str:
    """What a sampler found where it could choose depth and learning rate together."""
    best = max(trials, key=lambda trial: (trial.accuracy, -trial.to_target))
    of_depth = {
        depth: max(trial.accuracy for trial in trials if trial.depth == depth)
        for depth in sorted({trial.depth for trial in trials})
    }
    said = ", ".join(f"{depth}: {percent(accuracy)}" for depth, accuracy in of_depth.items())
    return (
        f"An Optuna sweep of {len(trials)} trials of {trials[0].iterations} iterations over depths "
        f"and learning rates together (one seed, {study.facts['inputs']['val']} validation "
        f"{study.unit}) ends best at {percent(best.accuracy)}: from depth {best.depth}, learning "
        f"rate {best.learning_rate:.2g}. The best from each depth: {said}."
    )


def _freezing(trials: Sequence[SweptTrial]) -> Drawing:
    by_rate = {f"learning rate {rate:g}": found for rate, found in _by_rate(trials).items()}
    return Drawing(
        "freezing",
        freezing_figure(
            {name: _curves(found, lambda trial: trial.accuracy) for name, found in by_rate.items()},
            {
                name: _curves(found, lambda trial: trial.to_target)
                for name, found in by_rate.items()
            },
            f"{_target(trials)} of validation",
        ),
        f"Accuracy at the end, and iterations to {_target(trials)}, by the first depth that trains",
        f"Fine-tuning for {trials[0].iterations} iterations with all depths before it frozen. "
        "Lines: median over seeds, bands from the least to the largest. A training that never got "
        "there counts as all its iterations.",
    )


def _target(trials: Sequence[SweptTrial]) -> str:
    return f"{100 * trials[0].target:g} %"


def _rates(trials: Sequence[SweptTrial]) -> Drawing:
    best = pareto_numbers(trials)
    dots = [
        Dot(t.number, t.accuracy, t.to_target, t.reached, t.learning_rate, t.depth,
            best=t.number in best)
        for t in trials
    ]  # fmt: skip
    return Drawing(
        "sweep",
        learning_rate_figure(dots, trials[0].target, "Trials of an Optuna sweep"),
        "Validation accuracy of each trial against its learning rate",
        "Each mark is a training; its colour is the first depth that trained. A filled one that "
        "lies low got there and fell back; of those in the Pareto set no other is both more "
        "accurate and sooner at the target. Momentum was tried "
        "with them and is not shown.",
    )

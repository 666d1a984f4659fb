"""Verdicts follow from the rule, and change with the numbers."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from stage_outputs import write_lines

from dagm_transfer.analysis.label_flatness import COLUMNS
from dagm_transfer.analysis.paths import AnalysisPaths
from dagm_transfer.core.files import write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.report.claims.evidence import Evidence
from dagm_transfer.report.claims.significance import (
    LEVEL,
    Effect,
    holm,
    least_distance,
    p_value,
    significance,
)
from dagm_transfer.report.claims.table import (
    CLAIMS,
    RECIPES,
    caption_of,
    claims_json,
    decided,
    shown,
)
from dagm_transfer.report.claims.training import frozen_fails, one_epoch, overfits, transfer_faster
from dagm_transfer.report.claims.verdict import RIGHT, decide
from dagm_transfer.report.contents import Study
from dagm_transfer.report.found.results import gather
from dagm_transfer.source.paths import TRUNK

SURE = {seed: 1.0 + seed / 10 for seed in range(5)}
OPPOSITE = {seed: -value for seed, value in SURE.items()}
OPEN = dict(enumerate([1.0, -1.0, 0.5, -0.7, 0.1]))
GOOD = dict.fromkeys(range(5), 1.0)
SAME = dict.fromkeys(range(5), 0.3)


def verdict(*recipes: list[Effect]) -> str:
    by_recipe = dict(zip(RECIPES, recipes, strict=False))
    return decide(by_recipe, RECIPES, significance(by_recipe).p_value).verdict


def effect(values, control=None, accuracies=GOOD) -> list[Effect]:
    return [Effect("", values, control or {}, {"finetune": accuracies})]


def named(what, values) -> list[Effect]:
    return [replace(effect(values)[0], what=what)]


@pytest.mark.parametrize(
    ("recipes", "said"),
    [
        ([effect(SURE), effect(SURE)], "holds"),
        ([effect(SURE, control=OPEN), effect(SURE, control=OPEN)], "holds"),
        (
            [effect(SURE, control=SURE), effect(SURE, control=SURE)],
            "holds, but the control shows it as well",
        ),
        (
            [effect(SURE, control=SAME)] * 2,  # one trunk for all seeds
            "holds, but the control shows it as well",
        ),
        ([effect(OPPOSITE), effect(OPPOSITE)], "does not hold"),
        ([effect(OPPOSITE) + effect(SURE)] * 2, "does not hold"),
        ([effect(SURE)], "undecided"),  # one recipe alone
        ([effect(SURE), effect(OPPOSITE)], "undecided"),
        ([effect(SURE), effect(OPEN)], "undecided"),
        ([effect(OPEN), effect(OPEN)], "undecided"),
        ([effect({0: 1.0, 1: 1.1, 2: 1.2})] * 2, "undecided"),
        ([effect(SAME)] * 2, "undecided"),  # no interval
        ([effect(SAME) + effect(SURE)] * 2, "holds"),
        ([effect(SAME) + effect(OPEN)] * 2, "undecided"),
        ([effect(SAME) + effect(SURE), effect(SAME)], "undecided"),
        ([effect(SAME) + effect(OPPOSITE)] * 2, "does not hold"),
        ([effect(dict.fromkeys(range(5), 0.0)) + effect(SURE)] * 2, "undecided"),
        ([effect(dict.fromkeys(range(5), -0.3)) + effect(SURE)] * 2, "undecided"),
        ([effect(SURE, accuracies={**GOOD, 3: 0.98})] * 2, "undecided"),
        ([effect(SURE, accuracies={**GOOD, 3: math.nan})] * 2, "undecided"),
        ([effect({**SURE, 2: math.nan})] * 2, "undecided"),
        ([[], []], "not tested at this scale"),
        ([effect({}), effect({0: math.nan})], "not tested at this scale"),
    ],
)
def test_the_rule(recipes, said):
    assert verdict(*recipes) == said


def test_p_values_are_scipys():
    assert p_value(OPEN) == pytest.approx(ttest_1samp(list(OPEN.values()), 0).pvalue)
    assert math.isnan(p_value({0: 1.0, 1: 2.0}))


def test_seeds_with_folds_of_their_own_decide_less_easily():
    # Sure at 5 % where each seed has data of its own, but not where they share training images.
    values = dict(enumerate([1.0, 0.2, 0.6, 0.5, 0.3]))
    assert p_value(values) < 0.05 < p_value(values, 0.25)


def test_holms_correction_is_the_textbooks():
    # Holm 1979: sorted p times (number of tests still open), never falling.
    assert holm([0.005, 0.011, 0.02, 0.04, 0.13]) == pytest.approx([0.025, 0.044, 0.06, 0.08, 0.13])
    assert holm([0.6, 0.5]) == [1.0, 1.0]


def test_many_rows_make_each_harder():
    effects = {name: effect(SURE) for name in RECIPES}
    assert decide(effects, RECIPES, 0.049).verdict == "holds"
    found = decide(effects, RECIPES, holm([0.049, *[0.5] * 20])[0])
    assert found.verdict == "undecided"
    assert found.reason == (
        "the means lie on its side, surely so alone (p = 7.1e-05), but not over all rows (p = 1)"
    )
    alone = decide({name: effect(OPEN) for name in RECIPES}, RECIPES, p_value(OPEN))
    assert alone.reason == f"on the other side lies '', but not surely (p = {p_value(OPEN):.2g})"


@pytest.mark.parametrize("overlap", [0.0, 0.25])
def test_how_far_from_0_a_mean_has_to_lie_is_where_holms_first_step_is_met(overlap):
    spread = np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) / np.std([-1.0, -0.5, 0.0, 0.5, 1.0], ddof=1)
    for rows in (1, 14):
        mean = least_distance(rows, overlap)
        near, far = (
            holm([p_value(dict(enumerate(mean * by + spread)), overlap), *[1.0] * (rows - 1)])[0]
            for by in (0.99, 1.01)
        )
        assert far < LEVEL < near


def test_the_caption_says_how_many_rows_were_tested(project, sketches):
    study = five_seeds(project, sketches)
    rows = decided(study)
    tested = sum(math.isfinite(significance(row.effects).p_value) for row in rows)
    assert 0 < tested < len(rows)
    assert f"({tested} were tested) the surest has to lie" in caption_of(rows, 0.0)
    assert "Each seed trained and tested on another fold" not in caption_of(rows, 0.0)
    assert "Each seed trained and tested on another fold" in caption_of(rows, 0.25)
    assert "were tested" not in caption_of([], 0.0)


def test_a_claim_is_as_sure_as_the_least_sure_of_its_numbers():
    weak = {seed: value - 0.9 for seed, value in SURE.items()}
    found = significance({"finetune": effect(SURE) + effect(weak), "finetune_edge": effect(SURE)})
    assert (found.side, found.p_value) == (1, p_value(weak))


def test_against_a_claim_the_surest_number_counts_for_as_many_as_there_were():
    against = effect(SURE) + effect(OPPOSITE) + effect(OPEN)
    found = significance({"finetune": against, "finetune_edge": effect(OPPOSITE)})
    assert (found.side, found.p_value) == (-1, pytest.approx(3 * p_value(OPPOSITE)))


@pytest.mark.parametrize(
    ("recipes", "reason"),
    [
        (
            [effect(SURE), effect(OPPOSITE)],
            "the means lie on its side in finetune, on the other side in finetune_edge",
        ),
        ([named("gain", OPPOSITE) + named("loss", SURE)] * 2, "on the other side lies 'gain'"),
        (
            [[replace(effect(SURE)[0], once=True)]] * 2,
            "it was measured once, on what no seed varies",
        ),
        (
            [effect(SURE, accuracies={**GOOD, 3: 0.98})] * 2,
            "1 of the 5 networks compared are below 99% of validation: finetune-s3",
        ),
    ],
)
def test_why_nothing_is_decided_is_said(recipes, reason):
    by_recipe = dict(zip(RECIPES, recipes, strict=True))
    assert decide(by_recipe, RECIPES, 0.001).reason == reason


def test_a_control_is_named():
    by_recipe = {name: effect(SURE, control=SURE) for name in RECIPES}
    found = decide(by_recipe, RECIPES, 0.001, "a random trunk")
    assert found.reason == "so does a random trunk"


def study_of(project) -> Study:
    root = project.root
    return Study(
        gather(project.keys, root), ("scratch_aug", "finetune"), None,
        Prepared(root / PREPARED), root / TRUNK, root / RAW, root,
    )  # fmt: skip


def five_seeds(project, sketches, **layers) -> Study:
    """Five seeds of scratch_aug, and of transfer in both recipes with layers as asked."""
    right = replace(sketches["finetune"], plateau=1.05)  # whatever the noise
    for seed in range(5):
        project.add("scratch_aug", seed, replace(right, init="he", halfway=8))
        for name in RECIPES:
            project.add(name, seed, replace(right, layers=layers))
    return study_of(project)


def rows_of(study):
    return {row.claim.name: row for row in decided(study)}


def test_other_numbers_give_other_verdicts_and_other_words(tmp_path, project, sketches):
    names = ("flatness", "flatness_over_rotation", "flatness_over_channels")
    other = type(project)(tmp_path / "other")
    flatter = rows_of(five_seeds(project, sketches, **dict.fromkeys(names, -0.3)))
    curved = rows_of(five_seeds(other, sketches, **dict.fromkeys(names, 0.3)))
    assert flatter["flatter"].decision.verdict == "holds"
    assert curved["flatter"].decision.verdict == "does not hold"
    words = [
        next(row for row in shown(rows.values()) if row.claim.name == "flatter").measured
        for rows in (flatter, curved)
    ]
    said = "finetune: D, scratch_aug minus transfer, the least over labels (0 where they disagree)"
    assert words[0][0].startswith(f"{said}: +0.")
    assert words[1][0].startswith(f"{said}: -0.")
    assert [line.count("; control ") for line in words[0]] == [1] * 6, "each has its own"


def test_where_nothing_is_compared_lines_are_no_evidence(project, sketches):
    study = five_seeds(project, sketches)
    write_lines(project.root)
    found = rows_of(replace(study, compared=()))["coexists_less"]
    assert found.decision.verdict == "not tested at this scale"


def test_flatter_is_what_is_flatter_in_every_label(project, sketches):
    names = ("flatness", "flatness_over_rotation", "flatness_over_channels")
    study = five_seeds(project, sketches, **dict.fromkeys(names, -0.3))
    for seed in range(5):  # by far enough that means over labels stay below those of scratch_aug
        path = project.root / AnalysisPaths(f"finetune-s{seed}").flatness
        rows = read_csv(path)
        for row in rows:
            if row["metric"] == "flatness" and row["label"] == rows[0]["label"]:
                row["value"] = str(float(row["value"]) + 0.4)
        write_text(path, to_csv(rows, COLUMNS))
    decision = rows_of(study)["flatter"].decision
    assert decision.verdict == "undecided"


def test_few_seeds_decide_nothing(project):
    for variant in ("scratch", "finetune", "frozen"):
        project.add_usual(variant)
    rows = rows_of(study_of(project))
    assert set(rows) == {claim.name for claim in CLAIMS}
    assert {row.decision.verdict for row in rows.values()} <= {
        "undecided", "not tested at this scale",
    }  # fmt: skip
    assert rows["low_depths_still"].decision.reason == "1 of the 5 seeds that a verdict needs"


def test_without_transfer_nothing_is_tested(project):
    project.add_usual("scratch")
    rows = decided(study_of(project))
    assert {row.decision.verdict for row in rows} == {"not tested at this scale"}
    json.dumps(claims_json(rows), allow_nan=False)


def test_iterations_to_95_are_read_off_the_curve(project, sketches):
    project.add("scratch_aug", 0, sketches["scratch"], diverges_at=50)
    project.add("scratch_aug", 1, sketches["scratch"])
    for seed in (0, 1):
        project.add("finetune", seed, sketches["finetune"])
    evidence = Evidence(study_of(project), "finetune")
    slower = transfer_faster(evidence)[0].values
    curve = evidence.runs("finetune")[1].curve("val/accuracy")
    first = next(step for step, value in zip(*curve, strict=True) if value >= 0.95)
    assert math.isnan(slower[0]), "it diverged: how long it would have taken is not known"
    assert slower[1] == pytest.approx(math.log2(120 / first))


@pytest.mark.parametrize("gain", [SAME, dict.fromkeys(range(5), 0.0)])
def test_a_number_that_no_seed_varies_is_named(gain):
    others = [] if gain is SAME else named("loss", SURE)
    by_recipe = dict.fromkeys(RECIPES, named("gain", gain) + others)
    found = decide(by_recipe, RECIPES, significance(by_recipe).p_value)
    assert found.reason == "no interval, alike in every seed: 'gain'"


@pytest.mark.parametrize(("plateau", "shows"), [(1.05, True), (0.97, False)])
def test_less_than_an_epoch_can_show_that_one_suffices_and_never_that_it_does_not(
    project, sketches, plateau, shows
):
    project.add("finetune", 0, replace(sketches["finetune"], plateau=plateau))
    study = study_of(project)
    (run,) = study.results["finetune"]
    whole = run.curve("val/accuracy")[1]
    (effect,) = one_epoch(Evidence(study, "finetune"))
    assert effect.values[0] == pytest.approx(whole[1] - RIGHT), "300 inputs are ten iterations"

    inputs = {**run.begin.data["inputs"], "train": 32 * 1000}
    shorter = replace(run, begin=replace(run.begin, data={**run.begin.data, "inputs": inputs}))
    (effect,) = one_epoch(Evidence(replace(study, results={"finetune": [shorter]}), "finetune"))
    assert (
        effect.values[0] == pytest.approx(whole[-1] - RIGHT)
        if shows
        else math.isnan(effect.values[0])
    )


def test_a_frozen_trunk_that_still_rises_or_diverged_has_not_failed(project, sketches):
    project.add("finetune", 0, sketches["finetune"])
    project.add("frozen", 0, sketches["finetune"])
    study = study_of(project)
    (run,) = study.results["frozen"]
    settled = [replace(e, metrics={**e.metrics, "val/accuracy": 0.7}) for e in run.evaluations]
    rising = [replace(e, metrics={**e.metrics, "val/accuracy": place / 20})
              for place, e in enumerate(run.evaluations)]  # fmt: skip

    def lost(of):
        frozen = replace(of, metrics={**of.metrics, "test/accuracy": 0.7})
        results = {**study.results, "frozen": [frozen]}
        (found,) = frozen_fails(Evidence(replace(study, results=results), "finetune"))
        return found.values[0]

    (transfer,) = study.results["finetune"]
    expected = transfer.metrics["test/accuracy"] - 0.7 - 0.05
    assert lost(replace(run, evaluations=settled)) == pytest.approx(expected)
    assert math.isnan(lost(replace(run, evaluations=rising)))
    assert math.isnan(lost(replace(run, evaluations=settled, diverged=True)))


def test_overfitting_is_told_of_the_same_mix_of_labels(project, sketches):
    for variant in ("scratch", "finetune"):
        project.add(variant, 0, sketches[variant])
    study = study_of(project)
    (found,) = overfits(Evidence(study, "finetune"))
    gap = {
        name: runs[0].curve("train/accuracy")[1][-1] - runs[0].metrics["test/balanced_accuracy"]
        for name, runs in study.results.items()
    }
    assert found.values[0] == pytest.approx(gap["scratch"] - gap["finetune"])
    assert found.accuracies.keys() == {"finetune"}


def test_what_was_measured_once_is_no_test_and_makes_no_other_harder():
    against = dict.fromkeys(RECIPES, effect({0: -1.0}))
    assert math.isnan(significance(against).p_value)
    assert holm([0.03, significance(against).p_value])[0] == 0.03

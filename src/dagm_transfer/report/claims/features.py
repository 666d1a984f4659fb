"""Claims about what the features are like."""

from collections.abc import Callable

from dagm_transfer.report.claims.claim import Claim, nothing
from dagm_transfer.report.claims.evidence import AUGMENTED, BySeed, Evidence, above, below, less
from dagm_transfer.report.claims.significance import Effect
from dagm_transfer.report.depths import LAST, LOW, UP_TO_8
from dagm_transfer.report.found.results import Result

SAME = 0.9  # CKA that counts as the same features
NEAR_0 = 0.05  # share of dead channels


def low_features_stay(evidence: Evidence) -> list[Effect]:
    """CKA to the start over depths 1 to 7; scratch_aug to its own start is the control."""
    kept, control = (
        above(evidence.layer(variant, "cka_to_start", LOW), SAME)
        for variant in (evidence.transfer, AUGMENTED)
    )
    return [
        evidence.effect(
            f"CKA to the start minus {SAME:g}", kept, control=control, right=[evidence.transfer]
        )
    ]


def sparsity_jumps(evidence: Evidence) -> list[Effect]:
    """Dead channels: few at any depth up to 8, more at the last, and more than in scratch_aug."""
    metrics = ("sparsity", "sparsity_initial")
    most, most_before = (evidence.of(evidence.transfer, _most_up_to_8(m)) for m in metrics)
    at_last, at_last_before = (evidence.layer(evidence.transfer, m, LAST) for m in metrics)
    last, last_before = (_over_scratch(evidence, m) for m in metrics)
    right = [evidence.transfer, AUGMENTED]
    return [
        evidence.effect(
            f"{NEAR_0:g} minus the most dead channels at a depth up to 8",
            below(most, NEAR_0),
            control=below(most_before, NEAR_0),
            right=right,
        ),
        evidence.effect(
            "dead channels at the last depth minus the most of those",
            less(at_last, most),
            control=less(at_last_before, most_before),
            right=right,
        ),
        evidence.effect(
            "dead channels at the last depth, transfer minus scratch_aug",
            last,
            control=last_before,
            right=right,
        ),
    ]


def flatter(evidence: Evidence) -> list[Effect]:
    """Raw discrepancy and both excesses at the last depth, scratch_aug minus transfer.

    In every label: what counts is the one that differs least, and 0 where they disagree.
    """
    named = {
        "flatness": "D",
        "flatness_over_rotation": "excess of D over flat clouds of the same covariance",
        "flatness_over_channels": "excess of D over flat clouds of the same channels",
    }
    return [
        evidence.effect(
            f"{said}, scratch_aug minus transfer, the least over labels (0 where they disagree)",
            evidence.less_flat(metric),
            control=evidence.less_flat(f"{metric}_initial"),
            right=[evidence.transfer, AUGMENTED],
        )
        for metric, said in named.items()
    ]


def selects(evidence: Evidence) -> list[Effect]:
    """Live channels that are best matched by the channel in their own place before training."""

    def over_floor(variant: str) -> BySeed:
        return less(
            evidence.layer(variant, "match_correlation", LAST),
            evidence.layer(variant, "match_floor", LAST),
        )

    return [
        evidence.effect(
            "share matched by their own, transfer minus scratch_aug",
            _over_scratch(evidence, "matched_own"),
            right=[evidence.transfer, AUGMENTED],
        ),
        evidence.effect(
            "correlation with the best match over that of images shuffled inside labels",
            over_floor(evidence.transfer),
            control=over_floor(AUGMENTED),
            right=[evidence.transfer],
        ),
    ]


def sparsity_of_the_source(evidence: Evidence) -> list[Effect]:
    """Inactive on one image: as many as half of it before training, and less than half dead."""
    after = evidence.layer(evidence.transfer, "inactive_channels", LAST)
    before = evidence.layer(evidence.transfer, "inactive_channels_initial", LAST)
    dead = evidence.layer(evidence.transfer, "sparsity", LAST)
    half = {seed: value / 2 for seed, value in after.items()}
    return [
        evidence.effect(
            "inactive on one image before training, minus half of that after",
            less(before, half),
            right=[evidence.transfer],
        ),
        evidence.effect("half of that minus dead over the data", less(half, dead)),
    ]


def _most_up_to_8(metric: str) -> Callable[[Result], float]:
    return lambda run: max(run.layer(metric, [depth]) for depth in UP_TO_8)


def _over_transfer(evidence: Evidence, metric: str) -> BySeed:
    return evidence.over_transfer(lambda variant: evidence.layer(variant, metric, LAST))


def _over_scratch(evidence: Evidence, metric: str) -> BySeed:
    return below(_over_transfer(evidence, metric), 0.0)


OF_FEATURES = (
    Claim(
        "low_features_stay",
        "Low-level features stay the same",
        "said, not shown",
        f"CKA to the network before training above {SAME:g}, mean over depths 1 to 7; the control "
        "is scratch_aug to its own start",
        low_features_stay,
        control="scratch_aug, held against its own start",
    ),
    Claim(
        "sparsity_jumps",
        "Transfer is dense up to depth 8, and sparse at the end",
        "90.47 % dead at the last depth, scratch_aug 8.44 %",
        f"at most {100 * NEAR_0:g} % dead over the data at any depth up to 8, more at depth 13, "
        "and more there than in scratch_aug",
        sparsity_jumps,
    ),
    Claim(
        "flatter",
        "The features of transfer lie on flatter manifolds",
        "table 1, values not public",
        "raw D, and its excess over both kinds of flat clouds, below scratch_aug's at the last "
        "depth in every label; a number on which labels disagree is 0",
        flatter,
    ),
    Claim(
        "selects",
        "Transfer selects features rather than creating them",
        "said, not shown",
        "live channels have their own source channel as best match more often than scratch_aug "
        "its start's, and correlate with it above what the labels alone give; the control is "
        "scratch_aug's correlation with its own start",
        selects,
        control="scratch_aug, held against its own start",
    ),
    Claim(
        "sparsity_of_the_source",
        "Ours: such sparsity is of one image, and was there before training",
        "not discussed",
        "at least half as many channels are inactive on one image before training, and less than "
        "half of those after it are dead over the data",
        sparsity_of_the_source,
    ),
    Claim(
        "diverse_source_suffices",
        "Any source will do that is large and diverse",
        "said, not shown",
        "needs networks from other sources",
        nothing,
    ),
)

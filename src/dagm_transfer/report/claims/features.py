"""Claims about what the features are like."""

from dagm_transfer.report.claims.claim import Claim, nothing
from dagm_transfer.report.claims.evidence import BySeed, Evidence, above, below, less
from dagm_transfer.report.claims.training import AUGMENTED, LOW
from dagm_transfer.report.claims.verdict import Effect

LAST, UP_TO_8 = range(13, 14), range(1, 9)
SAME = 0.9  # CKA that counts as the same features
NEAR_0 = 0.05  # share of dead channels


def far_apart(evidence: Evidence) -> list[Effect]:
    """Photographs lie farther from a texture than textures from each other; one source trunk."""

    def farther(trunk: str) -> float:
        return evidence.distance(trunk, "source and one texture") - evidence.distance(
            trunk, "textures"
        )

    return [
        evidence.effect(
            "distance of photographs and a texture less that of two textures, over their spreads",
            {0: farther("source")},
            control={0: farther("random")},
        )
    ]


def few_show_the_defect(evidence: Evidence) -> list[Effect]:
    """Fewer channels active on a whole image, and one of them shows the defect."""
    active, before = (
        less(
            evidence.response(AUGMENTED, when, "response", "active"),
            evidence.response(evidence.transfer, when, "response", "active"),
        )
        for when in ("after", "before")
    )
    middle = evidence.response(evidence.transfer, "baseline", "middle", "pixel_auroc")
    shown, shown_before = (
        less(evidence.response(evidence.transfer, when, "best_channel", "pixel_auroc"), middle)
        for when in ("after", "before")
    )
    right = [evidence.transfer, AUGMENTED]
    return [
        evidence.effect(
            "share of channels active, scratch_aug less transfer",
            active,
            control=before,
            right=right,
        ),
        evidence.effect(
            "pixel AUROC of the best channel over that of the image's middle",
            shown,
            control=shown_before,
            right=right,
        ),
    ]


def coexists_less(evidence: Evidence) -> list[Effect]:
    """Coexistence along the line at equal margins, scratch_aug less transfer."""
    named = {"coexistence_at_margin": "coexistence at equal margins",
             "coexistence_of_two": "the same of the two labels alone"}  # fmt: skip
    return [
        evidence.effect(
            f"{said}, scratch_aug less transfer",
            _fewer_on_the_line(evidence, "after", metric),
            control=_fewer_on_the_line(evidence, "pixels", metric),
            right=[evidence.transfer, AUGMENTED],
        )
        for metric, said in named.items()
    ]


def low_features_stay(evidence: Evidence) -> list[Effect]:
    """CKA to the start over depths 1 to 7; scratch_aug to its own start is the control."""
    kept, control = (
        above(evidence.layer(variant, "cka_to_start", LOW), SAME)
        for variant in (evidence.transfer, AUGMENTED)
    )
    return [
        evidence.effect(
            f"CKA to the start over {SAME:g}", kept, control=control, right=[evidence.transfer]
        )
    ]


def sparsity_jumps(evidence: Evidence) -> list[Effect]:
    """Dead channels: few up to depth 8, and at the last depth more than in scratch_aug."""
    low, low_before = (
        below(evidence.layer(evidence.transfer, metric, UP_TO_8), NEAR_0)
        for metric in ("sparsity", "sparsity_initial")
    )
    last, last_before = (_over_scratch(evidence, m) for m in ("sparsity", "sparsity_initial"))
    right = [evidence.transfer, AUGMENTED]
    return [
        evidence.effect(
            f"dead channels up to depth 8 below {NEAR_0:g}", low, control=low_before, right=right
        ),
        evidence.effect(
            "dead channels at the last depth, transfer less scratch_aug",
            last,
            control=last_before,
            right=right,
        ),
    ]


def flatter(evidence: Evidence) -> list[Effect]:
    """Raw discrepancy and both excesses at the last depth, scratch_aug less transfer."""
    named = {
        "flatness": "D",
        "flatness_over_rotation": "D over flat ones of the same covariance",
        "flatness_over_channels": "D over flat ones of the same channels",
    }
    return [
        evidence.effect(
            f"{said}, scratch_aug less transfer",
            below(_over_scratch(evidence, metric), 0.0),
            control=below(_over_scratch(evidence, f"{metric}_initial"), 0.0),
            right=[evidence.transfer, AUGMENTED],
        )
        for metric, said in named.items()
    ]


def selects(evidence: Evidence) -> list[Effect]:
    """Live channels that are best matched by the channel in their own place before training."""
    floor = less(
        evidence.layer(evidence.transfer, "match_correlation", LAST),
        evidence.layer(evidence.transfer, "match_floor", LAST),
    )
    return [
        evidence.effect(
            "share matched by their own, transfer less scratch_aug",
            _over_scratch(evidence, "matched_own"),
            right=[evidence.transfer, AUGMENTED],
        ),
        evidence.effect(
            "correlation with the best match over that of shuffled images",
            floor,
            right=[evidence.transfer],
        ),
    ]


def sparsity_of_the_source(evidence: Evidence) -> list[Effect]:
    """Inactive on one image: most of it before training, and far more than dead over the data."""
    after = evidence.layer(evidence.transfer, "inactive_channels", LAST)
    before = evidence.layer(evidence.transfer, "inactive_channels_initial", LAST)
    dead = evidence.layer(evidence.transfer, "sparsity", LAST)
    half = {seed: value / 2 for seed, value in after.items()}
    return [
        evidence.effect(
            "inactive on one image before training, less half of that after",
            less(before, half),
            right=[evidence.transfer],
        ),
        evidence.effect("inactive on one image less dead over the data", less(after, dead)),
    ]


def _over_scratch(evidence: Evidence, metric: str) -> BySeed:
    transfer, scratch = (
        evidence.layer(variant, metric, LAST) for variant in (evidence.transfer, AUGMENTED)
    )
    return less(transfer, scratch)


def _fewer_on_the_line(evidence: Evidence, network: str, metric: str) -> BySeed:
    scratch, transfer = (
        evidence.line(variant, network, metric) for variant in (AUGMENTED, evidence.transfer)
    )
    return less(scratch, transfer)


OF_FEATURES = (
    Claim(
        "far_apart",
        "Source and target lie far apart in the features of a CNN",
        "figure only",
        "photographs lie farther from a texture than textures from each other, at the last depth; "
        "the control is a random trunk",
        far_apart,
    ),
    Claim(
        "low_features_stay",
        "Low-level features stay the same",
        "said, not shown",
        f"CKA to the network before training above {SAME:g}, mean over depths 1 to 7; the control "
        "is scratch_aug to its own start",
        low_features_stay,
    ),
    Claim(
        "sparsity_jumps",
        "Transfer is dense up to depth 8, and sparse at the end",
        "90.47 % dead at the last depth, scratch_aug 8.44 %",
        f"at most {100 * NEAR_0:g} % dead over the data up to depth 8, and at depth 13 more than "
        "scratch_aug",
        sparsity_jumps,
    ),
    Claim(
        "few_show_the_defect",
        "The few channels that are active after transfer show the defect",
        "figure only",
        "fewer channels active on a whole image than in scratch_aug, and the best one, chosen on "
        "training images, finds the defect better than the image's middle",
        few_show_the_defect,
    ),
    Claim(
        "flatter",
        "The features of transfer lie on flatter manifolds",
        "table 1, values not public",
        "raw D, and D over both kinds of flat clouds, below scratch_aug's at the last depth",
        flatter,
    ),
    Claim(
        "coexists_less",
        "Between two textures transfer shows less coexistence of both defects",
        "figure only",
        "coexistence index at equal margins below scratch_aug's; the control is the blending of "
        "pixels",
        coexists_less,
    ),
    Claim(
        "selects",
        "Transfer selects features rather than creating them",
        "said, not shown",
        "live channels have their own source channel as best match more often than scratch_aug "
        "its start's, and correlate with it above chance",
        selects,
    ),
    Claim(
        "sparsity_of_the_source",
        "Ours: such sparsity is of one image, and was there before training",
        "not discussed",
        "most channels inactive on one image were so before training, and fewer are dead over the "
        "data",
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

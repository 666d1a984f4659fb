"""Claims that the study shows in pictures: of domains, of responses, of lines between groups."""

from functools import partial

from dagm_transfer.report.claims.claim import Claim
from dagm_transfer.report.claims.evidence import AUGMENTED, Evidence, less
from dagm_transfer.report.claims.significance import Effect


def far_apart(evidence: Evidence) -> list[Effect]:
    """Photographs lie farther from a group than groups from each other; one source trunk."""

    def farther(trunk: str) -> float:
        apart = evidence.distance(trunk, "source and one group")
        return apart - evidence.distance(trunk, "groups")

    return [
        evidence.effect(
            "distance of photographs and a group minus that of two groups, over their spreads",
            {0: farther("source")},
            control={0: farther("random")},
            once=True,
        )
    ]


def few_show_the_defect(evidence: Evidence) -> list[Effect]:
    """Fewer channels active on a whole image, and one of them shows the defect."""
    active, before = (
        evidence.over_transfer(
            partial(evidence.response, when=when, heat="response", metric="active")
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
            "share of channels active, scratch_aug minus transfer",
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
    """Coexistence along the line at equal margins, scratch_aug minus transfer.

    At the first depth that lines were drawn at: behind the last one an average pool leaves logits
    straight, and every network has the same.
    """
    named = {"coexistence_at_margin": "coexistence at equal margins",
             "coexistence_of_two": "the same of the two labels alone"}  # fmt: skip
    return [
        evidence.effect(
            f"{said}, scratch_aug minus transfer",
            evidence.over_transfer(partial(evidence.line, network="after", metric=metric)),
            control=evidence.over_transfer(partial(evidence.line, network="pixels", metric=metric)),
            right=[evidence.transfer, AUGMENTED],
        )
        for metric, said in named.items()
    ]


OF_PICTURES = (
    Claim(
        "far_apart",
        "Source and target lie far apart in the features of a CNN",
        "figure only",
        "photographs lie farther from a group than groups from each other, at the last depth; "
        "the control is a random trunk",
        far_apart,
        control="a random trunk",
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
        "coexists_less",
        "Between two textures transfer shows less coexistence of both defects",
        "figure only",
        "coexistence index at equal margins below scratch_aug's, at the middle depth: at the last "
        "one an average pool gives every network the same; the control is the blending of pixels",
        coexists_less,
        control="the blending of pixels",
    ),
)

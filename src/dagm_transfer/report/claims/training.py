"""Claims about how training went: accuracy, speed, weights."""

import math

from scipy.stats import linregress

from dagm_transfer.report.claims.claim import Claim
from dagm_transfer.report.claims.evidence import AUGMENTED, Evidence, above, below, less
from dagm_transfer.report.claims.significance import Effect
from dagm_transfer.report.claims.verdict import RIGHT
from dagm_transfer.report.depths import ALL, LOW
from dagm_transfer.report.found.results import Result

SCRATCH, FROZEN = "scratch", "frozen"
STILL = 0.05  # relative change of weights that counts as hardly any
FAILS = 0.05  # accuracy below fine-tuning that counts as a failure
GOAL = 0.95  # validation accuracy that counts as having got there


def overfits(evidence: Evidence) -> list[Effect]:
    """Training over test accuracy at the end, scratch against transfer.

    Both as a mean over labels: the watched training inputs have as many of each.
    """

    def gap(run: Result) -> float:
        if run.diverged:
            return math.nan
        return run.curve("train/accuracy")[1][-1] - run.metrics["test/balanced_accuracy"]

    both = less(evidence.of(SCRATCH, gap), evidence.of(evidence.transfer, gap))
    return [
        evidence.effect(
            "gap between training and test, scratch minus transfer", both, right=[evidence.transfer]
        )
    ]


def augmentation(evidence: Evidence) -> list[Effect]:
    """Scratch with augmentation is better than without, and slower than transfer."""
    name = "val/accuracy"
    better = less(evidence.last(AUGMENTED, name), evidence.last(SCRATCH, name))
    return [
        evidence.effect(
            "validation accuracy, scratch_aug minus scratch", better, right=[AUGMENTED]
        ),
        _slower(evidence),
    ]


def transfer_faster(evidence: Evidence) -> list[Effect]:
    """Transfer gets there sooner than scratch with augmentation."""
    return [_slower(evidence)]


def transfer_better(evidence: Evidence) -> list[Effect]:
    """Transfer ends higher than scratch with augmentation."""
    name = "test/accuracy"
    better = less(evidence.metric(evidence.transfer, name), evidence.metric(AUGMENTED, name))
    return [
        evidence.effect(
            "test accuracy, transfer minus scratch_aug",
            better,
            right=[evidence.transfer, AUGMENTED],
        )
    ]


def frozen_fails(evidence: Evidence) -> list[Effect]:
    """A frozen trunk ends more than five points below transfer.

    One that was still rising, or whose loss was not finite, has not shown where it ends.
    """
    name = "test/accuracy"

    def ended(run: Result) -> float:
        return math.nan if run.diverged or run.is_rising else run.metrics[name]

    lost = less(evidence.metric(evidence.transfer, name), evidence.of(FROZEN, ended))
    return [
        evidence.effect(
            f"test accuracy, transfer minus frozen, minus {FAILS:g}",
            above(lost, FAILS),
            right=[evidence.transfer],
        )
    ]


def moves_less(evidence: Evidence) -> list[Effect]:
    """Relative weight change over all depths at the end.

    The control is the length of training, where trunks were kept on the way (`train.snapshots`): by
    how much transfer had moved more after the same sum of steps.
    """
    return [
        evidence.effect(
            "weight change, scratch_aug minus transfer",
            evidence.over_transfer(lambda variant: evidence.layer(variant, "weight_change", ALL)),
            control=below(evidence.moved_more_at_equal_sums(), 0.0),
            right=[AUGMENTED, evidence.transfer],
        )
    ]


def opposite_trends(evidence: Evidence) -> list[Effect]:
    """The slope of the weight change over depth."""

    def slope(run: Result) -> float:
        changes = run.over_depth("weight_change")
        return float(linregress(range(len(changes)), changes).slope) if changes else math.nan

    rising = evidence.of(evidence.transfer, slope)
    falling = evidence.of(AUGMENTED, slope)
    return [
        evidence.effect("slope over depth, transfer", rising, right=[evidence.transfer]),
        evidence.effect("fall over depth, scratch_aug", below(falling, 0.0), right=[AUGMENTED]),
    ]


def low_depths_still(evidence: Evidence) -> list[Effect]:
    """Depths 1 to 7 of transfer."""
    moved = evidence.layer(evidence.transfer, "weight_change", LOW)
    return [
        evidence.effect(
            f"{STILL:g} minus the weight change of depths 1-7",
            below(moved, STILL),
            right=[evidence.transfer],
        )
    ]


def one_epoch(evidence: Evidence) -> list[Effect]:
    """Validation accuracy of transfer after one epoch.

    A shorter training that ends right shows that less would do; one that does not shows nothing.
    """

    def after_one(run: Result) -> float:
        epoch = run.begin.data["inputs"]["train"] / run.begin.params["train"]["batch_size"]
        curve = [*zip(*run.curve("val/accuracy"), strict=True)]
        last = curve[-1][1]
        shorter = last if last >= RIGHT else math.nan
        return next((value for step, value in curve if step >= epoch), shorter)

    reached = evidence.of(evidence.transfer, after_one)
    return [
        evidence.effect(
            f"validation accuracy after one epoch, minus {RIGHT:g}", above(reached, RIGHT)
        )
    ]


def _slower(evidence: Evidence) -> Effect:
    """Iterations to 95 %, as powers of two.

    A run that never got there counts as all it trained; one that diverged has none.
    """

    def reached(run: Result) -> float:
        steps, values = run.curve("val/accuracy")
        first = next((step for step, value in zip(steps, values, strict=True) if value >= GOAL), 0)
        if not first and run.diverged:
            return math.nan
        return math.log2(max(1, first or steps[-1]))

    return evidence.effect(
        "doublings of the iterations to 95 % of validation, scratch_aug minus transfer",
        evidence.over_transfer(lambda variant: evidence.of(variant, reached)),
        right=[evidence.transfer],
    )


OF_TRAINING = (
    Claim(
        "scratch_overfits",
        "From scratch, without augmentation, the network overfits",
        "70.87 % on test",
        "training exceeds test accuracy, both as means over labels, by more than it does for "
        "transfer",
        overfits,
    ),
    Claim(
        "augmentation_cures_slowly",
        "Rotations and flips cure it, slowly",
        "99.55 % after 320,000 iterations",
        "scratch_aug ends above scratch, and needs more iterations than transfer",
        augmentation,
    ),
    Claim(
        "transfer_faster",
        "Transfer is faster",
        "2,242 iterations, where scratch_aug takes 320,000",
        "fewer iterations to 95 % of validation than scratch_aug",
        transfer_faster,
    ),
    Claim(
        "transfer_better",
        "Transfer ends more accurate",
        "99.90 %, scratch_aug 99.55 %",
        "more test accuracy than scratch_aug",
        transfer_better,
    ),
    Claim(
        "frozen_fails",
        "A frozen trunk fails",
        "78.76 % (Kim 2017)",
        f"frozen, rising no more, ends more than {100 * FAILS:g} points of test accuracy below "
        "transfer",
        frozen_fails,
    ),
    Claim(
        "one_epoch_suffices",
        "One epoch of fine-tuning suffices",
        "99.95 % (Kim 2017)",
        f"validation accuracy over {RIGHT:.0%} after one epoch, or after less",
        one_epoch,
    ),
    Claim(
        "moves_less",
        "Transfer changes the weights less",
        "figure only",
        "relative change, mean over all depths, below that of scratch_aug; the control is the "
        "opposite, transfer minus scratch_aug, at the point of both trainings where learning rate "
        "x iterations / (1 - momentum) is equal",
        moves_less,
        control="the length of training: after as many steps transfer had moved more",
    ),
    Claim(
        "opposite_trends",
        "Over depth the changes run in opposite directions",
        "figure only",
        "the change rises with depth for transfer and falls for scratch_aug",
        opposite_trends,
    ),
    Claim(
        "low_depths_still",
        "Depths 1 to 7 stay still",
        "figure only",
        f"relative change of depths 1 to 7 below {100 * STILL:g} % on average",
        low_depths_still,
    ),
)

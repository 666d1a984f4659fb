"""The study's claim about students, and the numbers that decide it."""

from dagm_transfer.inspection.students.paths import NO_TEACHER
from dagm_transfer.inspection.students.student_table import TEACHER
from dagm_transfer.report.claims.claim import Claim, nothing
from dagm_transfer.report.claims.evidence import AUGMENTED, BySeed, above, below, less
from dagm_transfer.report.claims.significance import Effect, significance
from dagm_transfer.report.claims.table import Row, Shown, shown
from dagm_transfer.report.claims.verdict import decide
from dagm_transfer.report.students.student_results import StudentResults

TRANSFER, FROM_SCRATCH = "finetune", (AUGMENTED, "scratch")
HARDLY = 1.0  # points of accuracy that count as hardly any
METRIC, VALIDATION = "test/accuracy", "val/accuracy"


def students_claim(results: StudentResults) -> Shown | None:
    """The claim with its verdict; None where one of its two teachers has no students."""
    scratch = next((name for name in FROM_SCRATCH if name in results.teachers), None)
    if scratch is None or TRANSFER not in results.teachers:
        return None
    divisor = results.divisors[-1]
    claim = Claim(
        "students_of_transfer",
        f"A student with 1/{divisor} of the filters keeps the accuracy of a transferred teacher, "
        "and loses that of one trained from scratch",
        "0.48 points lost at 1/128 (99.90 to 99.42 %), nearly 5 from a teacher trained from "
        "scratch (Kim, Noh and Park 2020)",
        f"below {TRANSFER}, the student loses less than {HARDLY:g} point of test accuracy, and "
        f"less than a student of {scratch} loses below its own teacher",
        nothing,
        control="a student without a teacher",
    )
    effects = _effects(results, scratch, divisor)
    by_recipe = {TRANSFER: effects}
    decision = decide(by_recipe, [TRANSFER], significance(by_recipe).p_value, claim.control)
    return shown([Row(claim, by_recipe, decision)])[0]


def points_lost(results: StudentResults, teacher: str, student: str, divisor: int) -> BySeed:
    """By how many points of test accuracy a student is below a teacher, by seed."""
    lost = less(
        results.by_seed(teacher, TEACHER, METRIC), results.by_seed(student, divisor, METRIC)
    )
    return {seed: 100 * value for seed, value in lost.items()}


def _effects(results: StudentResults, scratch: str, divisor: int) -> list[Effect]:
    lost = points_lost(results, TRANSFER, TRANSFER, divisor)
    alone = points_lost(results, TRANSFER, NO_TEACHER, divisor)
    more = less(points_lost(results, scratch, scratch, divisor), lost)
    right = {TRANSFER: results.by_seed(TRANSFER, TEACHER, VALIDATION)}
    over = f"points lost with {scratch} over those with {TRANSFER}"
    few = f"{HARDLY:g} minus the points lost below {TRANSFER}"
    return [
        Effect(few, below(lost, HARDLY), below(alone, HARDLY), right, results.overlap),
        Effect(over, above(more, 0.0), {}, right, results.overlap),
    ]

"""What an operating point may promise, in sentences: what so few images do not exclude."""

from collections.abc import Iterator

from dagm_transfer.inspection.thresholds.operating_point import OperatingPoint, Outcome
from dagm_transfer.judging.judgement import Judgement
from dagm_transfer.judging.threshold_rule import per_thousand
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import images_to_exclude, largest_rate

GOOD = 0.01  # a miss rate that a quality manager may ask to be promised
THREE = 3  # of the rule of three, which says nothing of fewer images


def promises(point: OperatingPoint) -> Iterator[str]:
    """The miss rates that cannot be excluded, and where there is a limit the false-alarm rates."""
    parts = {"validation": point.val.overall, "test": point.test.overall}
    for part, found in parts.items():
        yield f"{part}: {miss_promise(found)}"
        if point.rule.false_alarm_limit is not None:
            yield f"{part}: {false_alarm_promise(found)}"


def miss_promise(found: Outcome) -> str:
    """What is known of the miss rate from some images; without a miss also by the rule of three.

    >>> miss_promise(Outcome(defects=12, misses=0, normals=9, false_alarms=0, cost=0.0))
    '0 of 12 defects missed; a miss rate of up to 22.1 % cannot be excluded (rule of three: 25.0 %)'
    >>> miss_promise(Outcome(defects=12, misses=1, normals=9, false_alarms=0, cost=20.0))
    '1 of 12 defects missed; a miss rate of up to 33.9 % cannot be excluded'
    """
    return _not_excluded(found.misses, found.defects, "defects missed", "a miss rate")


def false_alarm_promise(found: Outcome) -> str:
    """What is known of the false-alarm rate from some images.

    >>> false_alarm_promise(Outcome(defects=0, misses=0, normals=0, false_alarms=0, cost=0.0))
    '0 of 0 normal images rejected; nothing can be excluded'
    """
    return _not_excluded(
        found.false_alarms, found.normals, "normal images rejected", "a false-alarm rate"
    )


def without_inspector(found: Outcome, costs: Costs) -> str:
    """What it would cost to inspect nothing: any threshold has to be worth more than that.

    >>> images = Outcome(defects=2, misses=1, normals=30, false_alarms=1, cost=21.0)
    >>> without_inspector(images, Costs(20, 1))
    'to pass every image would cost 40, to reject every image 30'
    """
    passing, rejecting = costs.miss * found.defects, costs.false_alarm * found.normals
    return f"to pass every image would cost {passing:g}, to reject every image {rejecting:g}"


def reckoned_with(val: Outcome) -> str:
    """How many images are defective where the cost was reckoned: a production line has fewer.

    >>> reckoned_with(Outcome(defects=12, misses=0, normals=12, false_alarms=0, cost=0.0))
    '50.0 % of these images are defective; where fewer are, false alarms cost more in all than here'
    """
    share = _percent(val.defects / (val.defects + val.normals))
    return (
        f"{share} of these images are defective; where fewer are, false alarms cost more in all "
        "than here"
    )


def warnings(run: Judgement, point: OperatingPoint) -> Iterator[str]:
    """What the images cannot show, and why; and where the threshold itself is of little use."""
    val, test = point.val.overall, point.test.overall
    yield from _useless(val)
    needed = images_to_exclude(GOOD)
    if max(val.defects, test.defects) < needed:
        yield (
            f"too few defects to promise that less than {100 * GOOD:g} % is missed: that takes "
            f"{needed:,} of them without a miss, and there are {val.defects} on validation, "
            f"{test.defects} on test"
        )
    if point.rule.false_alarm_limit is not None:
        yield from _of_limit(point.rule.false_alarm_limit, val, test)
    yield from _not_all_judged(run)


def _useless(val: Outcome) -> Iterator[str]:
    if not val.defects:
        yield "validation has no defective image: nothing shows which threshold finds defects"
    elif not val.found:
        yield "no defect of validation reaches this threshold"
    if not val.normals:
        yield "validation has no normal image: nothing shows which threshold passes them"
    elif val.false_alarms == val.normals:
        yield "every normal image of validation is a false alarm at this threshold"


def _of_limit(limit: float, val: Outcome, test: Outcome) -> Iterator[str]:
    asked = f"{per_thousand(limit)} in 1,000"
    if val.normals and 0 < limit < 1 / val.normals:
        yield (
            f"one false alarm among the {val.normals} normal images of validation is "
            f"{1000 / val.normals:.1f} in 1,000 already: at most {asked} means "
            "none"
        )
    if limit > 0 and max(val.normals, test.normals) < (needed := images_to_exclude(limit)):
        yield (
            f"too few normal images to show that at most {asked} are false alarms: that takes "
            f"{needed:,} without one, and there are {val.normals} on validation, {test.normals} "
            "on test"
        )
    if test.normals and test.false_alarms / test.normals > limit:
        yield (
            f"on test {test.false_alarms} of {test.normals} normal images are false alarms, "
            f"{1000 * test.false_alarms / test.normals:.1f} in 1,000: more than the {asked} that "
            "were asked for"
        )


def _not_all_judged(run: Judgement) -> Iterator[str]:
    whole, counts = run.settings.whole, []
    judged = {"val": run.wholes("val"), "test": run.wholes("test")}
    for part, name in (("val", "validation"), ("test", "test")):
        if len(judged[part].images) < run.images[part]:
            of_them = f"{len(judged[part].images)} of {run.images[part]}"
            counts.append(f"{of_them} whole images of {name}")
    if counts:
        limits = [
            f"{most} {kind}"
            for kind, most in (("normal", whole.normal), ("defective", whole.defective))
            if most
        ]
        yield (
            f"judged are {' and '.join(counts)}: judge.whole in params.yaml asks for at most "
            f"{' and '.join(limits)} ones a group; 0 asks for all of them"
        )


def _not_excluded(events: int, total: int, what: str, rate: str) -> str:
    found = f"{events} of {total} {what}"
    if not total:
        return f"{found}; nothing can be excluded"
    by_three = not events and total >= THREE
    three = f" (rule of three: {_percent(THREE / total)})" if by_three else ""
    most = _percent(largest_rate(events, total))
    return f"{found}; {rate} of up to {most} cannot be excluded{three}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"

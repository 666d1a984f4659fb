"""A network held against validation and test images."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dagm_transfer.core.progress import Counted
from dagm_transfer.data.prepared import Part, Prepared
from dagm_transfer.judging.scores import Judged, detection_metrics, judge_images, judge_inputs
from dagm_transfer.judging.settings import Judge
from dagm_transfer.judging.threshold_rule import ThresholdRule, rule_of
from dagm_transfer.judging.windows import Bytes, Logits
from dagm_transfer.metrics.detection import Costs, cost_of

PARTS: tuple[Part, ...] = ("val", "test")
Progress = Callable[[int, int], None]
Read = Callable[[str], Bytes]


@dataclass(frozen=True)
class JudgedSet:
    """Validation and test images judged alike, and the threshold that was set on the former.

    `kind` is `patch` or `image`.
    """

    kind: str
    val: Judged
    test: Judged
    threshold: float

    def parts(self) -> list[tuple[Part, Judged]]:
        """Both parts under their names."""
        return [("val", self.val), ("test", self.test)]

    def metrics(self, prefix: str, costs: Costs) -> dict[str, float]:
        """The detection metrics of the test images under `prefix/`."""
        return detection_metrics(prefix, self.test, self.threshold, costs)

    def validation_cost(self, costs: Costs) -> float:
        """What the validation images cost at the threshold."""
        return cost_of(self.val.scores >= self.threshold, self.val.defective, costs)


@dataclass(frozen=True)
class JudgedSets:
    """The inputs of the network, and what an image's judgement rests on: the same or windows."""

    inputs: JudgedSet
    wholes: JudgedSet | None

    @property
    def headline(self) -> JudgedSet:
        """Whole images, by windows where inputs are patches."""
        return self.wholes or self.inputs

    def by_prefix(self) -> dict[str, JudgedSet]:
        """Each under the prefix of its metrics."""
        return {"test": self.inputs, **({"image": self.wholes} if self.wholes else {})}

    def metrics(self, costs: Costs) -> dict[str, float]:
        """The detection metrics of all of them."""
        return {
            name: value
            for prefix, found in self.by_prefix().items()
            for name, value in found.metrics(prefix, costs).items()
        }


def costs_of(settings: Judge) -> Costs:
    """What a miss and a false alarm cost."""
    return Costs(settings.miss_cost, settings.false_alarm_cost)


def judged_sets(
    logits: Logits, settings: Judge, *, data: Prepared, read: Read, on_image: Progress
) -> JudgedSets:
    """Judge validation and test images: all inputs, and so many whole images as the settings say.

    Args:
        logits: the network, from grey bytes to logits.
        settings: how to judge.
        data: that the network was trained on.
        read: the pixels [H, W] of the raw image of a name.
        on_image: told how many whole images are judged, of how many.
    """
    patches = data.facts["input"] == "patch"

    def inputs_of(part: Part) -> Judged:
        inputs = data.inputs(part)
        return judge_inputs(logits, inputs.pixels, inputs.labels, inputs.images)

    costs, kind = costs_of(settings), "patch" if patches else "image"
    inputs = judged_set(kind, inputs_of, rule_of(settings, kind), costs)
    if not patches:
        return JudgedSets(inputs, None)
    rows = {part: _chosen(data.images(part), settings) for part in PARTS}
    count = Counted(on_image, sum(map(len, rows.values())))

    def wholes_of(part: Part) -> Judged:
        names = [row["image"] for row in rows[part]]
        return judge_images(
            logits,
            _counted(map(read, names), count),
            np.array([int(row["label"]) for row in rows[part]], dtype=np.int64),
            names,
            size=data.facts["size"],
            stride=settings.whole.stride,
        )

    return JudgedSets(inputs, judged_set("image", wholes_of, rule_of(settings, "image"), costs))


def judged_set(
    kind: str, judge_part: Callable[[Part], Judged], rule: ThresholdRule, costs: Costs
) -> JudgedSet:
    """Judge both parts, and set the threshold on validation.

    Args:
        kind: of what is judged: `image`, or `patch`.
        judge_part: judges one part.
        rule: by which the threshold is set.
        costs: of a miss and of a false alarm.
    """
    val, test = judge_part("val"), judge_part("test")
    return JudgedSet(kind, val, test, rule.threshold(val.scores, val.defective, costs))


def _chosen(rows: Sequence[Mapping[str, str]], settings: Judge) -> list[Mapping[str, str]]:
    """Those whole images of a part that are judged: so many of each label, its kinds in turn."""
    seen: Counter[tuple[str, str]] = Counter()
    turns: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, row in enumerate(rows):
        kind = row["label"], row["defect"]
        turns[row["label"]].append((seen[kind], place))  # its number in its kind comes first
        seen[kind] += 1
    chosen: list[int] = []
    for found in turns.values():
        defective = int(rows[found[0][1]]["defective"])
        limit = settings.whole.defective if defective else settings.whole.normal
        chosen += [place for _, place in sorted(found)[: limit or None]]
    return [rows[place] for place in sorted(chosen)]


def _counted(pixels: Iterable[Bytes], count: Counted) -> Iterator[Bytes]:
    """The same images; one is judged when the next is asked for."""
    for image in pixels:
        yield image
        count.add()

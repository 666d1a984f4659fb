"""One student: what it is made from, and the identity that follows."""

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dagm_transfer.core.files import digest_of
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import TRAINING, Begin, Timing
from dagm_transfer.events.identity import code_digest
from dagm_transfer.inspection.students import distillation, student_start
from dagm_transfer.inspection.students.paths import ClassPaths, size_name
from dagm_transfer.inspection.students.settings import Students, StudentSize
from dagm_transfer.inspection.students.student_start import student_at_start
from dagm_transfer.inspection.students.student_widths import student_widths
from dagm_transfer.models.initial import to_input
from dagm_transfer.models.vgg16 import VGG16, Widths
from dagm_transfer.training import loop
from dagm_transfer.training.batches import spread_subset
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Model, Phase, Train, Variant

SCALED_ON = 64  # training inputs, at most
SETTLED = 0.1  # of the learning rate, in the last iterations


@dataclass(frozen=True)
class StudentRun:
    """One student of a teacher, over the data at hand.

    Attributes:
        paths: of the students of this teacher and seed.
        size: the share of the filters, and the iterations.
        settings: how students are trained.
        model: kind of head.
        train: what all trainings share.
        data: to train on.
        taught_by: sha256 of the teacher's weights; empty where there is none.
        source: where the trunk came from, and the digest of its tensors.
    """

    paths: ClassPaths
    size: StudentSize
    settings: Students
    model: Model
    train: Train
    data: Prepared
    taught_by: str
    source: Mapping[str, str]

    @property
    def key(self) -> str:
        """The name of the student."""
        return f"{self.paths.key}-{size_name(self.size.divisor)}"

    @property
    def widths(self) -> Widths:
        """Of its layers."""
        return student_widths(self.size.divisor)

    @property
    def recipe(self) -> Recipe:
        """How it is trained: at last at a tenth of the learning rate."""
        settings, iterations = self.settings, self.size.iterations
        last = round(settings.settle * iterations)
        spans = [(settings.learning_rate, iterations - last)]
        spans += [(settings.learning_rate * SETTLED, last)] if last else []
        phases = [
            Phase(trainable_from=1, learning_rate=rate, iterations=count) for rate, count in spans
        ]
        variant = Variant(
            init="he",
            input_scale=settings.input_scale,
            augment=settings.augment,
            momentum=settings.momentum,
            weight_decay=0.0,
            evaluate_every=settings.evaluate_every,
            phases=phases,
        )
        return Recipe(variant, self.train, self.paths.seed)

    def params(self) -> dict[str, Any]:
        """The resolved configuration."""
        taught = {"temperature": self.settings.temperature, "alpha": self.settings.alpha}
        return {
            "variant": {"name": self.paths.teacher, **self.recipe.variant.model_dump()},
            "seed": self.paths.seed,
            "model": self.model.model_dump(),
            "train": self.train.model_dump(),
            "student": {"divisor": self.size.divisor, **(taught if self.taught_by else {})},
        }

    @cached_property
    def identity(self) -> str:
        """Digest of parameters, data, teacher, and the code that training runs on."""
        modules = [Path(str(module.__file__)) for module in (loop, distillation, student_start)]
        return digest_of(
            {
                "params": self.params(),
                "data": self.data.facts["inputs_digest"],
                "teacher": self.taught_by,
                "code": code_digest([Path(__file__), *modules]),
            }
        )

    def initial_network(self) -> VGG16:
        """The network as its training starts; the same at every call."""
        inputs, facts = self.data.inputs("train"), self.data.facts
        some = np.array(inputs.pixels[spread_subset(inputs.labels, SCALED_ON)])
        return student_at_start(
            seed=self.paths.seed,
            labels=len(facts["labels"]),
            head=self.model.head,
            size=facts["size"],
            widths=self.widths,
            inputs=to_input(torch.from_numpy(some)[:, None], self.settings.input_scale),
        )

    def begin(self, environment: Mapping[str, str], provenance: Mapping[str, str]) -> Begin:
        """The first event of its log."""
        return Begin(
            identity=self.identity,
            environment=environment,
            key=self.key,
            variant=self.paths.teacher,
            seed=self.paths.seed,
            kind=TRAINING,
            params=self.params(),
            data=self.data.facts,
            source=self.source,
            timing=Timing(time.time(), provenance),
            tags={"teacher.weights": self.taught_by},
        )


def remove_other_sizes(paths: ClassPaths, divisors: Iterable[int], root: Path) -> None:
    """Remove what earlier calls left of sizes that are no longer asked for."""
    names = {size_name(divisor) for divisor in divisors}
    for folder in sorted((root / paths.inspectors).glob("1_*")):
        if folder.name not in names:
            shutil.rmtree(folder)
    for file in sorted((root / paths.logs).glob("1_*")):
        if file.name.partition(".")[0] not in names:
            file.unlink()

"""One run: one variant with one seed, what it is made from, and the identity that follows."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from dagm_transfer.config.training import Model, Train, Variant
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.files import digest_of, digest_of_files, read_json
from dagm_transfer.imports import PACKAGE, closure
from dagm_transfer.models.initial import initial_network
from dagm_transfer.models.vgg16 import VGG16


@dataclass(frozen=True)
class Run:
    """One variant with one seed, over the data and the source trunk at hand."""

    variant: str
    seed: int
    settings: Variant
    model: Model
    train: Train
    data: Prepared
    trunk: Path
    trunk_facts: Path

    @property
    def key(self) -> str:
        """The name of the run's files."""
        return f"{self.variant}-s{self.seed}"

    @cached_property
    def source(self) -> dict[str, str]:
        """Where the trunk came from, and the digest of its tensors."""
        facts: dict[str, str] = read_json(self.trunk_facts)
        return facts

    def params(self) -> dict[str, Any]:
        """The resolved configuration."""
        return {
            "variant": {"name": self.variant, **self.settings.model_dump()},
            "seed": self.seed,
            "model": self.model.model_dump(),
            "train": self.train.model_dump(),
        }

    def identity(self, stage: Path) -> str:
        """Digest of parameters, data, source, and the code that `stage` runs on."""
        return digest_of(
            {
                "params": self.params(),
                "data": self.data.facts["digest"],
                "source": self.source["digest"],
                "code": digest_of_files(closure(stage), PACKAGE),
            }
        )

    def initial_network(self) -> VGG16:
        """The network as the run starts with it; the same at every call."""
        facts = self.data.facts
        return initial_network(
            init=self.settings.init,
            seed=self.seed,
            labels=len(facts["labels"]),
            head=self.model.head,
            size=facts["size"],
            trunk=load_file(self.trunk) if self.settings.init == "imagenet" else {},
        )

"""One run: one variant with one seed, what it is made from, and the identity that follows."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagm_transfer.core.files import digest_of, read_json
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.events.event import TRAINING, Begin, Timing
from dagm_transfer.events.identity import code_digest
from dagm_transfer.models.inits import FROM_SOURCE, FROM_TARGET
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training import loop
from dagm_transfer.training.network import SCALES, network_at_start, scales_for
from dagm_transfer.training.paths import run_key
from dagm_transfer.training.recipe import Recipe
from dagm_transfer.training.settings import Model, Train, Variant


def training_code() -> str:
    """Digest of the code that training runs on."""
    return code_digest([Path(__file__), Path(loop.__file__)])


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
        return run_key(self.variant, self.seed)

    @cached_property
    def source(self) -> dict[str, str]:
        """Where the trunk came from, and the digest of its tensors."""
        facts: dict[str, str] = read_json(self.trunk_facts)
        return facts

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        return Recipe(self.settings, self.train, self.seed)

    def params(self) -> dict[str, Any]:
        """The resolved configuration."""
        return {
            "variant": {"name": self.variant, **self.settings.model_dump()},
            "seed": self.seed,
            "model": self.model.model_dump(),
            "train": self.train.model_dump(),
        }

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The configuration with what followed from data and source: the initial network's recipe.

        It is no part of the identity: another machine's arithmetic rounds it otherwise.
        """
        params = self.params()
        if self.settings.init in FROM_TARGET:
            params[SCALES] = scales_for(params, self.data, self.trunk)
        return params

    @cached_property
    def identity(self) -> str:
        """Digest of parameters, data, source, and the code that training runs on.

        The variant's name changes no weight; it is part of it because runs are known by it.
        """
        transferred = self.settings.init in FROM_SOURCE
        return digest_of(
            {
                "params": self.params(),
                "data": self.data.facts["inputs_digest"],
                "source": self.source["digest"] if transferred else None,
                "code": training_code(),
            }
        )

    def initial_network(self) -> VGG16:
        """The network as the run starts with it; the same at every call."""
        return network_at_start(self.resolved, self.data.facts, self.trunk)

    def begin(self, environment: Mapping[str, str], provenance: Mapping[str, str]) -> Begin:
        """The first event of the run's log."""
        return Begin(
            identity=self.identity,
            environment=environment,
            key=self.key,
            variant=self.variant,
            seed=self.seed,
            kind=TRAINING,
            params=self.resolved,
            data=self.data.facts,
            source=self.source,
            timing=Timing(time.time(), provenance),
        )

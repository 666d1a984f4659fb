"""Stage `embed`: photographs and the target through the source trunk, as maps and as distances."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from threadpoolctl import threadpool_limits

from dagm_transfer.analysis.domains.domain_inputs import SCRAMBLED, DomainInputs, domain_inputs
from dagm_transfer.analysis.domains.domain_maps import (
    METHODS,
    Floats,
    perplexity_of,
    pixel_statistics,
)
from dagm_transfer.analysis.domains.domain_pairs import pairs_of, values_of
from dagm_transfer.analysis.meters.pooled_at import BATCH, pooled_responses
from dagm_transfer.analysis.paths import EMBEDDING, TARGET, EmbeddingPaths
from dagm_transfer.analysis.settings import Embed
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, write_json, write_text
from dagm_transfer.core.tables import Cell, to_csv
from dagm_transfer.data.photographs import (
    Photographs,
    View,
    photographs_in,
    shipped_photographs,
)
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.metrics.sparsity import inactive_channel_share
from dagm_transfer.models.initial import InputScale, initial_network
from dagm_transfer.models.inits import Init
from dagm_transfer.models.vgg16 import NAMES

POINTS = ("method", "depth", "domain", "x", "y")
DOMAINS = ("trunk", "depth", "pair", "a", "b", "metric", "value", "n")
TRUNKS: Mapping[str, Init] = {"source": "imagenet", "random": "he"}
PIXELS = "pixels"  # no trunk: grey levels and octaves, at depth 0
SEED = 0  # of the random trunk
SCALE: InputScale = "bytes"  # the source trunk's own
FEWEST = 8  # inputs of a folder
DECIMALS = 5  # of a point

Key = tuple[str, int]  # a trunk and a depth


def embed(
    settings: Embed,
    *,
    data: Prepared,
    trunk: Path,
    root: Path,
    device: torch.device,
    on_step: Callable[[int, int], None],
) -> None:
    """Write maps of the domains, how far they lie apart, and what they are.

    Args:
        settings: which photographs, how many inputs, which depths.
        data: the target, of training; photographs are cut or resized as they are.
        trunk: the source trunk.
        root: where the pipeline runs; folders of photographs are relative to it.
        device: where the networks run.
        on_step: told how many batches are through the trunks, of how many.

    Raises:
        UserError: a folder of photographs is missing, holds too few or one that cannot be read, or
            is named like another domain.
    """
    photographs = _photographs(settings, data.facts, root)
    shown = {one.name: one.inputs for one in photographs}
    inputs = domain_inputs(shown, data.inputs("train"), data.facts["groups"], settings.inputs)
    features = _features(inputs, settings, data.facts, trunk, device, on_step)
    # Small matrices: more threads wait for each other far longer than they work.
    with threadpool_limits(1, user_api="blas"):
        points = list(_points(inputs, features, settings))
        rows = list(_distances(inputs, features))
    facts = {
        "layers": {str(depth): NAMES[depth - 1] for depth in settings.depths},
        **_facts(photographs, inputs, data.facts),
        "shipped": not settings.photographs,
        "inactive": _inactive(inputs, features, settings),
        "n": rows[0]["n"],
    }
    with beside(root / EMBEDDING) as folder:
        folder.mkdir()
        paths = EmbeddingPaths(folder)
        write_text(paths.points, to_csv(points, POINTS))
        write_text(paths.domains, to_csv(rows, DOMAINS))
        write_json(paths.facts, facts)


def _photographs(settings: Embed, facts: Mapping[str, Any], root: Path) -> list[Photographs]:
    view = View(facts["input"] == "patch", facts["size"], facts["resize"])
    found = [photographs_in(root / name, view, settings.inputs) for name in settings.photographs]
    found = found or [shipped_photographs(view, settings.inputs)]
    names = [*facts["groups"], TARGET, SCRAMBLED, *(one.name for one in found)]
    for one in found:
        count = len(one.inputs.pixels)
        if names.count(one.name) > 1:
            raise UserError(f"embed.photographs: two domains are named {one.name}; rename a folder")
        if count < FEWEST:
            raise UserError(
                f"embed.photographs: {one.name}: {count} photographs; {FEWEST} are needed"
            )
    return found


def _features(
    inputs: DomainInputs,
    settings: Embed,
    facts: Mapping[str, Any],
    trunk: Path,
    device: torch.device,
    on_step: Callable[[int, int], None],
) -> dict[Key, Floats]:
    """What each trunk responds at each depth, and the statistics of the pixels."""
    found = {}
    batches = -(-len(inputs.pixels) // BATCH)
    for place, (name, init) in enumerate(TRUNKS.items()):
        network = initial_network(
            init=init, seed=SEED, labels=1, head="gap", size=facts["size"], trunk=load_file(trunk)
        )

        def on_batch(done: int, _: int, before: int = place * batches) -> None:
            on_step(before + done, len(TRUNKS) * batches)

        responses = pooled_responses(
            network,
            inputs.pixels,
            settings.depths,
            scale=SCALE,
            device=device,
            on_batch=on_batch,
        )
        found.update({(name, depth): pooled for depth, pooled in responses.items()})
    return {**found, (PIXELS, 0): pixel_statistics(inputs.pixels)}


def _points(
    inputs: DomainInputs, features: Mapping[Key, Floats], settings: Embed
) -> Iterator[dict[str, Cell]]:
    domains = inputs.shown_domains
    for depth in settings.depths:
        for method, mapped in METHODS.items():
            found = mapped(features["source", depth][inputs.shown]).round(DECIMALS).tolist()
            for domain, (x, y) in zip(domains, found, strict=True):
                yield {"method": method, "depth": depth, "domain": domain, "x": x, "y": y}


def _distances(inputs: DomainInputs, features: Mapping[Key, Floats]) -> Iterator[dict[str, Cell]]:
    pairs = pairs_of(inputs)
    for (trunk, depth), responses in features.items():
        for pair in pairs:
            for metric, value in values_of(pair, responses):
                yield {
                    "trunk": trunk,
                    "depth": depth,
                    "pair": pair.kind,
                    "a": pair.a,
                    "b": pair.b,
                    "metric": metric,
                    "value": value,
                    "n": len(pair.a_rows),
                }


def _inactive(
    inputs: DomainInputs, features: Mapping[Key, Floats], settings: Embed
) -> dict[str, dict[str, float]]:
    """By depth and domain, the share of the source trunk's channels silent in one input.

    Pooled responses after a ReLU are 0 where a channel is silent everywhere.
    """
    domains = {**inputs.photographs, TARGET: inputs.pooled}
    return {
        str(depth): {
            name: inactive_channel_share(torch.from_numpy(features["source", depth][rows]))
            for name, rows in domains.items()
        }
        for depth in settings.depths
    }


def _facts(
    photographs: list[Photographs], inputs: DomainInputs, facts: Mapping[str, Any]
) -> dict[str, Any]:
    domains = inputs.shown_domains
    return {
        "input": facts["input"],
        "size": facts["size"],
        "photographs": [
            {
                "name": one.name,
                "photographs": len(set(one.inputs.images)),
                "inputs": len(one.inputs.images),
                "digest": one.digest,
            }
            for one in photographs
        ],
        "groups": {group: domains.count(group) for group in inputs.groups},
        "perplexity": perplexity_of(len(domains)),
    }

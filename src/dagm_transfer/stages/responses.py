"""Stage `responses`: whether the last layer's response to whole images shows the defect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from dagm_transfer.analysis.of_seeds import folder_of
from dagm_transfer.analysis.paths import RESPONSES
from dagm_transfer.analysis.responses.heat import class_activation, last_response
from dagm_transfer.analysis.responses.localized import Localized, Shown, baselines, localized
from dagm_transfer.analysis.responses.stored import (
    COLUMNS,
    IMAGE_COLUMNS,
    Row,
    channel_rows,
    image_rows,
    mean_rows,
    save_images,
    save_shown,
)
from dagm_transfer.analysis.responses.whole_images import (
    WholeImage,
    defective_images,
    has_weak_labels,
)
from dagm_transfer.analysis.settings import Responses
from dagm_transfer.core.files import beside, read_json
from dagm_transfer.core.progress import Counted
from dagm_transfer.core.tables import to_csv
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Part, Prepared
from dagm_transfer.events.event import Begin
from dagm_transfer.events.log import begin_of, check_data, check_source, finished_log
from dagm_transfer.models.vgg16 import VGG16
from dagm_transfer.training.network import network_at_end, network_at_start
from dagm_transfer.training.paths import TrainingPaths, run_key

Start = tuple[str, str]  # the initialisation and the input scale: a seed draws the same for both
UNLABELLED = "no image has a weak label: responses are shown, and held against nothing"


def responses(
    variants: Sequence[str],
    seed: int,
    settings: Responses,
    *,
    data: Prepared,
    raw: Path,
    trunk: Path,
    trunk_facts: Path,
    root: Path,
    device: torch.device,
    on_image: Callable[[int, int], None],
) -> list[str]:
    """Measure the last convolution's response of a seed's runs to defective whole images.

    Args:
        variants: of the runs.
        seed: of the runs.
        settings: how many images.
        data: that they were trained on.
        raw: where the whole images lie.
        trunk: the source trunk.
        trunk_facts: its digest.
        root: where the pipeline runs.
        device: where the networks run.
        on_image: told how many images are done, of how many, over all networks.

    Returns:
        What a person should know: images without a weak label.

    Raises:
        UserError: a run is not finished, or was trained on other data or beside another trunk.
    """
    data = data.for_seed(seed)
    keys = [run_key(variant, seed) for variant in variants]
    begins = {key: begin_of(finished_log(TrainingPaths(key).log.below(root))) for key in keys}
    for begin in begins.values():
        check_data(begin, data.facts)
        check_source(begin, read_json(trunk_facts))
    shown = _Images.of(data, settings, raw) if keys else _Images([], [], [])
    images, training = shown.tested, shown.training
    starts = {_start_of(begin) for begin in begins.values()}
    count = Counted(on_image, (len(images) + len(training)) * (len(begins) + len(starts)))
    localizer = _Localizer(images, training, device, count.add)
    values = [baselines(image) for image in images]
    before: dict[Start, Localized] = {}
    drawn: dict[str, Sequence[Shown]] = {}
    rows: list[Row] = []
    means: list[Row] = []
    for key, begin in begins.items():
        start = _start_of(begin)
        if start not in before:  # the source trunk is the same for all that start from it
            before[start] = localizer.at(network_at_start(begin.params, begin.data, trunk), begin)
        network = network_at_end(begin.params, begin.data, root / TrainingPaths(key).weights)
        after = localizer.at(network, begin, trained=True)
        rows += image_rows(key, "baseline", values, images)
        means += mean_rows(key, "baseline", values)
        for when, found in (("after", after), ("before", before[start])):
            rows += image_rows(key, when, found.values, images)
            means += mean_rows(key, when, found.values)
            means += channel_rows(key, when, found, len(training))
        drawn[key] = after.shown
    with beside(root / folder_of(seed, RESPONSES)) as folder:
        folder.mkdir()
        save_images(folder, images)
        for key, pictures in drawn.items():
            save_shown(folder / key, pictures)
        (folder / "images.csv").write_text(to_csv(rows, IMAGE_COLUMNS), encoding="utf-8")
        (folder / "localization.csv").write_text(to_csv(means, COLUMNS), encoding="utf-8")
    return [*shown.told]


def grad_cam(tail: nn.Module, response: Tensor, label: int) -> Tensor:
    """Grad-CAM [N, h, w] for the defective logit less the normal one, not cut off at zero.

    Args:
        tail: what follows the last convolution; its first layer hands on the response as it is.
        response: [N, C, h, w].
        label: the defective one, `2 * group_index + 1`.
    """
    from captum.attr import LayerGradCam  # slow to import, and few heads need it

    def margin(x: Tensor) -> Tensor:
        logits: Tensor = tail(x)
        return logits[:, label] - logits[:, label - 1]

    (first, *_) = tail.children()
    found: Tensor = LayerGradCam(margin, first).attribute(response.clone().requires_grad_())
    return found.detach()[:, 0]


@dataclass(frozen=True)
class _Images:
    """What the networks are shown, and what is to be said of it."""

    tested: Sequence[WholeImage]
    training: Sequence[WholeImage]
    told: Sequence[str]

    @classmethod
    def of(cls, data: Prepared, settings: Responses, raw: Path) -> Self:
        """The images of a seed's data."""
        tested, told = _chosen(data, "test", settings.images, raw)
        if not has_weak_labels(data):  # nothing to choose a channel by
            return cls(tested, [], [*told, UNLABELLED])
        training, of_training = _chosen(data, "train", settings.training, raw)
        return cls(tested, training, [*told, *of_training])


@dataclass(frozen=True)
class _Localizer:
    """Looks at networks on the same images."""

    images: Sequence[WholeImage]
    training: Sequence[WholeImage]
    device: torch.device
    on_image: Callable[[], None]

    def at(self, network: VGG16, begin: Begin, *, trained: bool = False) -> Localized:
        """What one network shows; class activation only of a head that has learnt something."""
        network.to(self.device).eval()
        scale = begin.params["variant"]["input_scale"]

        def respond(image: WholeImage) -> Tensor:
            return last_response(network, image.seen[None], scale, self.device)[0]

        seen_by_head = partial(
            class_activation, network, scale=scale, device=self.device, grad_cam=grad_cam
        )
        return localized(
            self.images,
            self.training,
            respond=respond,
            class_heat=seen_by_head if trained else None,
            on_image=self.on_image,
        )


def _start_of(begin: Begin) -> Start:
    """What the trunk before training follows from, in runs of one seed."""
    variant = begin.params["variant"]
    return variant["init"], variant["input_scale"]


def _chosen(data: Prepared, part: Part, most: int, raw: Path) -> tuple[list[WholeImage], list[str]]:
    """Images of a part, and what is to be said of those that there should be."""
    images, passed_over = defective_images(data, part, most, lambda name: read_pixels(raw / name))
    told = [f"{group}: {count} defective {part} images without a weak label are passed over"
            for group, count in passed_over.items()]  # fmt: skip
    with_one = {image.group for image in images}
    has = " has a weak label" if has_weak_labels(data) else ""
    told += [f"{group}: no defective {part} image{has}"
             for group in data.facts["groups"] if group not in with_one]  # fmt: skip
    return images, told

"""A trial's settings into params.yaml, as a variant that the pipeline trains; comments are kept."""

from pathlib import Path

from dagm_transfer.params import Params
from dagm_transfer.params_writing import Content, change_params
from dagm_transfer.sweep.search_space import Point

VARIANT = "tuned"


def write_variant(path: Path, params: Params, point: Point) -> None:
    """Put the variant `tuned` into the parameter file and among those that the study trains.

    A head that the sweep chose replaces the model's. The file is checked before it is replaced.
    """
    variant, model = params.point(point)

    def change(content: Content) -> None:
        known = content["variants"].get(VARIANT)
        if known is None:
            # Before the last one, below which ruamel keeps the blank line that ends the section.
            content["variants"].insert(len(content["variants"]) - 1, VARIANT, variant.model_dump())
        else:
            known.update(variant.model_dump())
        content["model"]["head"] = model.head
        if VARIANT not in content["study"]["variants"]:
            content["study"]["variants"].append(VARIANT)

    change_params(path, change)

"""A trial's settings into params.yaml, as a variant that the pipeline trains; comments are kept."""

import io
from pathlib import Path

from ruamel.yaml import YAML

from dagm_transfer.core.files import write_text
from dagm_transfer.params import Params, load
from dagm_transfer.sweep.search_space import Point

VARIANT = "tuned"


def write_variant(path: Path, params: Params, point: Point) -> None:
    """Put the variant `tuned` into the parameter file and among those that the study trains.

    A head that the sweep chose replaces the model's. The file is checked before it is replaced.
    """
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1000
    content = yaml.load(path.read_text(encoding="utf-8"))
    variant, model = params.point(point)
    known = content["variants"].get(VARIANT)
    if known is None:
        # Before the last one, below which ruamel keeps the blank line that ends the section.
        content["variants"].insert(len(content["variants"]) - 1, VARIANT, variant.model_dump())
    else:
        known.update(variant.model_dump())
    content["model"]["head"] = model.head
    if VARIANT not in content["study"]["variants"]:
        content["study"]["variants"].append(VARIANT)
    out = io.StringIO()
    yaml.dump(content, out)
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(out.getvalue(), encoding="utf-8")
        load(draft)
    finally:
        draft.unlink(missing_ok=True)
    write_text(path.resolve(), out.getvalue())  # of a link what it leads to

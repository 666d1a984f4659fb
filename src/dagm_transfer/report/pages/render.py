"""Fills a template of this folder; pictures go into the page itself, or lie beside it."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def embedded(pngs: Mapping[str, bytes]) -> dict[str, str]:
    """Addresses of pictures that go into the page, which is then one file to hand on."""
    return {
        name: f"data:image/png;base64,{base64.b64encode(png).decode()}"
        for name, png in pngs.items()
    }


def linked(pngs: Mapping[str, bytes]) -> dict[str, str]:
    """Addresses of pictures that lie in `figures` beside the page, which is then text to diff."""
    return {name: f"figures/{name}.png" for name in pngs}


def render(template: str, content: Mapping[str, Any], figures: Mapping[str, str]) -> str:
    """The page; its template finds the addresses of its figures under `figures`.

    Raises:
        jinja2.UndefinedError: the template asks for something that `content` lacks.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render({**content, "figures": figures})

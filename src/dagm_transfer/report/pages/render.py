"""Fills a template of this folder; figures go into the page itself."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: str, content: Mapping[str, Any], pngs: Mapping[str, bytes]) -> str:
    """The page; its template finds the figures as base64 text under `figures`.

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
    figures = {name: base64.b64encode(png).decode() for name, png in pngs.items()}
    return environment.get_template(template).render({**content, "figures": figures})

"""params.yaml changed by a command: the values that it names, and no other byte."""

import io
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from dagm_transfer.core.files import write_text
from dagm_transfer.params import Params, checked

Content = CommentedMap  # of the file, with its comments
WINDOWS = "\r\n"  # ends of lines, which ruamel would double or drop


def change_params(path: Path, change: Callable[[Content], None]) -> Params:
    """Change a parameter file; what it says afterwards. Comments are kept.

    It is checked before it is replaced, whole or not at all; of a link it is what that leads to.

    Args:
        path: of the file.
        change: sets values in its content.

    Raises:
        UserError: what the file would say is no set of parameters.
    """
    yaml = _yaml()
    before = path.read_bytes().decode("utf-8")
    content = yaml.load(before.replace(WINDOWS, "\n"))
    change(content)
    out = io.StringIO()
    yaml.dump(content, out)
    after = out.getvalue()
    params = checked(after, path)
    write_text(path.resolve(), after.replace("\n", WINDOWS) if WINDOWS in before else after)
    return params


class _Representer(RoundTripRepresenter):
    """Writes null, where ruamel leaves a hole."""


def _null(representer: RoundTripRepresenter, _: None) -> ScalarNode:
    node: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:null", "null")
    return node


_Representer.add_representer(type(None), _null)


def _yaml() -> YAML:
    """As params.yaml and its presets are written."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1000
    yaml.preserve_quotes = True
    return yaml

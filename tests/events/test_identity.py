"""What a run is known by: which changes give it another identity, and which do not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagm_transfer.events.identity import PACKAGE, bare_text, closure, code_digest, run_name

CODE = '''"""What it is."""

import os  # why


class A:
    """Of a class.

    # no comment
    """

    x = "# no comment either"  # but this


def f(y):
    """Of a function."""
    """a second text is code"""
    return f"{y}#{y!r}"  # done


def g(): "on one line"
'''


def test_what_only_people_read_is_left_out():
    assert bare_text(CODE).splitlines() == [
        "import os",
        "class A:",
        '    x = "# no comment either"',
        "def f(y):",
        '    """a second text is code"""',
        '    return f"{y}#{y!r}"',
        'def g(): "on one line"',
    ]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("# why", "# because", True),
        ('"""Of a function."""', '"""Of a function.\n\n    And more.\n    """', True),
        ("import os  # why\n", "import os\n\n\n# a line of its own\n", True),
        ("return f", "return  f", False),
        ("# no comment either", "# changed", False),
        ("a second text", "another text", False),
        ("def f(y)", "def f(z)", False),
    ],
)
def test_a_change_counts_where_code_changed(old, new, same):
    assert old in CODE
    assert (bare_text(CODE.replace(old, new)) == bare_text(CODE)) == same


def test_the_digest_is_of_all_that_a_module_imports(tmp_path, monkeypatch):
    package = tmp_path / "pack"
    texts = {
        "start.py": '"""Doc."""\nimport pack.inner.second\n',
        "inner/second.py": "X = 1\n",
        "never.py": "Y = 1\n",
    }
    for name, text in texts.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.setattr("dagm_transfer.events.identity.PACKAGE", package)
    before = code_digest([package / "start.py"])
    (package / "never.py").write_text("Y = 2\n")
    (package / "inner/second.py").write_text('"""Doc."""\nX = 1  # one\n')
    assert code_digest([package / "start.py"]) == before
    (package / "inner/second.py").write_text("X = 2\n")
    assert code_digest([package / "start.py"]) != before


def other_python() -> str | None:
    """Another version of Python that starts here, new enough to parse the code."""
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    names = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13)]
    installed = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[1-3]*/bin/python"))
    for python in [*filter(None, names), *map(str, installed)]:
        command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() != mine:
            return python
    return None


def test_two_versions_of_python_read_the_code_alike(tmp_path):
    if (python := other_python()) is None:
        pytest.skip("no other version of Python is here")
    files = closure(PACKAGE / "training" / "run.py")
    script = tmp_path / "bare.py"
    module = (PACKAGE / "events" / "identity.py").read_text()
    # The other Python has none of our packages: the function alone, as it stands.
    body = module.replace("from dagm_transfer.core.files import digest_of\n", "")
    script.write_text(
        f"{body}\nimport sys\nfor name in sys.argv[1:]:\n"
        "    print(repr(bare_text(Path(name).read_text(encoding='utf-8'))))\n"
    )
    done = subprocess.run(
        [python, str(script), *map(str, files)], capture_output=True, text=True, check=True
    )
    ours = [repr(bare_text(Path(name).read_text(encoding="utf-8"))) for name in files]
    assert done.stdout.splitlines() == ours


def test_a_run_is_named_by_identity_and_environment():
    first = run_name("a" * 64, {"torch": "2.11"})
    assert first.startswith("a" * 12 + "-")
    assert first != run_name("a" * 64, {"torch": "2.12"})
    assert first != run_name("b" * 64, {"torch": "2.11"})

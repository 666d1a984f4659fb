"""One command at a time."""

import threading
from pathlib import Path

import pytest
from trees import as_nobody

from dagm_transfer.cli.alone import alone
from dagm_transfer.core.errors import UserError


def test_the_second_waits_for_the_first_and_says_so(tmp_path):
    lock, order = tmp_path / "locks" / "import.lock", list[str]()
    waits = threading.Event()

    def second() -> None:
        with alone(lock, "import", lambda line: (order.append(line), waits.set())):
            order.append("second")

    with alone(lock, "import", order.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(20)
        order.append("first")
    thread.join(20)
    assert order == ["waiting for another import to end", "first", "second"]


def test_a_folder_that_may_not_be_written_to_is_one_line(tmp_path):
    with pytest.raises(UserError, match="Permission denied; give yourself the right"):
        as_nobody(_hold, tmp_path)


def _hold(folder: Path) -> None:
    with alone(folder / "locks" / "import.lock", "import", print):
        pass

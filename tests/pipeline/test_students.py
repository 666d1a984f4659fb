"""Students as a pipeline of their own, on a project that has their teacher."""

import os
import signal
import time
from pathlib import Path

import numpy as np
from project import Project, stages_run
from sweeps import begun

from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.pixels.images import read_pixels
from dagm_transfer.data.prepared import Prepared
from dagm_transfer.inspection.opened import open_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.inspection.students.paths import NO_TEACHER, STUDENTS_PAGE, ClassPaths
from dagm_transfer.inspection.students.student_table import TEACHER
from dagm_transfer.inspection.verdict import judge_levels
from dagm_transfer.judging.inspector import load_inspector, logits_of_network
from dagm_transfer.report.students.student_results import students_of
from dagm_transfer.training.device import choose_device

REPRO = ("dvc", "repro", "students/dvc.yaml")
TAUGHT, ALONE = ClassPaths("finetune", 0), ClassPaths(NO_TEACHER, 0)
SIZES = (64, 128)


def test_students_go_on_where_they_were_killed_and_judge(copied: Project) -> None:
    process = begun(copied, list(REPRO))
    first = wait_for_any([copied.root / p.log(SIZES[0]).log for p in (TAUGHT, ALONE)])
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = first.stat().st_mtime_ns
    said = copied.run(*REPRO)
    assert stages_run(said) >= {"students/dvc.yaml:labels@0", "students/dvc.yaml:report"}
    assert "is trained already" in said
    assert first.stat().st_mtime_ns == kept, "a finished student was trained again"
    found = students_of(copied.root, Prepared(copied.root / PREPARED))
    assert found
    assert {(row.teacher, row.divisor) for row in found.rows} == {
        *((TAUGHT.teacher, divisor) for divisor in (TEACHER, *SIZES)),
        *((ALONE.teacher, divisor) for divisor in SIZES),
    }
    for paths in (TAUGHT, ALONE):
        judges_an_image(copied.root, copied.root / paths.inspector(SIZES[0]))
    tracked = copied.run("git", "ls-files", "--others", "--exclude-standard").splitlines()
    assert str(STUDENTS_PAGE) in tracked
    assert str(TAUGHT.log(SIZES[0]).log) in tracked
    assert not [name for name in tracked if name.endswith(".safetensors")]
    assert "Running stage" not in copied.run(*REPRO)


def judges_an_image(root: Path, folder: Path) -> None:
    """By its ONNX file as by its weights."""
    opened, inspector = open_onnx(folder / NETWORK), load_inspector(folder)
    name = Prepared(root / PREPARED).images("test")[0]["image"]
    verdict = judge_levels(opened, read_pixels(root / RAW / name))
    assert verdict.group in inspector.card.groups
    pixels = Prepared(root / PREPARED).inputs("test").pixels
    own = logits_of_network(
        inspector.network.network, inspector.card.input_scale, 4, choose_device("cpu")
    )
    assert np.allclose(opened.logits(pixels), own(pixels), rtol=1e-3, atol=1e-4)


def wait_for_any(paths: list[Path]) -> Path:
    """The first of these that is there."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        for path in paths:
            if path.exists():
                return path
        time.sleep(0.05)
    raise AssertionError(f"none of {paths} came")

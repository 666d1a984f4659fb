"""Prediction on a machine that has neither torch nor what tracks, tunes and versions."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from inspectors import small_inspector
from shots import broken_shots, good_shots

from dagm_transfer.core.tables import read_csv
from dagm_transfer.inspection.onnx_file import write_onnx

SRC = Path(__file__).resolve().parents[2] / "src"
ABSENT = (
    "torch", "functorch", "triton", "nvidia", "cuda", "captum", "onnxscript", "onnx_ir", "mlflow",
    "optuna", "dvc", "sklearn", "scikit_learn", "matplotlib", "safetensors",
)  # fmt: skip
START = """\
import importlib, sys
sys.path[:0] = sys.argv[1:3]
for name in ("torch", "torchvision", "mlflow", "optuna", "dvc", "captum", "onnxscript"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{name} is here")
sys.argv[1:3] = []
from dagm_transfer.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """A folder of links to every installed package but for those that are to be absent."""
    folder = tmp_path_factory.mktemp("packages")
    installed = Path(sysconfig.get_paths()["purelib"])
    for path in installed.iterdir():
        if path.suffix != ".pth" and not path.name.startswith(("__", *ABSENT)):
            (folder / path.name).symlink_to(path)
    assert (folder / "onnxruntime").exists()
    return folder


def dagm(packages: Path, *command: str, at: Path) -> subprocess.CompletedProcess[str]:
    """A command in a process that sees these packages alone, and none of this environment's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DVC_"))}
    started = [sys.executable, "-I", "-S", "-c", START, str(packages), str(SRC), *command]
    return subprocess.run(
        started, cwd=at, env=kept, capture_output=True, text=True, timeout=120, check=False
    )


def test_images_are_judged_and_drawn_with_an_onnx_file_and_its_card_alone(packages, tmp_path):
    folder = tmp_path / "exported"
    write_onnx(small_inspector(folder), folder / "model.onnx")
    (folder / "weights.safetensors").unlink()
    good_shots(tmp_path / "shots", 3)
    broken = broken_shots(tmp_path / "shots")
    done = dagm(
        packages, "predict", "shots", "--model", "exported/model.onnx", "--heatmaps", "maps",
        at=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    rows = read_csv(tmp_path / "predictions.csv")
    assert sum(row["error"] == "" for row in rows) == 3
    assert sum(row["error"] != "" for row in rows) == len(broken)
    assert len(list((tmp_path / "maps").glob("*.heat.png"))) == 3 + 1


def test_weights_that_need_torch_are_one_line_that_says_what_does_not(packages, tmp_path):
    small_inspector(tmp_path / "alone")
    good_shots(tmp_path / "shots", 1)
    done = dagm(packages, "predict", "shots", "--model", "alone", at=tmp_path)
    assert done.returncode == 1
    assert "run in torch, which is not installed" in done.stderr
    assert done.stderr.count("\n") == 1
    done = dagm(packages, "predict", "shots", "--model", "models:/dagm-inspector@champion",
                at=tmp_path)  # fmt: skip
    assert done.returncode == 1
    assert "asks for mlflow, which is not installed here" in done.stderr
    assert done.stderr.count("\n") == 1

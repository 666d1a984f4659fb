"""A registered version answers with the numbers of `judge_levels`: over HTTP, and without torch."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from registry import as_text, exported_inspector, image_file
from servers import free_port, served

from dagm_transfer.core.work import WorkPaths
from dagm_transfer.data.pixels.images import read_picture
from dagm_transfer.events.identity import PACKAGE, imported_modules
from dagm_transfer.inspection.opened import open_onnx
from dagm_transfer.inspection.verdict import judge_levels
from dagm_transfer.judging.card import Thresholds, read_card, write_card
from dagm_transfer.tracking.champion import register
from dagm_transfer.tracking.location import database
from dagm_transfer.tracking.served_files import PACKAGES, SERVED, served_modules
from dagm_transfer.tracking.store import open_store

URI = "models:/dagm-inspector@champion"
BITS = 12  # of a pixel of the images that the inspector was trained on
FILES = {
    "tall.png": image_file(90, 40, seed=1),
    "wide.jpg": image_file(32, 70, seed=2, kind="JPEG"),
    "deep.png": image_file(48, 48, seed=3, bits=BITS),
    "small.tif": image_file(20, 50, seed=4, kind="TIFF"),  # smaller than a window: mirrored
}
PREDICT = """
import json, sys
import mlflow
import pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
found = model.predict(pd.DataFrame({"image": json.load(sys.stdin)}))
import dagm_transfer.inspection.verdict as verdict
print(json.dumps([found.to_dict("records"), verdict.__file__, "torch" in sys.modules]))
"""


@dataclass(frozen=True)
class Registered:
    """A checkout whose store has a champion, and what that says of the files."""

    root: Path
    expected: list[dict[str, object]]

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
        # MLflow starts its server by name.
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        return {**kept, "PATH": path, "PYTHONPATH": str(PACKAGE.parent)}


@pytest.fixture(scope="module")
def registered(tmp_path_factory, empty_store):
    root = tmp_path_factory.mktemp("registered")
    shutil.copyfile(empty_store, database(root))
    folder = exported_inspector(root, bits=BITS)
    for name, content in FILES.items():
        (root / name).write_bytes(content)
    levels = [read_picture(root / name).levels for name in FILES]
    scores = sorted(judge_levels(open_onnx(folder / "model.onnx"), each).score for each in levels)
    middle = (scores[1] + scores[2]) / 2  # so that both decisions are met
    card = read_card(folder / "card.json")
    thresholds = Thresholds(input=middle, image=middle)
    write_card(card.model_copy(update={"thresholds": thresholds}), folder / "card.json")
    verdicts = [judge_levels(open_onnx(folder / "model.onnx"), each) for each in levels]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        place = open_store(WorkPaths(root))
        tags = {"identity": card.identity, "environment.digest": card.environment}
        run = place.client.create_run(place.experiment_id, tags=tags)
        place.client.set_terminated(run.info.run_id, "FINISHED")
        register(place, folder, [as_text(content) for content in FILES.values()])
    expected = [
        {
            "group": each.group,
            "score": pytest.approx(each.score, rel=1e-6),
            "decision": "defective" if each.defective else "normal",
        }
        for each in verdicts
    ]
    assert {each["decision"] for each in expected} == {"defective", "normal"}
    return Registered(root, expected)


@pytest.fixture(scope="module")
def address(registered):
    """Of `mlflow models serve` in the checkout; nothing of it is left afterwards."""
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "models", "serve", "-m", URI, "--env-manager", "local",
        "--port", str(port),
    ]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with served(command, f"{base}/ping", cwd=registered.root, env=registered.environment()):
        processes = of_port(port)
        assert len(processes) > 1, "MLflow's own, and the server that it starts"
        yield f"{base}/invocations"
    psutil.wait_procs(processes, timeout=30)
    assert not of_port(port)


def of_port(port: int) -> list[psutil.Process]:
    """The processes that were started for a port."""
    return [p for p in psutil.process_iter(["cmdline"]) if str(port) in (p.info["cmdline"] or [])]


def ask(address: str, images: list[str]) -> tuple[int, dict[str, object]]:
    content = {"dataframe_split": {"columns": ["image"], "data": [[image] for image in images]}}
    request = urllib.request.Request(  # noqa: S310 - our own server
        address, json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_request_is_answered_with_the_numbers_of_judging(registered, address):
    status, answer = ask(address, [as_text(content) for content in FILES.values()])
    assert status == 200
    assert answer["predictions"] == registered.expected


def test_none_asked_is_none_answered_and_base64_may_have_line_ends(registered, address):
    assert ask(address, []) == (200, {"predictions": []})
    text = as_text(FILES["tall.png"])
    folded = "\n".join(text[first : first + 76] for first in range(0, len(text), 76))
    assert ask(address, [folded])[1]["predictions"] == registered.expected[:1]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("!", "row 2: not base64 ("),
        (as_text(b"no image"), "row 2: not a readable image (its content is none of PNG"),
        (as_text(FILES["tall.png"][:300]), "row 2: not a readable image ("),
        ("", "row 2: not a readable image (it is empty)"),
        (as_text(image_file(40, 40, bits=16)), f"row 2: more than the {BITS} bits a pixel that"),
    ],
)
def test_a_row_that_cannot_be_judged_refuses_all_and_is_named(address, bad, said):
    good = as_text(FILES["tall.png"])
    status, answer = ask(address, [good, bad, good])
    assert status == 400
    # MLflow sets the beginning of the table before it.
    last = answer["message"].splitlines()[-1]
    assert last.startswith(f"Error: 1 of 3 images cannot be judged, so none is: {said}"), last


def test_many_failures_are_counted_and_the_first_named(address):
    _, answer = ask(address, ["!"] * 12)
    last = answer["message"].splitlines()[-1]
    assert last.startswith("Error: 12 of 12 images")
    assert last.count("not base64") == 5
    assert last.endswith("and 7 more")


def test_a_version_runs_on_its_own_code_and_needs_no_torch(registered):
    # The project's own code is on the path, as in an editable install.
    images = json.dumps([as_text(content) for content in FILES.values()])
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, URI], input=images, cwd=registered.root,
        env=registered.environment(), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found, module, torch = json.loads(done.stdout.splitlines()[-1])
    assert found == registered.expected
    assert Path(module).is_relative_to(registered.root / "mlartifacts")
    assert not torch


def test_its_requirements_are_the_packages_that_it_imports():
    modules = served_modules() | {SERVED}
    names = {name.partition(".")[0] for path in modules for name in imported_modules(path)}
    distributions = {"PIL": "pillow"}
    packages = names - sys.stdlib_module_names - {PACKAGE.name}
    assert {distributions.get(name, name) for name in packages} == set(PACKAGES)

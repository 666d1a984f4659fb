"""A real SQLite store for each test, and hand-made logs of a few lines."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from mlflow import MlflowClient
from mlflow.entities import Run

from dagm_transfer.core.work import WorkPaths
from dagm_transfer.events.event import Begin, End, Evaluation, Event, Timing
from dagm_transfer.tracking.location import database
from dagm_transfer.tracking.store import Destination, open_store
from dagm_transfer.tracking.sync import sync_run

START = 1_700_000_000.0
HERE = {"torch": "2.11", "device": "cpu"}
DATA = {
    "kind": "synthetic", "name": "two textures", "groups": ["3", "6"], "input": "patch",
    "size": 32, "split": "fold", "digest": "d" * 64,
}  # fmt: skip

Histories = dict[str, list[tuple[int, float, int]]]
Logs = dict[str, list[Event]]


@dataclass
class Store:
    """A checkout's store, and what a person finds in it."""

    work: WorkPaths
    draws: dict[str, Any] = field(
        default_factory=lambda: {
            "training": lambda _: {"curves": Figure()},
            "layers": lambda _: {"layers": Figure()},
        }
    )

    def __post_init__(self) -> None:
        self.place: Destination = open_store(self.work)

    def put(self, logs: Logs) -> bool:
        return sync_run(self.place, logs, self.draws)

    def runs(self) -> list[Run]:
        return list(self.place.client.search_runs([self.place.experiment_id]))

    def run(self) -> Run:
        (run,) = self.runs()
        return run

    def history(self, run: Run) -> Histories:
        """Every value that was ever logged, with its step and its time."""
        client, run_id = self.place.client, run.info.run_id
        return {
            key: sorted((m.step, m.value, m.timestamp)
                        for m in client.get_metric_history(run_id, key))
            for key in sorted(run.data.metrics)
        }  # fmt: skip

    def everything(self) -> dict[str, Any]:
        """All that is known of the runs, by their ids."""
        return {
            run.info.run_id: (
                self.history(run), run.data.tags, run.data.params, run.info.status,
                run.info.start_time, run.info.end_time, run.info.lifecycle_stage,
            )
            for run in self.runs()
        }  # fmt: skip


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without experiments of ours: making its tables takes seconds."""
    path = database(tmp_path_factory.mktemp("empty"))
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture(autouse=True)
def no_store_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def work(tmp_path: Path, empty_store: Path) -> WorkPaths:
    """A checkout with an empty store."""
    root = tmp_path / "checkout"
    root.mkdir()
    shutil.copyfile(empty_store, database(root))
    return WorkPaths(root)


@pytest.fixture
def store(work: WorkPaths) -> Store:
    return Store(work)


@pytest.fixture
def make_logs() -> Callable[..., Logs]:
    """The three logs of a run; `accuracy`, `tpr` and `change` are numbers that a test may move."""

    def make(
        identity: str = "a" * 64,
        environment: Mapping[str, str] = HERE,
        *,
        accuracy: float = 0.75,
        tpr: float = 0.5,
        change: float = 0.125,
        seconds: float = 4.0,
        tags: Mapping[str, str] | None = None,
    ) -> Logs:
        def begin(kind: str, timing: Timing) -> Begin:
            return Begin(
                identity=identity, environment=environment, key="finetune-s0",
                variant="finetune", seed=0, kind=kind,
                params={"variant": {"learning_rate": 0.001}, "seed": 0}, data=DATA,
                source={"origin": "file"}, timing=timing, tags=tags or {},
            )  # fmt: skip

        speed = {"train/images_per_second": 1000 / seconds}
        facts = {"git.commit": "c0ffee", "dvc.stage": "train@finetune-0", "python": "3.11"}
        later = Timing(START + 1e6)  # of a file without timings: whenever it was written
        return {
            "training": [
                begin("training", Timing(START, facts)),
                Evaluation(1, {"val/accuracy": 0.5}, Timing(START + 1, speed)),
                Evaluation(2, {"val/accuracy": accuracy}, Timing(START + 2, speed)),
                End(2, {"iterations": 2}, {"diverged": "false"},
                    Timing(START + 3, {"seconds": seconds})),
            ],
            "judging": [
                begin("judging", later),
                End(2, {"iterations": 2, "test/defect_tpr": tpr}, {"converged": "true"}, later),
            ],
            "layers": [
                begin("layers", later),
                Evaluation(1, {"layers/weight_change": change}, later),
                Evaluation(2, {"layers/weight_change": 0.25}, later),
                End(2, {"layers_last/weight_change": 0.25}, {}, later),
            ],
        }  # fmt: skip

    return make

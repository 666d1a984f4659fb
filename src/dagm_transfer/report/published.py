"""Results that are kept with the project: all that a study's page is made of, and nothing more.

A folder below `reports/published` is laid out as the project is: `params.yaml`, what the stages
wrote below `reports`, what the data are, the raw images that the page shows, and of the source
trunk the filters of its first layer; `runs.json` names the runs. Of experiments there is what they
recorded on these data, of students their results. No trained weights, no pooled responses; of other
images the small copies that the stages `responses` and `interpolate` made of the seed that is
drawn.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from safetensors.numpy import load_file, save_file

from dagm_transfer.analysis.of_seeds import by_seed, drawn_seed, folders_there
from dagm_transfer.analysis.paths import (
    COMPARISON,
    EMBEDDING,
    INTERPOLATION,
    RESPONSES,
    AnalysisPaths,
)
from dagm_transfer.core.errors import UserError
from dagm_transfer.core.files import beside, read_json, write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import FOLDS, Prepared, fold_folder
from dagm_transfer.inspection.students.paths import NO_TEACHER, ClassPaths
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.report.found.results import champion, check_data, gather, read_result
from dagm_transfer.report.found.sweep_logs import FREEZING, SEARCHED, logs_of
from dagm_transfer.report.paths import SEARCH, SILENCE
from dagm_transfer.report.samples import FILTERS, sampled, wrongly_judged
from dagm_transfer.report.students.student_results import students_of
from dagm_transfer.training.paths import TrainingPaths, run_key, seed_of

PUBLISHED = Path("reports/published")
PARAMS = Path("params.yaml")
RUNS = Path("runs.json")  # which runs a folder is about
SUMMARY = Path("summary.md")  # what was found, for texts that quote it
CLASSES = ClassPaths(NO_TEACHER, 0).results.parent  # results of students, a folder a class
OF_SEEDS = (RESPONSES, INTERPOLATION, COMPARISON)
TABLES = (".csv", ".json")  # of a stage; its pictures are shown of one seed alone


@dataclass(frozen=True)
class Kept:
    """Which runs a folder is about: variant and seed of each, and of those laid side by side."""

    keys: Sequence[tuple[str, int]]
    compared: Sequence[tuple[str, int]]


def kept_in(folder: Path) -> Kept:
    """What a folder is about.

    Raises:
        UserError: nothing is kept there.
    """
    if not (folder / RUNS).exists():
        there = ", ".join(sorted(path.parent.name for path in folder.parent.glob(f"*/{RUNS}")))
        raise UserError(f"{folder}: nothing is kept there; kept are {there or 'none'}")
    found: dict[str, list[str]] = read_json(folder / RUNS)
    keys, compared = (
        [(key.rpartition("-s")[0], seed_of(key)) for key in found[name]]
        for name in ("runs", "compared")
    )
    return Kept(keys, compared)


def finished_among(keys: Sequence[tuple[str, int]], root: Path) -> list[tuple[str, int]]:
    """The runs that are judged."""
    found = []
    for key in keys:
        with suppress(UserError, FileNotFoundError):
            read_result(run_key(*key), root)
            found.append(key)
    return found


def keep_study(
    kept: Kept, *, data: Prepared, root: Path, trunk: Path, facts: Path, to: Path
) -> None:
    """Copy what a page on finished runs is made of, in place of what lies there.

    Args:
        kept: the runs.
        data: that they were trained on.
        root: where the pipeline ran.
        trunk: the source trunk, below the root.
        facts: where it came from, likewise.
        to: a folder below `reports/published`.

    Raises:
        UserError: a run is not finished, not judged, or was trained on other data.
    """
    results = gather(list(kept.keys), root)
    check_data(results, data)
    best = champion(results)
    with beside(to) as draft:
        for path in (PARAMS, facts, EMBEDDING, *_of_runs(kept.keys)):
            if (root / path).exists():
                _copy(root / path, draft / path)
        _keep_experiments(root, draft, data)
        if students_of(root, data):
            _copy(root / CLASSES, draft / CLASSES)
        _keep_stages(kept, root, draft)
        named = {"runs": kept.keys, "compared": kept.compared}
        write_json(
            draft / RUNS, {what: [run_key(*k) for k in keys] for what, keys in named.items()}
        )
        for study in (FREEZING, SEARCHED):
            for logs in logs_of(root, study):
                _copy(logs, draft / logs.relative_to(root))
        _keep_data(root / PREPARED, draft / PREPARED)
        (draft / trunk).parent.mkdir(parents=True)
        save_file({FILTERS: load_file(root / trunk)[FILTERS]}, draft / trunk)
        samples = [row["image"] for row in sampled(Prepared(draft / PREPARED))]
        shown = [*samples, *(wrongly_judged(best) if best else ())]
        for image in dict.fromkeys(shown):
            _copy(root / RAW / image, draft / RAW / image)


def _names(keys: Sequence[tuple[str, int]]) -> list[str]:
    return [run_key(*key) for key in keys]


def _of_runs(keys: Sequence[tuple[str, int]]) -> Iterator[Path]:
    """Logs and tables of runs; not the scores of all windows, which are many."""
    for key in _names(keys):
        training, judging, analysis = TrainingPaths(key), JudgingPaths(key), AnalysisPaths(key)
        yield from (training.log.log, training.log.timings)
        yield from (judging.metrics, judging.table, judging.log)
        yield from (analysis.layers, analysis.course, analysis.flatness, analysis.log)


def _keep_experiments(root: Path, to: Path, data: Prepared) -> None:
    """Of what experiments recorded, all that is about these data, if there is something."""
    digests = {data.for_seed(fold).facts["inputs_digest"] for fold in range(FOLDS)}
    if (root / SEARCH).exists():
        searches = {key: of for key, of in read_json(root / SEARCH).items() if key in digests}
        if searches:
            write_json(to / SEARCH, searches)
    if (root / SILENCE).exists():
        rows = [row for row in read_csv(root / SILENCE) if row["inputs_digest"] in digests]
        if rows:
            write_text(to / SILENCE, to_csv(rows, [*rows[0]]))


def _keep_stages(kept: Kept, root: Path, to: Path) -> None:
    """Tables of every seed that a stage was run for, pictures of the one that is drawn."""
    runs = by_seed(_names(kept.compared))
    for stage in OF_SEEDS:
        there = folders_there(root / stage, sorted({seed for _, seed in kept.keys}))
        for seed, folder in there.items():
            here = to / folder.relative_to(root)
            if seed == drawn_seed(there, runs):
                _copy(folder, here)
            else:
                for table in (path for path in folder.iterdir() if path.suffix in TABLES):
                    _copy(table, here / table.name)


def _keep_data(prepared: Path, to: Path) -> None:
    """Facts and the list of test images, for every fold that there is."""
    for fold in range(FOLDS):
        there, here = fold_folder(prepared, fold), fold_folder(to, fold)
        if there.exists():
            _copy(there / "facts.json", here / "facts.json")
            rows = [row for row in read_csv(there / "images.csv") if row["part"] == "test"]
            write_text(here / "images.csv", to_csv(rows, [*rows[0]]))


def _copy(there: Path, here: Path) -> None:
    here.parent.mkdir(parents=True, exist_ok=True)
    if there.is_dir():
        shutil.copytree(there, here)
    else:
        shutil.copyfile(there, here)

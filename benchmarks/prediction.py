"""How many images a second `dagm predict` judges, and where the time goes.

    python benchmarks/prediction.py IMAGES... --model KEY|FOLDER|FILE.onnx

The parts are timed one after the other on the same images: reading a file, cutting its windows,
the network over them, the judging as a whole, and drawing a heat map. A part's CPU time counts the
threads that the network runs in, and holds on a busy machine, where wall time does not. Then the
whole runs as the command runs it: files are read while those before them are judged. Times are
this machine's.
"""

import os
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import onnxruntime
import typer

from dagm_transfer.cli.failing import in_one_line
from dagm_transfer.core.files import write_json
from dagm_transfer.data.pixels.images import read_picture
from dagm_transfer.inspection.heat_maps import overlaid
from dagm_transfer.inspection.opened import open_inspector
from dagm_transfer.inspection.predicting.image_files import image_files
from dagm_transfer.inspection.predicting.predict import predictions
from dagm_transfer.inspection.verdict import as_trained, judge_levels
from dagm_transfer.judging.windows import Windows

RESULTS = Path(__file__).parent / "results" / "prediction.json"


@dataclass(frozen=True)
class Clocks:
    """Wall and CPU seconds of parts, added up."""

    wall: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done within a `with`."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name] += time.perf_counter() - wall
        self.cpu[name] += time.process_time() - cpu


def main(
    paths: Annotated[list[str], typer.Argument(help="as for `dagm predict`")],
    model: Annotated[str, typer.Option(help="as for `dagm predict`")],
    images: Annotated[int, typer.Option(help="that are judged, the first of those named")] = 20,
) -> None:
    """Time them and write benchmarks/results/prediction.json."""
    files, opened, clocks = image_files(paths)[:images], open_inspector(model, Path()), Clocks()
    card, shapes = opened.card, Counter[str]()
    if card.stride is None:
        raise typer.BadParameter("time an inspector that judges by windows")
    size, stride = card.size, card.stride
    judge_levels(opened, read_picture(files[0].path).levels)  # the first is slower
    counts = []
    for file in files:
        with clocks.part("reading the file"):
            levels = read_picture(file.path).levels
        shapes["x".join(map(str, levels.shape[::-1]))] += 1
        pixels = as_trained(levels, card)
        with clocks.part("cutting windows"):
            cut = Windows.of(pixels, size=size, stride=stride).pixels
        with clocks.part("network"):
            opened.logits(cut)
        with clocks.part("all of the judging"):
            verdict = judge_levels(opened, levels)
        with clocks.part("heat map"):
            overlaid(pixels, verdict.windows, size=size, threshold=card.thresholds.image)
        counts.append(len(cut))
    began, cpu = time.perf_counter(), time.process_time()
    judged = list(predictions(opened, files))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    result = {
        "images": len(files), "shapes": dict(shapes), "window": size, "stride": stride,
        "windows_an_image": statistics.mean(counts), "convolutions": card.convolutions,
        "cpus": len(os.sched_getaffinity(0)), "onnxruntime": onnxruntime.__version__,
        "busy": round(os.getloadavg()[0], 1), "images_per_second": round(len(judged) / wall, 3),
        "images_per_cpu_second": round(len(judged) / cpu, 3),
        "milliseconds_an_image": _each(clocks.wall, len(files)),
        "cpu_milliseconds_an_image": _each(clocks.cpu, len(files)),
    }  # fmt: skip
    write_json(RESULTS, result)
    for name, value in result.items():
        print(name, value)


def _each(seconds: Mapping[str, float], images: int) -> dict[str, float]:
    return {part: round(1000 * total / images, 2) for part, total in seconds.items()}


if __name__ == "__main__":
    in_one_line(lambda: typer.run(main))

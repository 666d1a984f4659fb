"""Stage `report`: figures as PNG, and one self-contained page that explains them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagm_transfer.data.prepared import Prepared
from dagm_transfer.figures.base import Figure, png_of
from dagm_transfer.figures.curves import accuracy_figure, loss_figure
from dagm_transfer.figures.layers import depth_figure
from dagm_transfer.figures.pictures import errors_figure
from dagm_transfer.files import beside, read_json, write_text
from dagm_transfer.pages.render import render
from dagm_transfer.places import FIGURES, REPORT
from dagm_transfer.stages import summary
from dagm_transfer.stages.pictures import error_pictures, source_and_target
from dagm_transfer.stages.results import Result, champion, gather

EXPERIMENT = Path("experiments/results/scratch_settings.json")
Groups = dict[str, list[Result]]


def report(keys: list[tuple[str, int]], *, prepared: Path, trunk: Path, raw: Path) -> None:
    """Write the figures and the page about the named runs."""
    results = gather(keys, Path())
    data = Prepared(prepared)
    figures = _figures(results, data, trunk, raw)
    pngs = {name: png_of(figure) for name, figure in figures.items()}
    for name, png in pngs.items():
        with beside(FIGURES / f"{name}.png") as draft:
            draft.write_bytes(png)
    write_text(REPORT, _page(results, data, pngs))


def _figures(results: Groups, data: Prepared, trunk: Path, raw: Path) -> dict[str, Figure]:
    facts = data.facts
    what = "patches" if facts["input"] == "patch" else "images"
    curves = {
        f"{part} {metric}": {
            variant: [run.curve(f"{key}/{metric}") for run in runs]
            for variant, runs in results.items()
        }
        for metric in ("loss", "accuracy")
        for part, key in (("training", "train"), ("validation", "val"))
    }
    best = champion(results)
    pictures, wrong = error_pictures(best, data) if best else ([], 0)
    named = f"{best.begin.key}: {wrong} of {len(best.judged)} test images" if best else ""
    return {
        "samples": source_and_target(trunk, data, raw),
        "accuracy": accuracy_figure(
            {v: [run.curve("val/accuracy") for run in runs] for v, runs in results.items()},
            facts["trivial_accuracy"]["val"],
            f"Validation accuracy against iterations ({facts['name']})",
            f"accuracy on {facts['inputs']['val']} validation {what}",
        ),
        "loss": loss_figure(curves, f"Loss and accuracy ({facts['name']})"),
        "weight_change": depth_figure(
            {v: [run.layer_values("weight_change") for run in g] for v, g in results.items()},
            {},
            "How far the kernels went from where they started",
            "||w final - w initial|| / ||w initial||",
            share=False,
        ),
        "sparsity": depth_figure(
            {v: [run.layer_values("sparsity") for run in g] for v, g in results.items()},
            _controls(results),
            "Channels that never respond on the test data",
            "dead channels",
            share=True,
        ),
        "errors": errors_figure(pictures, f"Wrongly judged by {named}"),
    }


def _controls(results: Groups) -> dict[str, list[float]]:
    """The same data through networks before training: the source trunk, and a fresh one."""
    controls: dict[str, list[float]] = {}
    for runs in results.values():
        settings = runs[0].begin.params["variant"]
        name = "source trunk" if settings["init"] == "imagenet" else "fresh trunk"
        controls.setdefault(f"{name}, before training", runs[0].layer_values("sparsity_initial"))
    return controls


def _page(results: Groups, data: Prepared, pngs: Mapping[str, bytes]) -> str:
    first = next(iter(results.values()))[0]
    best = champion(results)
    content: dict[str, Any] = {
        "facts": data.facts,
        "source": first.begin.source,
        "environment": first.begin.environment,
        "headline": summary.headline(results),
        "results": summary.results_table(results, data),
        "convergence": summary.convergence_table(results),
        "settings": summary.settings_table(results),
        "champion": best.begin.key if best else "none",
        "seeds": sorted({run.begin.seed for runs in results.values() for run in runs}),
        "experiment": read_json(EXPERIMENT) if EXPERIMENT.exists() else None,
    }
    return render("report.html.j2", content, pngs)

"""What a person sees of an export: its layers, files, speed, and what was verified."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from dagm_transfer.core.tables import Cell
from dagm_transfer.inspection.exporting.agreement import Agreement
from dagm_transfer.inspection.exporting.export import Exported
from dagm_transfer.inspection.exporting.export_latency import Latency
from dagm_transfer.inspection.exporting.exportable import Compaction, Exportable
from dagm_transfer.inspection.exporting.other_images import Elsewhere

OUT = Console(highlight=False, soft_wrap=True)
ENDS = ("", "_kept")  # of columns: before, and after
NAMED = 20  # images by name; the rest is counted


def print_export(exportable: Exportable, exported: Exported, latency: Latency) -> None:
    """Show an export on the standard output."""
    compaction = exportable.compaction
    if compaction:
        OUT.print(_layers(compaction.layers))
    OUT.print(_files_and_speed(exported, latency))
    for line in lines_of(exportable, exported):
        OUT.print(line, markup=False)


def lines_of(exportable: Exportable, exported: Exported) -> list[str]:
    """What was found, a sentence a line."""
    lines = _compaction_lines(exportable.compaction) if exportable.compaction else []
    lines.append(f"ONNX Runtime against PyTorch, test images: {_agreed(exported.onnx)}")
    for each in exported.elsewhere:
        lines += _elsewhere_lines(each)
    return [*lines, f"{exported.folder}: written"]


def _layers(rows: Sequence[Mapping[str, Cell]]) -> Table:
    """A row a layer, narrow enough for a terminal of 80 columns."""
    caption = "MACs: multiply-adds of one window, in millions"
    table = Table(box=box.SIMPLE, caption=caption, collapse_padding=True, pad_edge=False)
    table.add_column("layer", no_wrap=True)
    for title in ("channels", "parameters", "MACs"):
        table.add_column(title, justify="right", no_wrap=True)
        table.add_column("kept", justify="right", no_wrap=True)
    for row in rows:
        counts = [f"{row[f'{key}{end}']:,}" for key in ("channels", "parameters") for end in ENDS]
        millions = [f"{float(str(row[f'multiply_adds{end}'])) / 1e6:,.2f}" for end in ENDS]
        table.add_row(str(row["layer"]), *counts, *millions, end_section=row is rows[-2])
    return table


def _files_and_speed(exported: Exported, latency: Latency) -> Table:
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row("the run's weights", _mebibytes(exported.before))
    for name, size in exported.files.items():
        table.add_row(name, _mebibytes(size))
    table.add_section()
    for name, seconds in latency.seconds.items():
        table.add_row(f"{name}, {latency.windows} windows", f"{1000 * seconds:,.0f} ms")
    table.add_row("threads", str(latency.threads))
    return table


def _compaction_lines(compaction: Compaction) -> list[str]:
    facts, total = compaction.facts, compaction.layers[-1]
    on = facts["measured_on"]
    dropped = int(str(total["channels"])) - int(str(total["channels_kept"]))
    saved = 1 - float(str(total["multiply_adds_kept"])) / float(str(total["multiply_adds"]))
    left_out = f"{dropped:,} of {total['channels']:,} channels are left out"
    judged = f"{on['images']} judged images ({on['windows']:,} windows)"
    differ = (
        f"logits differ by at most {facts['against_the_run']['largest_relative_difference']:.1e}"
    )
    changed = len(facts["against_the_run"]["changed_decisions"])
    if facts["exact"]:
        said = f"dead on {judged}, {left_out}: {saved:.2%} of the multiply-adds"
        exact = facts.get("in_float64")
        apart = exact and (
            f" (rounding: in float64 by {exact['largest_relative_difference']:.1e} where it is "
            f"most, on {exact['images']} images)"
        )
        return [said, f"on those images {changed} decisions change, {differ}{apart or ''}"]
    tuned, before, after = facts["fine_tuned"], facts["test"]["before"], facts["test"]["after"]
    accuracies = tuned["validation_accuracy"]
    ranked = f"{facts['ranked_on']['inputs']:,} training inputs"
    rate = f"{tuned['iterations']} iterations at {tuned['learning_rate']:g}"
    old, new = (f"{accuracies[when]:.1%}" for when in ("before", "after"))
    costs = facts["validation_cost"]
    return [
        f"dead on {judged}, or of small mean response to {ranked}, {left_out}",
        f"that is {saved:.2%} of the multiply-adds",
        f"fine-tuned for {rate}: accuracy on validation inputs {old}, then {new}",
        f"cost of judged validation images {costs['before']:g}, now {costs['after']:g}",
        *(f"{name} {before[name]:.4g}, now {after[name]:.4g}" for name in after if name in before),
        f"on the judged images {changed} decisions change",
    ]


def _elsewhere_lines(elsewhere: Elsewhere) -> list[str]:
    changed, unread = elsewhere.agreed.changed, elsewhere.unread
    lines = [f"{elsewhere.folder}, against the run's network: {_agreed(elsewhere.agreed)}"]
    lines += [f"  decided otherwise: {name}" for name in changed[:NAMED]]
    lines += [f"  and {len(changed) - NAMED} more"] if len(changed) > NAMED else []
    lines += [f"  not judged: {name}: {why}" for name, why in [*unread.items()][:NAMED]]
    return lines + ([f"  and {len(unread) - NAMED} more"] if len(unread) > NAMED else [])


def _agreed(agreed: Agreement) -> str:
    return (
        f"{len(agreed.changed)} of {agreed.images} decisions differ, logits by at most "
        f"{agreed.largest:.1e} ({agreed.windows:,} windows)"
    )


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):,.3f} MiB"

"""Compare the DAGM-style images with real DAGM images, in numbers and in a figure.

    python experiments/synthetic_vs_real.py --real SAMPLES [--more-real DAGM]

SAMPLES holds images named `TEXTURE-NAME.png`, their masks `TEXTURE-NAME_label.PNG`; DAGM holds
`ClassN` folders in the official layout. Written: `results/synthetic_vs_real.csv`, the real
images' numbers alone as `results/real_statistics.json` (the tests compare with those, so they
need no real image), and `docs/synthetic_vs_real.png`. The exit status is 1 where a
statistic lies outside its tolerance (`tolerance` in the table says which it is).
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from dagm_transfer.data.kinds.synthetic.draw import draw_image
from dagm_transfer.data.kinds.synthetic.likeness import (
    Measured,
    Reference,
    Row,
    compare,
    measure,
    reference,
)

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "experiments" / "results"

ELLIPSES: Final = {1: (60, 44), 2: (61, 13), 3: (46, 22), 4: (75, 30), 5: (50, 30), 6: (228, 31)}
"""Median semi-axes of the originals' weak labels, all 150 a texture."""

ORANGE: Final = "#E69F00"  # Okabe and Ito


@dataclass(frozen=True)
class Sample:
    """An image, [512, 512] uint8, with its weak label, bool of that shape, where it has one."""

    pixels: NDArray[np.uint8]
    label: NDArray[np.bool_] | None


def read_samples(folder: Path, texture: int) -> Iterator[Sample]:
    """Read `TEXTURE-NAME.png` with `TEXTURE-NAME_label.PNG`."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(f"{texture}-") and "_label" not in path.name:
            yield _sample(path, path.with_name(f"{path.stem}_label.PNG"))


def read_official(folder: Path, texture: int) -> Iterator[Sample]:
    """Read the halves of `ClassN`, as far as they are there."""
    for path in sorted(folder.glob(f"Class{texture}/*/*.PNG")):
        yield _sample(path, path.parent / "Label" / f"{path.stem}_label.PNG")


def _sample(path: Path, label: Path) -> Sample:
    pixels = np.asarray(Image.open(path).convert("L"))
    mask = np.asarray(Image.open(label).convert("L")) > 0 if label.exists() else None
    return Sample(pixels, mask)


def draw_samples(texture: int, count: int, seed: int) -> list[Sample]:
    """Draw `count` defective and as many normal DAGM-style images."""
    drawn = [
        draw_image(texture, defective=flag, seed=seed, index=i)
        for flag in (True, False)
        for i in range(count)
    ]
    return [
        Sample(d.pixels, None if d.ellipse is None else d.ellipse.mask(*d.pixels.shape))
        for d in drawn
    ]


def measured(samples: Sequence[Sample]) -> Measured:
    """Measure all samples."""
    return measure([(s.pixels, s.label) for s in samples])


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write the comparison as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row.__dataclass_fields__)
        for r in rows:
            numbers = (r.real_low, r.real_high, r.synthetic, r.synthetic_p5, r.synthetic_p95)
            low, high, middle, p5, p95 = (f"{v:.3f}" for v in numbers)
            line = (r.texture, r.statistic, low, high, r.real_images, middle, p5, p95)
            writer.writerow([*line, r.tolerance, str(r.within).lower()])


def draw_figure(path: Path, pairs: Mapping[int, tuple[Sample, Sample]]) -> None:
    """Show for each texture a real image beside a drawn one, whole and enlarged."""
    titles = ("whole image", "around the defect", "background")
    figure = Figure(figsize=(14.4, 15.6), dpi=100)
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(pairs), 6, squeeze=False)
    for column, axes in enumerate(grid[0]):
        axes.set_title(f"{('real', 'DAGM-style')[column % 2]}\n{titles[column // 2]}", size=15)
    for line, (texture, pair) in zip(grid, pairs.items(), strict=True):
        for column, axes in enumerate(line):
            sample = pair[column % 2]
            place = (slice(None), slice(None))
            if column >= 2:
                place = _crop_place(sample, around_defect=column < 4)
            # Whole images are shown smaller than they are: smoothed, or they would alias.
            shown = "nearest" if column >= 2 else "antialiased"
            axes.imshow(sample.pixels[place], cmap="gray", vmin=0, vmax=255, interpolation=shown)
            if column < 4 and sample.label is not None:
                axes.contour(sample.label[place], levels=[0.5], colors=ORANGE, linewidths=1.8)
            axes.set_xticks([])
            axes.set_yticks([])
        line[0].set_ylabel(f"texture {texture}", size=15)
    figure.text(0.01, 0.022, "Orange: weak label. Crops: 96 pixels, not smoothed.", size=13)
    figure.text(0.01, 0.006, "Real images: DAGM 2007, Wieler, Hahn, Hamprecht, CC BY 4.0", size=13)
    figure.subplots_adjust(
        left=0.03, right=0.995, top=0.955, bottom=0.045, wspace=0.03, hspace=0.03
    )
    figure.savefig(path)


def _crop_place(sample: Sample, *, around_defect: bool, side: int = 96) -> tuple[slice, slice]:
    """Where to cut: around the label's centre, or the corner farthest from it."""
    assert sample.label is not None
    shape = sample.pixels.shape
    middle = [float(v.mean()) for v in np.nonzero(sample.label)]
    if around_defect:
        starts = [
            int(np.clip(m - side / 2, 0, n - side)) for m, n in zip(middle, shape, strict=True)
        ]
    else:
        starts = [24 if m > n / 2 else n - side - 24 for m, n in zip(middle, shape, strict=True)]
    return slice(starts[0], starts[0] + side), slice(starts[1], starts[1] + side)


def _like(real: Sample, drawn: Sequence[Sample]) -> Sample:
    """The drawn image whose weak label is nearest in area: like is shown beside like."""
    assert real.label is not None
    area = int(real.label.sum())
    _, nearest = min(
        (abs(int(s.label.sum()) - area), place)
        for place, s in enumerate(drawn)
        if s.label is not None
    )
    return drawn[nearest]


def main() -> int:
    """Run the comparison; 0 where everything lies within its tolerance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--real", type=Path, required=True, help="folder of TEXTURE-NAME.png")
    parser.add_argument("--more-real", type=Path, help="folder of ClassN folders")
    parser.add_argument("--count", type=int, default=40, help="normal and as many defective")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows: list[Row] = []
    references: dict[str, Reference] = {}
    pairs: dict[int, tuple[Sample, Sample]] = {}
    for texture in range(1, 7):
        samples = list(read_samples(options.real, texture))
        shown = next(s for s in samples if s.label is not None)
        if options.more_real is not None:
            samples += read_official(options.more_real, texture)
        drawn = draw_samples(texture, options.count, options.seed)
        references[str(texture)] = reference(measured(samples), ELLIPSES[texture])
        rows += compare(texture, references[str(texture)], measured(drawn))
        pairs[texture] = (shown, _like(shown, drawn))
        print(f"texture {texture}: {len(samples)} real images, {len(drawn)} drawn")
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_table(RESULTS / "synthetic_vs_real.csv", rows)
    (RESULTS / "real_statistics.json").write_text(
        json.dumps({k: asdict(v) for k, v in references.items()}, indent=1) + "\n"
    )
    draw_figure(ROOT / "docs" / "synthetic_vs_real.png", pairs)
    outside = [r for r in rows if not r.within]
    for r in outside:
        print(
            f"texture {r.texture} {r.statistic}: real {r.real_low:.2f}..{r.real_high:.2f}, "
            f"drawn {r.synthetic:.2f} ({r.synthetic_p5:.2f}..{r.synthetic_p95:.2f})"
        )
    print(f"{len(rows) - len(outside)} of {len(rows)} statistics within tolerance")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())

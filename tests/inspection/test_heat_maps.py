"""Scores laid over an image: where there is colour, which, and where the files go."""

from pathlib import Path

import numpy as np
import pytest

from dagm_transfer.inspection.heat_maps import COLOURS, OPACITY, legend, overlaid
from dagm_transfer.inspection.predicting.heat_map_files import common_folder, heat_map_path
from dagm_transfer.inspection.predicting.image_files import ImageFile
from dagm_transfer.judging.scores import JudgedWindows
from dagm_transfer.judging.windows import window_corners

THRESHOLD = 1.5
SIZE = 32


def map_of(shape: tuple[int, int], stride: int, hot: dict[int, float], grey: int = 100):
    """The map of an even image whose windows lie far below the threshold, but for some."""
    corners = window_corners(shape, size=SIZE, stride=stride)
    scores = np.full(len(corners), THRESHOLD - 10)
    for place, above in hot.items():
        scores[place] = THRESHOLD + above
    pixels = np.full(shape, grey, np.uint8)
    return overlaid(pixels, JudgedWindows(corners, scores), size=SIZE, threshold=THRESHOLD)


def coloured(drawn: np.ndarray) -> np.ndarray:
    return np.ptp(drawn.astype(int), axis=2) > 0


def blended(grey: int, stop: int) -> list[int]:
    return [round((1 - OPACITY[stop]) * grey + OPACITY[stop] * c) for c in COLOURS[stop]]


def test_a_normal_image_stays_as_it_is():
    drawn = map_of((96, 64), 16, {})
    assert drawn.shape == (96, 64, 3)
    assert drawn.dtype == np.uint8
    assert (drawn == 100).all()


@pytest.mark.parametrize(("above", "stop"), [(0.0, 0), (4.0, 1), (8.0, 2), (500.0, 2)])
@pytest.mark.parametrize("stride", [16, 32])
def test_the_middle_of_a_window_has_the_colour_of_its_score(above, stop, stride):
    corners = window_corners((96, 96), size=SIZE, stride=stride)
    place = corners.index((32, 64))
    drawn = map_of((96, 96), stride, {place: above})
    assert drawn[80, 48].tolist() == blended(100, stop)


def test_just_below_the_threshold_there_is_no_colour_and_at_it_there_is():
    assert not coloured(map_of((64, 64), 16, {4: -1e-9})).any()
    assert coloured(map_of((64, 64), 16, {4: 0.0})).any()


def test_windows_that_do_not_overlap_by_half_are_shown_as_they_are():
    mask = coloured(map_of((96, 96), 32, {4: 3.0}))
    expected = np.zeros((96, 96), bool)
    expected[32:64, 32:64] = True
    assert np.array_equal(mask, expected)


def test_overlapping_windows_fade_into_each_other_and_a_defect_is_seen_inside_them():
    corners = window_corners((96, 96), size=SIZE, stride=16)
    drawn = map_of((96, 96), 16, {corners.index((32, 32)): 5.0})
    mask = coloured(drawn)
    rows, columns = np.nonzero(mask)
    assert (rows.min(), columns.min()) > (32, 32)
    assert (rows.max(), columns.max()) < (63, 63)
    assert drawn[48, 48].tolist() != drawn[rows.min(), 48].tolist()
    assert np.array_equal(mask, mask.T)


def test_a_tall_image_is_coloured_in_bands_as_it_is_lying_in_one():
    def of(shape: tuple[int, int], turn: int) -> np.ndarray:
        corners = window_corners(shape, size=SIZE, stride=16)
        scores = [suspicion[corner[::turn]] for corner in corners]
        pixels = standing if turn == 1 else standing.T
        return overlaid(
            pixels, JudgedWindows(corners, np.array(scores)), size=SIZE, threshold=THRESHOLD
        )

    random = np.random.default_rng(0)
    standing = random.integers(0, 256, (700, 96), np.uint8)
    places = window_corners(standing.shape, size=SIZE, stride=16)
    suspicion = {corner: THRESHOLD + random.normal(0, 4) for corner in places}
    tall = of((700, 96), 1)
    # Equal but for the last bit of a sum, which may round a colour to either side.
    lying = of((96, 700), -1).transpose(1, 0, 2)
    assert np.abs(tall.astype(int) - lying).max() <= 1
    assert 0.2 < (tall != np.repeat(standing[..., None], 3, axis=2)).any(axis=2).mean() < 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 96), (20, 31), (33, 97)])
def test_any_size_is_drawn_at_its_own(shape):
    padded = (max(shape[0], SIZE), max(shape[1], SIZE))
    corners = window_corners(padded, size=SIZE, stride=16)
    scores = np.full(len(corners), THRESHOLD + 8)
    drawn = overlaid(
        np.zeros(shape, np.uint8), JudgedWindows(corners, scores), size=SIZE, threshold=THRESHOLD
    )
    assert drawn.shape == (*shape, 3)
    assert (drawn == blended(0, 2)).all()


def test_the_legend_shows_the_colours_of_the_maps():
    shown = np.asarray(legend(THRESHOLD)).reshape(-1, 3)
    for stop in range(3):
        wanted = np.array(blended(128, stop))
        assert np.abs(shown.astype(int) - wanted).max(axis=1).min() <= 2


def test_equal_names_in_two_folders_do_not_collide():
    files = [
        ImageFile(Path(name), Path("/shots") / name)
        for name in ("a/1.png", "b/1.png", "1.png", "1.tif")
    ]
    common = common_folder(files)
    paths = [heat_map_path(Path("maps"), file, common).as_posix() for file in files]
    assert paths == [
        "maps/a/1.png.heat.png", "maps/b/1.png.heat.png", "maps/1.png.heat.png",
        "maps/1.tif.heat.png",
    ]  # fmt: skip

"""An image of any size judged by its windows."""

import numpy as np
import pytest
from inspectors import small_card
from memory import peak_above

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.opened import Opened
from dagm_transfer.inspection.verdict import TooDeepError, judge_levels
from dagm_transfer.judging.card import write_card
from dagm_transfer.judging.windows import AT_ONCE

SIZE = 32


def brightness(pixels: np.ndarray) -> np.ndarray:
    """Logits that say defective, and the second texture, the brighter the brightest pixel is."""
    largest = pixels.max(axis=(1, 2)).astype(float)
    zeros = np.zeros_like(largest)
    return np.stack([zeros, zeros, largest / 2 - 20, largest - 50], axis=1)


def test_the_brightest_window_judges_and_says_where_it_lies():
    levels = np.full((100, 70), 10, np.uint8)
    levels[90, 60] = 200
    found = judge_levels(Opened(small_card(), brightness), levels)
    assert (found.group, found.defective, found.padded) == ("texture 2", True, False)
    brightest = np.flatnonzero(found.windows.scores == found.score)
    for place in brightest:
        left, top = found.windows.corners[place]
        assert left <= 60 < left + SIZE
        assert top <= 90 < top + SIZE
    # Lefts of 0, 16, 32 and 38, tops of 0, 16, ... 64 and 68.
    assert len(found.windows.corners) == 4 * 6
    assert len(brightest) == 2 * 2


def test_windows_reach_the_network_in_order_and_few_at_once():
    seen = []

    def logits(pixels: np.ndarray) -> np.ndarray:
        seen.append(pixels)
        return brightness(pixels)

    levels = np.random.default_rng(0).integers(0, 256, (400, 520), np.uint8)
    found = judge_levels(Opened(small_card(stride=16), logits), levels)
    assert len(seen) > 1
    assert max(len(part) for part in seen) == AT_ONCE
    for (left, top), window in zip(found.windows.corners, np.concatenate(seen), strict=True):
        assert np.array_equal(window, levels[top : top + SIZE, left : left + SIZE])


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (70, 1), (31, 32), (5, 9)])
def test_smaller_than_a_window_is_mirrored(shape):
    levels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    found = judge_levels(Opened(small_card(), brightness), levels)
    assert found.padded
    assert len(found.windows.corners) == len(found.windows.scores)


@pytest.mark.parametrize("shape", [(0, 0), (0, 40), (40, 0)])
@pytest.mark.parametrize("how", [{"stride": 16}, {"stride": None, "input": "image"}])
def test_an_image_without_a_pixel_is_no_image(shape, how):
    with pytest.raises(UserError, match="without a pixel"):
        judge_levels(Opened(small_card(**how), brightness), np.zeros(shape, np.uint8))


@pytest.mark.parametrize("answer", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("how", [{"stride": 16}, {"stride": None, "input": "image"}])
def test_a_network_that_diverged_is_said_and_no_image_is_called_normal(answer, how):
    def logits(pixels: np.ndarray) -> np.ndarray:
        return np.full((len(pixels), 4), answer)

    with pytest.raises(UserError, match="diverged"):
        judge_levels(Opened(small_card(**how), logits), np.zeros((64, 64), np.uint8))


def test_deeper_pixels_are_refused_and_read_where_the_depth_is_stated():
    levels = np.full((SIZE, SIZE), 3200, np.uint16)
    with pytest.raises(TooDeepError, match="more than the 8 bits"):
        judge_levels(Opened(small_card(), brightness), levels)
    deep = judge_levels(Opened(small_card(bits=12), brightness), levels)
    plain = judge_levels(Opened(small_card(), brightness), np.full((SIZE, SIZE), 200, np.uint8))
    assert deep.score == plain.score


def test_an_image_of_any_size_takes_the_memory_of_few_windows(tmp_path):
    write_card(small_card(stride=8), tmp_path / "card.json")
    setup = (
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from dagm_transfer.inspection.opened import Opened\n"
        "from dagm_transfer.inspection.verdict import judge_levels\n"
        "from dagm_transfer.judging.card import read_card\n"
        "ones = lambda pixels: np.ones((len(pixels), 4)) * pixels.max(axis=(1, 2))[:, None]\n"
        "opened = Opened(read_card(Path(sys.argv[1])), ones)\n"
        "levels = np.ones((3000, 3000), np.uint8)\n"
        "judge_levels(opened, levels[:64, :64])\n"
    )
    # 138,384 windows of 1 KiB each are 142 MB, were they all cut out.
    peak = peak_above(setup, "judge_levels(opened, levels)", tmp_path / "card.json")
    assert peak < 80e6

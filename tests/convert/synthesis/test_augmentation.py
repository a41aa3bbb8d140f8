"""Each kind of wear does what it is called, and none breaks a picture of ink."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.synthesis import augmentation
from edge_ocr.page import Gray

STEPS: dict[str, Callable[[Gray, np.random.Generator], Gray]] = {
    "thicken": augmentation.thicken,
    "blur": lambda ink, rng: augmentation.blur(ink, rng, 2.0),
    "fade": augmentation.fade,
    "grain": augmentation.grain,
    "compress": augmentation.compress,
    "threshold": augmentation.threshold,
    "wear": augmentation.wear,
}


def letter(height: int = 48, width: int = 40) -> Gray:
    ink = np.zeros((height, width), np.uint8)
    cv2.line(ink, (width // 4, 6), (width // 4, height - 7), 255, 4, cv2.LINE_AA)
    cv2.line(ink, (width // 4, height // 2), (3 * width // 4, height // 2), 255, 4, cv2.LINE_AA)
    return ink


@settings(max_examples=25)
@given(st.sampled_from(sorted(STEPS)), st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32))
def test_every_step_gives_ink_of_the_same_size(name: str, height: int, width: int, seed: int) -> None:
    """Some draw or some size stops training's data, or moves a character in its crop."""
    rng = np.random.default_rng(seed)
    worn = STEPS[name](rng.integers(0, 256, (height, width), np.uint8), rng)
    assert worn.shape == (height, width) and worn.dtype == np.uint8


@pytest.mark.parametrize("name", STEPS)
def test_chances_come_from_the_generator_alone(name: str) -> None:
    """The same seed gives other shards, so that a training can't be repeated."""
    first, again = (STEPS[name](letter(), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("name", STEPS)
def test_steps_change_something_and_leave_their_input_alone(name: str) -> None:
    """A step does nothing, or wears the source's own picture more with each draw."""
    ink = letter()
    changed = [not np.array_equal(STEPS[name](ink, np.random.default_rng(seed)), letter()) for seed in range(8)]
    assert any(changed)
    assert np.array_equal(ink, letter())


@pytest.mark.parametrize("seed", range(8))
def test_fading_weakens_and_never_adds(seed: int) -> None:
    """Pressure makes ink where there was none."""
    faded = augmentation.fade(letter(), np.random.default_rng(seed))
    assert (faded <= letter()).all()


@pytest.mark.parametrize("seed", range(8))
def test_the_ramp_reaches_paper_and_pen(seed: int) -> None:
    """What is trained on is paler than what the runtime sees."""
    ink = cv2.GaussianBlur(letter(), (0, 0), 1.5)
    ramped = augmentation.threshold(ink, np.random.default_rng(seed))
    assert ramped.max() >= 250 and (ramped == 0).mean() > 0.3
    order = np.argsort(ink, axis=None)
    assert (np.diff(ramped.ravel()[order].astype(int)) >= 0).all()


def test_most_worn_characters_can_still_be_read() -> None:
    """Wear is so hard that training learns labels of blank tiles."""
    rng = np.random.default_rng(0)
    kept = [np.corrcoef(letter().ravel(), augmentation.wear(letter(), rng).ravel())[0, 1] for _ in range(60)]
    assert np.median(kept) > 0.8 and np.mean(np.array(kept) > 0.5) > 0.9


def test_between_stays_between() -> None:
    """Ranges are left, or only their ends are drawn."""
    rng = np.random.default_rng(0)
    drawn = [augmentation.between(rng, -2, 3) for _ in range(200)]
    assert -2 <= min(drawn) < -1.7 and 2.7 < max(drawn) < 3

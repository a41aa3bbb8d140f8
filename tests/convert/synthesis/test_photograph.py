"""Synthetic photographs: each step does what it says, and the homography says where the ink went."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.synthesis import photograph as ph

SHAPE = (120, 160)
CLEAR = ph.Conditions(
    papers=("white",), pens=("marker",), rulings=("plain",), stains=0, shadow=(0, 0), noise=(0, 0), motion=(0, 0)
)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def blot(x: int, y: int) -> np.ndarray:
    """A page with one disc of ink."""
    return cv2.circle(np.zeros(SHAPE, np.uint8), (x, y), 5, 255, -1)


@settings(max_examples=15)
@given(st.integers(16, 90), st.integers(16, 200), st.integers(0, 2**32))
def test_any_page_gives_a_picture_of_its_size(height: int, width: int, seed: int) -> None:
    """Fails when some draw or some size breaks a step, or gives other types than a camera's."""
    taken = ph.photograph(np.zeros((height, width), np.uint8), random(seed))
    assert taken.picture.shape == (height, width, 3) and taken.picture.dtype == np.uint8
    assert taken.to_picture.shape == (3, 3)


def test_the_same_seed_gives_the_same_picture() -> None:
    """Fails when a step draws from anything but the generator it was given."""
    first, again, other = (ph.photograph(blot(80, 60), random(seed)).picture for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(4))
def test_the_homography_leads_to_the_ink(seed: int) -> None:
    """Fails when boxes carried from the page into the picture would miss the writing."""
    taken = ph.photograph(blot(50, 40), random(seed), CLEAR)
    x, y = cv2.perspectiveTransform(np.array([[[50.0, 40.0]]]), taken.to_picture)[0, 0]
    rows, columns = np.nonzero(taken.picture[8:-8, 8:-8].max(axis=2) < 90)
    assert abs(columns.mean() + 8 - x) < 1.5 and abs(rows.mean() + 8 - y) < 1.5


def test_chalk_is_brighter_than_its_board() -> None:
    """Fails when light pens on dark boards come out dark."""
    board = ph.paper(SHAPE, ph.PAPERS["board"], random())
    written = ph.write(board, blot(80, 60), ph.PENS["chalk"], random())
    assert written[60, 80].mean() > board.mean() + 0.3


@pytest.mark.parametrize("pen", sorted(set(ph.PENS) - {"chalk"}))
@pytest.mark.parametrize("paper", ["white", "grey", "recycled"])
def test_every_pen_shows_on_every_paper(pen: str, paper: str) -> None:
    """Fails when a pen's settings make writing that nobody can read."""
    page = ph.paper(SHAPE, ph.PAPERS[paper], random())
    written = ph.write(page, blot(80, 60), ph.PENS[pen], random())
    disc = blot(80, 60) > 0
    assert page[disc].mean() - written[disc].mean() > 0.08


def test_ruled_lines_stand_at_their_pitch() -> None:
    """Fails when lines are missing, doubled or elsewhere than asked."""
    page = np.ones((*SHAPE, 3), np.float32)
    lines = ph.rule(page, "lines", 20.0, (10.0, 10.0), random())[..., 2]
    assert list(np.flatnonzero(lines[:, 5] < lines.max() - 0.1)) == [10, 30, 50, 70, 90, 110]
    squares = ph.rule(page, "squares", 20.0, (10.0, 10.0), random())[..., 2]
    assert list(np.flatnonzero(squares[0] < squares.max() - 0.1)) == list(range(10, 160, 20))
    assert ph.rule(page, "plain", 20.0, (10.0, 10.0), random()) is page


@pytest.mark.parametrize("seed", range(5))
def test_a_shadow_takes_its_depth_and_no_more(seed: int) -> None:
    """Fails when a shadow covers nothing, everything, or is deeper than asked."""
    field = ph.shadow(SHAPE, 0.4, 0.01, random(seed))
    assert field.min() == pytest.approx(0.6, abs=0.01) and field.max() == pytest.approx(1, abs=0.01)
    assert 0.02 < (field < 0.8).mean() < 0.6


def test_a_soft_shadow_has_a_wider_edge_than_a_hard_one() -> None:
    """Fails when softness does nothing: every shadow would be the hard case."""
    hard, soft = (ph.shadow(SHAPE, 0.5, softness, random(3)) for softness in (0.003, 0.2))
    assert np.abs(np.diff(hard, axis=1)).max() > 5 * np.abs(np.diff(soft, axis=1)).max()


def test_daylight_spans_exactly_its_unevenness() -> None:
    """Fails when the light's fall is not what the settings say."""
    field = ph.daylight(SHAPE, 0.3, random())
    assert field.max() == pytest.approx(1) and field.min() == pytest.approx(0.7)


def test_shaking_smears_without_darkening() -> None:
    """Fails when the kernel does not sum to one, or the camera never moves."""
    dot = np.zeros((21, 21, 3), np.float32)
    dot[10, 10] = 1
    shaken = ph.shake(dot, 6.0, random())
    assert shaken.sum() == pytest.approx(dot.sum(), rel=1e-4) and shaken.max() < 0.5
    assert ph.shake(dot, 0.0, random()) is dot


def test_the_desk_shows_only_where_there_is_no_paper() -> None:
    """Fails when the desk bleeds into the paper, or the paper covers the desk."""
    far = ph.Conditions(desk=(0.2, 0.2), turn=(0, 0), perspective=(0, 0))
    picture = ph.lay_on_desk(np.ones((*SHAPE, 3), np.float32), ph.viewpoint(SHAPE, random(), far), random())
    assert picture[30:90, 40:120].min() > 0.99 and picture[:16].max() < 0.9

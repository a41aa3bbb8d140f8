"""Made scenes: labels lie on the text, and on nothing else that is drawn, printed or lying about."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.synthesis.line_sources import Written
from convert.synthesis.scenes import backgrounds, marks, sheets, views
from convert.synthesis.scenes.exposure import expose
from convert.synthesis.scenes.shards import UNSURE, UP_CELL, Scene, load_scenes, save_scenes
from convert.synthesis.scenes.views import Pose


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def word(height: int = 30, width: int = 120) -> np.ndarray:
    """Ink like a row of n's: five arches, as high as the picture."""
    ink = np.zeros((height, width), np.uint8)
    for left in range(4, width - 20, 24):
        cv2.rectangle(ink, (left, 2), (left + 14, height - 1), 255, 3)
    return ink


def plain_sheet(width: int = 240, height: int = 160) -> sheets.Sheet:
    return sheets.empty_sheet(width, height, random(), dark=False)


def laid(sheet: sheets.Sheet, turn: float, seed: int = 1) -> Scene:
    """The sheet in the middle of a grey picture, turned clockwise by some degrees."""
    width, height = sheet.size
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -turn, 1.0), [0, 0, 1]])
    shift = np.array([[1, 0, 160 - width / 2], [0, 1, 160 - height / 2], [0, 0, 1]])
    view = views.empty_view(np.full((320, 320), 0.4, np.float32), 20.0)
    views.lay(view, sheet, Pose(shift @ matrix, turn % 360), random(seed))
    return expose(view, random(seed))


def written(turn: float = 0.0) -> Scene:
    sheet = plain_sheet()
    sheets.put(sheet, Written(word(), "nnnnn"), 60, 60)
    sheets.finish(sheet, random(2))
    return laid(sheet, turn)


def test_the_label_is_where_the_ink_is() -> None:
    """Fails when picture and label go through different maps: the finder would learn to look beside the pen."""
    scene = written()
    blurred = cv2.GaussianBlur(scene.picture.astype(np.float32), (0, 0), 25)
    darker = blurred - scene.picture
    assert darker[scene.text > 200].mean() > darker[scene.text == 0].mean() + 20


@pytest.mark.parametrize(("turn", "way"), [(0, 1), (90, 2), (180, 3), (270, 4), (8, 1), (260, 4)])
def test_the_way_tells_how_the_sheet_was_turned(turn: float, way: int) -> None:
    """Fails when turned pages would be turned the wrong way."""
    found = written(turn).up
    assert set(found[(found > 0) & (found < UNSURE)].tolist()) == {way}


def test_between_two_quarters_nobody_says_which_way_is_up() -> None:
    """Fails when a sheet at 45 degrees teaches either of its two neighbours."""
    found = written(45).up
    assert set(found.ravel().tolist()) == {0, UNSURE}


def test_the_core_zone_spans_the_word_and_lies_within_its_height() -> None:
    """Fails when lines could not be distinguished, or would fall into letters."""
    scene = written()
    rows, columns = np.nonzero(scene.core > 127)
    text_rows, text_columns = np.nonzero(scene.text > 127)
    assert abs(4 * columns.min() - text_columns.min()) < 12 and abs(4 * columns.max() - text_columns.max()) < 12
    assert 4 * rows.min() > text_rows.min() - 6 and 4 * rows.max() < text_rows.max() + 6


def test_neighbouring_lines_have_zones_of_their_own() -> None:
    """Fails when two close lines would be read as one."""
    sheet = plain_sheet()
    for top in (40, 74):
        sheets.put(sheet, Written(word(), "nnnnn"), 60, top)
    count, _ = cv2.connectedComponents(sheet.core)
    assert count == 3


@pytest.mark.parametrize("seed", range(12))
def test_drawings_and_rulings_are_no_text(seed: int) -> None:
    """Fails when underlines, logos, combs or doodles would be learnt as writing."""
    sheet = plain_sheet()
    sheets.put(sheet, Written(word(), "nnnnn"), 60, 60)
    before = sheet.text.copy(), sheet.core.copy()
    sheets.furnish(sheet, random(seed), 20)
    sheets.scribble(sheet, random(seed), 12)
    sheets.finish(sheet, random(seed))
    assert np.array_equal(sheet.text, before[0]) and np.array_equal(sheet.core, before[1])


def test_a_sheet_hides_the_text_below_it() -> None:
    """Fails when the finder would have to see through paper."""
    view = views.empty_view(np.full((160, 240), 0.5, np.float32), 20.0)
    below = plain_sheet()
    sheets.put(below, Written(word(), "nnnnn"), 60, 60)
    above = plain_sheet()
    for sheet in (below, above):
        views.lay(view, sheet, Pose(np.eye(3), 0.0), random(5))
    assert view.text[62:88, 66:170].max() < 10 and view.core[62:88, 66:170].max() < 10


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_textures_are_light(seed: int, held_out: bool) -> None:
    """Fails when a texture leaves 0 to 1 or has another size, which would end a long run of making scenes."""
    field = backgrounds.textured((64, 96), random(seed), held_out)
    assert field.shape == (64, 96) and field.min() > 0 and field.max() <= 1


@pytest.mark.parametrize("seed", range(20))
def test_every_drawing_draws(seed: int) -> None:
    """Fails when a kind of drawing leaves the sheet empty or cannot be drawn at some size."""
    mask = np.zeros((120, 120), np.uint8)
    marks.drawing(mask, random(seed), (60.0, 60.0), 60.0, 2.0)
    assert mask.any()


def test_shards_keep_scenes(tmp_path: Path) -> None:
    """Fails when labels change on their way to the training, or sizes other than whole cells get there."""
    scenes = [written(), written(90)]
    save_scenes(tmp_path / "scenes-000.npz", scenes)
    for kept, scene in zip(load_scenes(tmp_path / "scenes-000.npz"), scenes, strict=True):
        assert all(np.array_equal(*pair) for pair in ((kept.text, scene.text), (kept.core, scene.core)))
        assert np.array_equal(kept.up, scene.up)
        assert kept.picture.shape == tuple(UP_CELL * size for size in kept.up.shape)

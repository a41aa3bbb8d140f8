"""Training tiles: labelled right, cut as the runtime cuts them, the same for the same seed."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.data.arrays import Images, Strokes
from convert.data.classes import CLASS_OF, JUNK, LABELS, LOOK_ALIKE, class_pair
from convert.synthesis.character_sources import (
    Drawn,
    ImageSource,
    Source,
    StrokeSource,
    random_affine,
    warp,
    writer_capital_heights,
)
from convert.synthesis.seen_characters import ink_box
from convert.synthesis.tiles import Synthesis, Tiles, beside, load_shard, make_shard, worn_tile
from edge_ocr.layout.tile import SIDE


class Fixed:
    """A source that always draws one character."""

    def __init__(self, char: str, case_known: bool = True, capital: float = 0.0) -> None:
        ink = np.zeros((52, 44), np.uint8)
        cv2.putText(ink, char, (6, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 255, 4, cv2.LINE_AA)
        self._drawn = Drawn(ink, char, case_known, capital)

    def draw(self, rng: np.random.Generator) -> Drawn:
        return self._drawn


def sources() -> dict[str, Source]:
    chars = {"emnist": "A", "1a": "4", "1b": "B", "1c": "g", "1d": "%", "3": "k", "fonts": "R"}
    return {name: Fixed(char, name != "emnist") for name, char in chars.items()}


def strokes(*samples: tuple[str, str, list[list[tuple[int, int]]]]) -> Strokes:
    """UNIPEN samples of (label, writer, strokes with y up)."""
    lines = [line for _, _, drawn in samples for line in drawn]
    return Strokes(
        np.array([point for line in lines for point in line], np.int32),
        np.array([len(line) for line in lines], np.uint32),
        np.array([len(drawn) for _, _, drawn in samples], np.uint16),
        np.array([label for label, _, _ in samples]),
        np.array([writer for _, writer, _ in samples]),
    )


ELL = [[(0, 100), (0, 0), (60, 0)]]
DOT = [[(0, 0), (2, 0)]]


def test_labels_cover_every_character_once() -> None:
    """A character has two classes, or none, or a class changes its number."""
    written = "".join(LABELS)
    assert len(written) == len(set(written)) == len(CLASS_OF)
    assert LABELS[JUNK] == "" and len(LABELS) == 81
    for char, number in CLASS_OF.items():
        assert char in LABELS[number]


def test_an_unknown_case_teaches_both_cases() -> None:
    """Images whose source folded the case teach the wrong one."""
    assert class_pair("A", True) == (CLASS_OF["A"],) * 2
    assert set(class_pair("k", False)) == {CLASS_OF["k"], CLASS_OF["K"]}
    assert all(len(set(class_pair(letter, False))) == 1 for letter in LOOK_ALIKE)


def test_the_same_seed_gives_the_same_tiles() -> None:
    """A shard that was lost can't be made again."""

    def drawn(seed: int) -> list[tuple[bytes, int, int]]:
        return [(tile.tobytes(), *classes) for tile, *classes in islice(Synthesis(sources(), seed), 40)]

    assert drawn(1) == drawn(1) != drawn(2)


def test_tiles_carry_the_labels_of_their_source() -> None:
    """The network is taught wrong labels, or never sees what is not a character."""
    tiles = list(islice(Synthesis(sources(), 0), 600))
    seen = {classes for _, *pair in tiles for classes in [tuple(pair)]}
    expected = {class_pair(char, True) for char in "4Bg%kR"} | {class_pair("A", False), (JUNK, JUNK)}
    assert seen == expected
    assert all(tile.shape == (SIDE, SIDE) and tile.max() == 255 for tile, *_ in tiles)
    assert 0.02 < np.mean([pair[0] == JUNK for _, *pair in tiles]) < 0.12


def test_too_little_ink_is_not_shown() -> None:
    """Blank tiles are labelled with characters."""
    hairline = np.zeros((60, 60), np.uint8)
    hairline[30, 5:55] = 110
    hairline[10:50, 30] = 110
    worn = [worn_tile(hairline, 0.0, np.random.default_rng(seed)) for seed in range(60)]
    assert any(tile is None for tile in worn)
    assert all(tile.max() == 255 for tile in worn if tile is not None)


def test_beside_keeps_both_inks() -> None:
    """Neighbours are cut off, or overlap where they should stand apart."""
    left, right = np.full((10, 4), 90, np.uint8), np.full((6, 5), 200, np.uint8)
    apart = beside(left, right, 3)
    assert apart.shape == (10, 12) and (apart == 90).sum() == 40 and (apart == 200).sum() == 30
    over = beside(left, right, -2)
    assert over.shape == (10, 7) and (over == 200).sum() == 30
    assert beside(left, right, -50).shape[1] == 6


def test_shards_come_back_from_disk(tmp_path: Path) -> None:
    """Tiles and labels get out of step, or a broken shard is left behind where one was interrupted."""
    path = tmp_path / "tiles-000.npz"
    make_shard(path, 30, 3, sources())
    shard = load_shard(path)
    assert isinstance(shard, Tiles)
    assert shard.tiles.shape == (30, SIDE, SIDE) and shard.classes.shape == (30, 2)
    for number, (tile, *classes) in enumerate(islice(Synthesis(sources(), 3), 30)):
        assert np.array_equal(shard.tiles[number], tile) and list(shard.classes[number]) == classes
    assert [path.name for path in tmp_path.iterdir()] == ["tiles-000.npz"]


def test_an_interrupted_shard_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    """Training goes on with a shard that is cut short."""

    class Broken(Fixed):
        def draw(self, rng: np.random.Generator) -> Drawn:
            raise KeyboardInterrupt

    broken: dict[str, Source] = dict.fromkeys(sources(), Broken("A"))
    with pytest.raises(KeyboardInterrupt):
        make_shard(tmp_path / "tiles-000.npz", 30, 3, broken)
    assert not (tmp_path / "tiles-000.npz").exists()


@pytest.mark.parametrize("seed", range(5))
def test_warping_keeps_all_ink(seed: int) -> None:
    """Turned and slanted characters lose their corners."""
    rng = np.random.default_rng(seed)
    ink = np.full((30, 20), 255, np.uint8)
    matrix = random_affine(rng, 1.5)
    warped = warp(ink, matrix)
    area = abs(np.linalg.det(matrix[:, :2]))
    assert (warped / 255).sum() == pytest.approx(30 * 20 * area, rel=0.06)
    assert not warped[0].any() and not warped[-1].any() and not warped[:, 0].any() and not warped[:, -1].any()


def test_images_are_drawn_larger_and_say_whether_the_case_is_known() -> None:
    """EMNIST's folded letters are taken for capitals."""
    images = np.zeros((2, 28, 28), np.uint8)
    images[:, 6:22, 8:20] = 255
    names = np.array(["A", "b"]), np.array([False, True]), np.array(["letters", "byclass"])
    source = ImageSource(Images(images, *names))
    rng = np.random.default_rng(0)
    drawn = {(d.char, d.case_known, d.capital_height) for d in (source.draw(rng) for _ in range(40))}
    assert drawn == {("A", False, 0.0), ("b", True, 0.0)}


def test_rare_characters_come_more_often_than_they_are() -> None:
    """Rare signs are hardly ever seen in training."""
    count = 400
    chars = np.array(["e"] * (count - 4) + ["Q"] * 4)
    images = np.full((count, 28, 28), 255, np.uint8)
    source = ImageSource(Images(images, chars, np.ones(count, bool), np.array(["byclass"] * count)), power=0.5)
    rng = np.random.default_rng(0)
    share = np.mean([source.draw(rng).char == "Q" for _ in range(600)])
    assert 0.03 < share < 0.2


def test_strokes_are_drawn_at_the_size_the_writer_gave_them() -> None:
    """A full stop is shown as a disc, since it is not known how small it was beside the writer's capitals."""
    samples = [("L", "prov/ann", ELL)] * 6 + [(".", "prov/ann", DOT)]
    group = strokes(*samples)
    heights = writer_capital_heights([group])
    assert heights == {"prov/ann": pytest.approx(100)}
    drawn = StrokeSource(group, heights).render(6, np.random.default_rng(0), plain=True)
    assert drawn.char == "." and drawn.capital_height > 2 * max(ink_box(drawn.ink)[2:])


def test_plain_strokes_are_drawn_alike_each_time() -> None:
    """What is measured depends on chance."""
    source = StrokeSource(strokes(("L", "prov/ann", ELL)), {})
    first, again = (source.render(0, np.random.default_rng(seed), plain=True).ink for seed in (0, 1))
    assert np.array_equal(first, again)
    box = ink_box(first)
    assert box[3] / box[2] == pytest.approx(100 / 60, rel=0.15)
    column = (first > 96)[:, box[0]]
    assert column.sum() > 0.8 * box[3], "L stands on its head"


def test_unknown_labels_are_passed_over() -> None:
    """A tablet's exotic label stops the training."""
    source = StrokeSource(strokes(("~", "prov/ann", ELL), ("L", "prov/ann", ELL)), {})
    assert {source.draw(np.random.default_rng(seed)).char for seed in range(10)} == {"L"}

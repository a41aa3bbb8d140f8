"""What a model is measured on: the right tiles, the right truths, and groups that count as one."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data.arrays import DATA_VARIABLE
from convert.data.classes import CAPITALS, DIGITS, LABELS, SMALL
from convert.evaluation import character_sets as testsets
from convert.evaluation.character_sets import TestSet, bymerge, lone_character, own, page_truths
from convert.evaluation.metrics import fold
from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout.tile import SIDE
from edge_ocr.page import Ink
from tests.convert.synthesis.test_tiles import strokes
from tests.scenes import photograph, write

NO_TILES = np.zeros((0, SIDE, SIDE), np.uint8)


def logs(probabilities: dict[str, float]) -> np.ndarray:
    """(1, labels) log probabilities; labels that are not named share the rest."""
    rest = (1 - sum(probabilities.values())) / (len(LABELS) - len(probabilities))
    return np.log(np.array([[probabilities.get(label, rest) for label in LABELS]], np.float32))


def best(group: testsets.Callable[[str], str], probabilities: dict[str, float]) -> str:
    test_set = TestSet("", NO_TILES, (), group)
    return test_set.groups[int(test_set.scores(logs(probabilities)).argmax())]


def test_bymerge_has_47_classes() -> None:
    """The figure is not comparable with what is published for EMNIST."""
    groups = {bymerge(char) for char in DIGITS + CAPITALS + SMALL}
    assert len(groups) == 47 and bymerge("c") == bymerge("C") == "C" and bymerge("a") == "a"
    assert bymerge(".") == ""


@given(st.sampled_from([own(DIGITS), own(SMALL), bymerge, fold]))
def test_groups_are_what_may_be_read(group: testsets.Callable[[str], str]) -> None:
    """Characters that may not be read count as wrong readings, or groups come twice."""
    groups = TestSet("", NO_TILES, (), group).groups
    assert groups == sorted(set(groups)) and "" not in groups
    assert set(groups) == {group(char) for label in LABELS for char in label} - {""}


def test_only_the_own_charset_is_read() -> None:
    """A digit counts as wrong because a letter looked likelier, though letters were ruled out."""
    assert best(own(DIGITS), {"Oo": 0.6, "0": 0.3, "1": 0.05}) == "0"
    assert best(own(CAPITALS), {"Oo": 0.6, "0": 0.3}) == "O"
    assert best(own(SMALL), {"Oo": 0.6, "0": 0.3}) == "o"


def test_a_groups_chances_add_up() -> None:
    """Of several classes that count as one, only the likeliest is counted."""
    assert best(fold, {"1": 0.2, "I": 0.2, "l": 0.2, "7": 0.35}) == fold("1")
    assert best(own(DIGITS + CAPITALS), {"1": 0.2, "I": 0.2, "7": 0.35}) == "7"


def crop(*others: tuple[int, int, int, int]) -> Ink:
    """An A in the middle of a crop, and rectangles (x, y, width, height) of ink."""
    page = write("A", size=(140, 140), capital=80, pen=8, corner=(30, 110)).ink
    for x, y, width, height in others:
        page[y : y + height, x : x + width] = 255
    return find_ink(photograph(page))


def test_the_character_is_taken_and_its_neighbours_are_not() -> None:
    """Crops are measured with pieces of other characters in their tiles."""
    alone = lone_character(crop())
    crowded = lone_character(crop((0, 30, 7, 80), (133, 20, 7, 60)))
    assert abs(alone.shape[0] - crowded.shape[0]) <= 2 and abs(alone.shape[1] - crowded.shape[1]) <= 2


def test_dots_belong_to_their_character() -> None:
    """i and j lose their dots, so that they are measured as something else."""
    page = write("i", size=(80, 140), capital=90, pen=9, corner=(40, 115))
    found = lone_character(find_ink(photograph(page.ink)))
    ((_, box),) = page.all_boxes()
    assert abs(found.shape[0] - box.height) <= 3


def test_a_crop_without_ink_gives_an_empty_tile() -> None:
    """One blank crop stops the evaluation."""
    assert lone_character(find_ink(photograph(np.zeros((60, 60), np.uint8)))).size == 0


def test_photographs_carry_their_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crops get each other's labels, or a set holds another kind of characters."""
    folder = tmp_path / "real" / "characters"
    folder.mkdir(parents=True)
    for kind, char in (("cap", "A"), ("cap", "T"), ("digit", "4"), ("small", "n")):
        page = write(char, size=(120, 120), capital=70, pen=8, corner=(35, 90))
        cv2.imwrite(str(folder / f"{kind}_{char}_1.png"), photograph(page.ink).image)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    sets = {test_set.name: test_set for test_set in testsets.real_sets()}
    assert len(sets) == 6
    capitals = sets["photographs: capitals, own charset"]
    assert capitals.truths == (frozenset("A"), frozenset("T")) and capitals.tiles.shape == (2, SIDE, SIDE)
    assert capitals.tiles.max(axis=(1, 2)).tolist() == [255, 255]
    assert sets["photographs: digits, own charset"].groups == list(DIGITS)
    assert sets["photographs: small letters, all characters, folded"].truths == (frozenset({"n"}),)


def test_emnist_counts_either_case_where_it_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right readings count as wrong where nobody recorded the case."""
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 5:20, 8:18] = 220
    (tmp_path / "characters").mkdir()
    np.savez(
        tmp_path / "characters" / "emnist-test.npz",
        images=images,
        chars=np.array(["A", "b", "c"]),
        case_known=np.array([False, True, True]),
        label_set=np.array(["letters", "byclass", "byclass"]),
    )
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    found = testsets.emnist_set()
    assert found.truths == (frozenset("Aa"), frozenset("b"), frozenset("C"))
    assert found.tiles.shape == (3, SIDE, SIDE) and found.tiles.max() == 255


def test_strokes_outside_the_charset_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters among the digits count as errors."""
    group = strokes(("1", "p/ann", [[(0, 9), (0, 0)]]), ("x", "p/ann", [[(0, 0), (9, 9)]]))
    (tmp_path / "strokes").mkdir()
    names = ("points", "stroke_len", "num_strokes", "labels", "writers")
    path = tmp_path / "strokes" / "unipen-1a-test.npz"
    np.savez(path, **{name: getattr(group, name) for name in names})
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    found = testsets.unipen_set("1a", DIGITS)
    assert found.truths == (frozenset("1"),) and found.tiles.shape == (1, SIDE, SIDE)


def test_truths_of_missing_pictures_are_passed_over(tmp_path: Path) -> None:
    """A page that was deleted stops the evaluation."""
    (tmp_path / "truth.json").write_text(json.dumps({"b.jpg": "two", "a.jpg": "one", "gone.jpg": "three"}))
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    assert page_truths(tmp_path) == {tmp_path / "a.jpg": "one", tmp_path / "b.jpg": "two"}

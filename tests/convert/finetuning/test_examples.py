"""What a network learns one's hand from: disjoint parts, kept whole on disk, characters cut where the text says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rapidfuzz")

from convert.data.classes import CLASS_OF
from convert.finetuning.examples import (
    LINE_LABELS,
    Examples,
    by_chance,
    error_rate,
    line_examples,
    load_examples,
    split,
    tile_examples,
)
from convert.finetuning.samples import Sample, cut_sample
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.characters import CharacterModel
from edge_ocr.page import Gray
from tests.scenes import photograph, write


def sample(text: str) -> Sample:
    found = cut_sample(photograph(write(text, size=(640, 180)).ink), text, text)
    assert isinstance(found, Sample)
    return found


def strips(*texts: str) -> Examples:
    images = [np.full((40, 20 + 4 * k), k, np.uint8) for k in range(len(texts))]
    return Examples("lines", images, np.array(texts))


def bundled(images: list[Gray]) -> list[np.ndarray]:
    return list(CharacterModel(load_bundle())(np.stack(images)))


@given(st.lists(st.sampled_from("abcdefghij"), min_size=2, max_size=40), st.integers(0, 99))
def test_no_text_is_on_both_sides(texts: list[str], seed: int) -> None:
    """What is held out has been learned by heart, and every tuning looks good."""
    examples = strips(*texts)
    learned, held = split(examples, texts, 0.2, seed)
    assert len(learned) + len(held) == len(texts) and len(held) > 0
    assert not set(learned.truths) & set(held.truths)
    again = split(examples, texts, 0.2, seed)
    assert again[1].truths.tolist() == held.truths.tolist()
    for image, truth in zip(held.images, held.truths, strict=True):
        assert texts[int(image[0, 0])] == truth


def test_examples_come_back_from_disk(tmp_path: Path) -> None:
    """The second half judges other strips than the first."""
    examples = strips("one", "two", "three") + strips("four")
    examples.save(tmp_path / "some.npz")
    again = load_examples(tmp_path / "some.npz")
    assert again.kind == "lines" and again.truths.tolist() == ["one", "two", "three", "four"]
    assert all(np.array_equal(one, other) for one, other in zip(again.images, examples.images, strict=True))


def test_strips_are_judged_by_their_characters() -> None:
    frames = np.full((9, len(LINE_LABELS)), -9.0)
    for place, char in enumerate("ab1d"):
        frames[2 * place, LINE_LABELS.index(char)] = 0
        frames[2 * place + 1, 0] = 0
    frames[8, 0] = 0
    assert error_rate(strips("abcd"), lambda images: [frames]) == pytest.approx(1 / 4)


def test_tiles_are_judged_by_either_class() -> None:
    """A letter whose case is unknown counts as wrong in one of them."""
    scores = np.eye(5)[[1, 2, 3]]
    tiles = Examples("characters", [np.zeros((32, 32), np.uint8)] * 3, np.array([(1, 1), (0, 2), (0, 1)]))
    assert error_rate(tiles, lambda images: list(scores)) == pytest.approx(1 / 3)


def test_few_words_leave_more_to_chance() -> None:
    """A lucky word decides whether a model is installed."""
    assert by_chance(strips("abcd"), 0.5) == pytest.approx(0.25)
    assert by_chance(strips(*["abcd"] * 25), 0.5) == pytest.approx(0.05) and by_chance(strips("abcd"), 0.0) == 0


def test_a_line_is_cut_where_its_text_says() -> None:
    """The character network learns halves and pairs of characters, or each one as its neighbour."""
    examples, groups = tile_examples([sample("TAXI 47"), sample("A")], bundled)
    assert [CLASS_OF[char] for char in "TAXI47A"] == examples.truths[:, 0].tolist()
    assert groups == ["TAXI 47"] * 6 + ["1"] and {image.shape for image in examples.images} == {(32, 32)}


@pytest.mark.parametrize("text", ["WWWWWWWW", "H~LL"])
def test_a_line_that_cannot_be_cut_gives_no_tiles(text: str) -> None:
    """Another text than what is written, or one beyond the network's characters, teaches nonsense."""
    assert len(tile_examples([replace(sample("HILL"), text=text)], bundled)[0]) == 0


def test_strips_are_the_readers_own() -> None:
    examples, groups = line_examples([sample("TAXI 47"), sample("HELLO")])
    assert [image.shape[0] for image in examples.images] == [40, 40] and groups == ["TAXI 47", "HELLO"]

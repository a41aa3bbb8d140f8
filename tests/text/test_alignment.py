"""Alignment: each character of a text has its frames, and they are those in which the network saw it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge_ocr.text.alignment import align
from tests.text.test_ctc import LETTERS, certain, log_softmax


def test_no_text_has_no_spans() -> None:
    """A line in which nothing is read stops the reader."""
    scores = np.log(np.array([[0.98, 0.01, 0.01]] * 6, np.float32))
    assert align(scores, []).spans == ()


@settings(max_examples=60)
@given(arrays(np.float32, st.tuples(st.integers(7, 14), st.just(3)), elements=st.floats(-4, 4, width=32)),
       st.lists(st.integers(1, 2), min_size=1, max_size=3))  # fmt: skip
def test_an_alignment_has_every_character_once_and_in_order(logits: np.ndarray, classes: list[int]) -> None:
    """Boxes overlap, or a character has none."""
    spans = align(log_softmax(logits), classes).spans
    assert len(spans) == len(classes)
    edges = [edge for first, last in spans for edge in (first, last)]
    assert edges == sorted(edges)
    assert all(first <= last for first, last in spans)
    for (_, last), (first, _), one, other in zip(spans, spans[1:], classes, classes[1:], strict=False):
        assert first - last >= (2 if one == other else 1)


def test_an_alignment_lies_where_the_network_saw_the_characters() -> None:
    scores = certain("ab", LETTERS, frames_each=3)
    assert align(scores, [1, 2]).spans == ((0, 2), (4, 6))

"""Two recognisers under a pattern: together they choose the text that neither finds unlikely."""

import math

from edge_ocr.text.ctc import Transcript
from edge_ocr.text.opinion import UNLIKELIEST, Opinion, settle

TRANSCRIPT = Transcript("AB 72", (("AB 12", -0.5), ("A8 12", -3.0)))
OWN = {"AB 72": -1.0, "AB 12": -1.5, "A8 12": -4.0, "A8 17": -9.0}


def settled(text: str, others: dict[str, float]) -> Transcript:
    return settle(TRANSCRIPT, Opinion(text, lambda text: others.get(text, -math.inf)), OWN.__getitem__)


def test_the_sum_decides() -> None:
    """The first recogniser's error stands, though the other one knows better."""
    found = settled("A8 12", {"AB 72": -6.0, "AB 12": -1.2, "A8 12": -1.0})
    assert found.text == "AB 12"
    assert [text for text, _ in found.others] == ["A8 12", "AB 72"]
    assert all(below <= 0 for _, below in found.others)


def test_who_has_read_nothing_has_no_say() -> None:
    """A text that is well read is turned down by a recogniser that could not cut the line."""
    assert settled("", {}) is TRANSCRIPT
    assert settled("AB 72", {"AB 72": -5.0}) is TRANSCRIPT


def test_what_the_first_cannot_read_is_not_chosen() -> None:
    """A character that only the other model knows stops the reader."""
    score = lambda text: -math.inf if "é" in text else OWN[text]  # noqa: E731
    assert settle(TRANSCRIPT, Opinion("é", lambda text: 0.0 if text == "é" else -99.0), score).text != "é"
    assert settle(Transcript("AB 72", ()), Opinion("é", lambda _: 0.0), score).text == "AB 72"


def test_what_one_cannot_read_is_not_impossible() -> None:
    """A text is lost since a letter was cut in a way that allows none of its readings."""
    found = settled("A8 17", {"A8 17": -3.0 - UNLIKELIEST / 2})
    assert found.text in ("AB 72", "A8 17")
    assert settled("A8 17", {"A8 17": -3.0, "AB 72": -3.5}).text == "AB 72"

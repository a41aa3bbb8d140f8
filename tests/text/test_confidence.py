"""Confidence is a probability, one definition for all, and what the ink does not show has little of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.page import Box, Glyph, Line, Word
from edge_ocr.text.confidence import (
    FEATURES,
    UNCALIBRATED,
    Attempt,
    Calibration,
    Evidence,
    Surroundings,
    calibrated,
    features,
)

LOGS = st.floats(-40, 0)
ALONE = Surroundings(0.0, 1)


def evidence(posterior: list[float], free: list[float] | None = None, **line: float) -> Evidence:
    shown = np.array(posterior, float)
    best = np.array(posterior if free is None else free, float)
    return Evidence(shown, best, np.maximum(best, np.log1p(-np.exp(np.minimum(best, -1e-9)))), 0 * shown,
                    gap=line.get("gap", 0.0), unread=line.get("unread", 0.0))  # fmt: skip


def attempt(text: str, *logs: float, others: tuple[tuple[str, float], ...] = ()) -> Attempt:
    pairs = zip(text, logs, strict=True)
    glyphs = tuple(Glyph(char, Box(0, 0, 9, 9), float(np.exp(log)), others) for char, log in pairs)
    return Attempt(Line((Word(glyphs),)), evidence(list(logs)), "lines")


@given(
    st.lists(st.tuples(LOGS, LOGS), min_size=1, max_size=9), st.floats(0, 50), st.floats(0, 1), st.floats(-50, 0),
    st.integers(1, 200), st.lists(st.floats(-15, 15), min_size=len(FEATURES), max_size=len(FEATURES)),
)  # fmt: skip
def test_confidence_is_a_probability_whatever_the_evidence(
    logs: list[tuple[float, float]], gap: float, unread: float, clarity: float, lines: int, weights: list[float]
) -> None:
    """A page of extreme shapes gives NaN or 1.3, and every comparison with a floor is wrong."""
    given_evidence = evidence([one for one, _ in logs], [other for _, other in logs], gap=gap, unread=unread)
    sure = Calibration(tuple(weights))(given_evidence, Surroundings(clarity, lines))
    assert sure.shape == (len(logs),)
    assert np.isfinite(sure).all() and (sure >= 0).all() and (sure <= 1).all()


@given(st.lists(st.floats(-9, -0.001), min_size=1, max_size=9))
def test_a_bundle_without_weights_trusts_its_network(logs: list[float]) -> None:
    """Somebody's own model, whose confidence was never fitted, gives numbers from nowhere."""
    assert UNCALIBRATED(evidence(logs), ALONE) == pytest.approx(np.exp(logs), abs=1e-4)
    assert Calibration.of({}) is UNCALIBRATED


def test_a_line_is_as_sure_as_its_characters_on_average() -> None:
    """Long lines look doubtful because they are long, or one sure character hides the others' doubts."""
    line = calibrated(attempt("ab", np.log(0.9), np.log(0.5)), UNCALIBRATED, ALONE)
    assert [glyph.confidence for glyph in line.words[0].glyphs] == pytest.approx([0.9, 0.5])
    assert line.confidence == line.words[0].confidence == pytest.approx(0.7)


def test_alternatives_share_what_the_character_leaves() -> None:
    """Probabilities of one character add up to more than 1, or alternatives stay likely beside a sure character."""
    doubtful = attempt("a", np.log(0.5), others=(("o", 0.4), ("e", 0.1)))
    line = calibrated(doubtful, Calibration.of({"constant": 3.0}), ALONE)
    glyph = line.words[0].glyphs[0]
    rest = [probability for _, probability in glyph.alternatives]
    assert rest[0] == pytest.approx(4 * rest[1])
    assert glyph.confidence + sum(rest) == pytest.approx(1.0)


def test_an_empty_line_stays_empty() -> None:
    """A line in which nothing was read ends the page in a division by zero."""
    nothing = Attempt(Line(()), evidence([]), "lines")
    assert calibrated(nothing, UNCALIBRATED, Surroundings.of([nothing])).words == ()


def test_surroundings_say_how_clear_the_page_is() -> None:
    """Wood grain beside clear writing, or a hundred weak lines, look like any other line."""
    clear, weak = attempt("abcd", *[-0.01] * 4), attempt("ab", -2.0, -2.0)
    both = Surroundings.of([clear, weak])
    assert both.lines == 2
    assert Surroundings.of([weak]).clarity < both.clarity < Surroundings.of([clear]).clarity
    column = FEATURES.index("page")
    assert features(weak.evidence, both)[:, column] == pytest.approx([both.clarity] * 2)


def test_what_a_pattern_forces_on_other_writing_is_not_sure_at_all() -> None:
    """AT18 is given for "AT 18", at 1.00: each character is there, and the space between them was passed over."""
    read = replace(attempt("AT18", *[-0.001] * 4), evidence=evidence([-0.001] * 4, gap=2.85))
    assert calibrated(read, UNCALIBRATED, ALONE, must_match=True).confidence == 0
    assert calibrated(read, UNCALIBRATED, ALONE).confidence > 0.9
    doubtful = replace(read, evidence=evidence([-0.001] * 4, gap=1.0))
    assert calibrated(doubtful, UNCALIBRATED, ALONE, must_match=True).confidence > 0.9

"""What the classifier says and where a box stands become scored characters; what may not occur is never among them."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.layout.layout import TextLine
from edge_ocr.layout.rectify import Rectified
from edge_ocr.layout.segments import Cuts, Segment, line_components
from edge_ocr.text.alphabet import Alphabet
from edge_ocr.text.lattice import Lattice, build_lattice, widen

LABELS = ("A", "B", "Oo", "1", ".", "")
BASELINE, CAPITAL = 80.0, 40.0
TILE = np.zeros((32, 32), np.uint8)


def segment(first: int, last: int, top: float = 1.0, bottom: float = 0.0) -> Segment:
    """Pieces `first` to `last`, 20 pixels wide each, standing so many capitals above the baseline."""
    rows = round(BASELINE - top * CAPITAL), round(BASELINE - bottom * CAPITAL)
    return Segment(first, last, 30 * first, rows[0], 30 * last + 20, rows[1], TILE, 40)


def text_line(gaps: tuple[float, ...] = (0.0, 0.25), x_height: float = 0.6) -> TextLine:
    upright = Rectified(np.zeros((120, 200), np.uint8), BASELINE, (0.0, 0.0, BASELINE), 0.0, 0)
    shapes = line_components(upright.ink)
    cuts = Cuts(upright.ink, shapes, [], shapes.labels, [], CAPITAL)
    return TextLine(upright.ink, upright, CAPITAL, x_height * CAPITAL, np.array(gaps), cuts, 1.0, (0, 0))


def logs(*rows: dict[str, float]) -> np.ndarray:
    """Log probabilities (n, 6); what a row leaves over is shared among the labels it does not name."""
    table = []
    for row in rows:
        rest = (1 - sum(row.values())) / max(1, len(LABELS) - len(row))
        table.append([math.log(max(row.get(label, rest), 1e-12)) for label in LABELS])
    return np.array(table, np.float32).reshape(-1, len(LABELS))


def chars(lattice: Lattice, position: int = 0) -> list[str]:
    return [char for arc in lattice.arcs[position] for char, _ in arc.choices]


def build(
    *segments: Segment, rows: list[dict[str, float]], charset: str | None = None, pattern: str | None = None
) -> Lattice:
    return build_lattice(text_line(), segments, logs(*rows), Alphabet.of(LABELS, charset, pattern), 0.45)


def test_the_likeliest_character_stands_first() -> None:
    """The search starts with a bad guess, and drops good ones."""
    lattice = build(segment(0, 0), segment(1, 1), rows=[{"A": 0.9}, {"1": 0.7, "A": 0.2}])
    assert chars(lattice, 0)[0] == "A" and chars(lattice, 1)[:2] == ["1", "A"]
    for arcs in lattice.arcs:
        for arc in arcs:
            scores = [score for _, score in arc.choices]
            assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("top", "best"), [(1.0, "O"), (0.58, "o")])
def test_height_shows_the_case(top: float, best: str) -> None:
    """The network cannot know whether o or O stands there; the layout can."""
    assert chars(build(segment(0, 0, top), rows=[{"Oo": 0.95}]))[0] == best


@given(st.sets(st.sampled_from("ABOo1."), min_size=1), st.lists(st.floats(0.01, 1), min_size=6, max_size=6))
def test_only_the_charset_is_on_offer(allowed: set[str], weights: list[float]) -> None:
    """A postcode reader hands out letters that were ruled out."""
    row = {label: weight / sum(weights) for label, weight in zip(LABELS, weights, strict=True)}
    lattice = build(segment(0, 0), rows=[row], charset="".join(sorted(allowed)))
    assert set(chars(lattice)) <= allowed and chars(lattice)


def test_what_is_ruled_out_gives_its_probability_away() -> None:
    """Under a charset every character looks unlikely, so that the language outvotes the shape."""
    free = build(segment(0, 0), rows=[{"A": 0.1, "B": 0.8}])
    bound = build(segment(0, 0), rows=[{"A": 0.1, "B": 0.8}], charset="A1")
    score: Callable[[Lattice], float] = lambda lattice: dict(lattice.arcs[0][0].choices)["A"]  # noqa: E731
    assert score(bound) > score(free) + 1


def test_what_is_ruled_out_gives_it_to_its_own_shape() -> None:
    """In a box of a form, a ring that is taken for an O becomes a 6 under a charset of digits, or nothing."""
    alphabet = Alphabet.of(("0", "6", "Oo", ""), "0-9")
    row = np.log(np.array([[0.001, 0.002, 0.95, 0.047]], np.float32))
    lattice = build_lattice(text_line(), [segment(0, 0)], row, alphabet, 0.45)
    (best, score), *_ = lattice.arcs[0][0].choices
    assert best == "0" and score > math.log(0.9)


def test_what_is_no_character_stays_unlikely() -> None:
    """Under a charset, specks are read as whatever is left."""
    junk = build(segment(0, 0), rows=[{"": 0.98}], charset="A")
    clear = build(segment(0, 0), rows=[{"A": 0.98}], charset="A")
    assert dict(junk.arcs[0][0].choices)["A"] < dict(clear.arcs[0][0].choices)["A"] - 3


def test_hopeless_characters_are_dropped_unless_a_pattern_may_need_them() -> None:
    """Time is spent on characters nobody would read, or a pattern finds nothing that matches it."""
    rows = [{"A": 0.9999, "1": 1e-5}]
    assert "1" not in chars(build(segment(0, 0), rows=rows))
    line, alphabet = text_line(), Alphabet.of(LABELS, None, "[1A]")
    narrow = build_lattice(line, [segment(0, 0)], logs(*rows), alphabet, 0.45)
    assert "1" not in chars(narrow) and "1" in chars(widen(narrow, line, alphabet))


def test_arcs_lead_from_piece_to_piece() -> None:
    """Segments are put together in an order in which they do not stand."""
    lattice = build(segment(0, 0), segment(0, 1), segment(1, 1), rows=3 * [{"A": 0.9}])
    assert [[arc.end for arc in arcs] for arcs in lattice.arcs] == [[1, 2], [2]]


def test_a_gap_inside_a_character_costs() -> None:
    """Two letters with air between them are read as one as readily as apart."""
    lattice = build(segment(0, 0), segment(0, 1), rows=2 * [{"A": 0.9}])
    alone, joined = (dict(arc.choices)["A"] for arc in lattice.arcs[0])
    assert joined < alone - 1


@given(st.lists(st.floats(0, 3), min_size=1, max_size=8), st.floats(0.3, 0.75))
def test_wide_gaps_are_spaces(gaps: list[float], space: float) -> None:
    """Words run together or fall apart: the chance of a space must grow with the gap, through one half at `space`."""
    gaps = sorted(gaps)
    lattice = build_lattice(text_line(gaps=tuple(gaps)), [], logs(), Alphabet.of(LABELS), space)
    assert list(lattice.spaces) == sorted(lattice.spaces)
    for gap, chance in zip(gaps, lattice.spaces, strict=True):
        assert 0 <= chance <= 1
        assert (chance > 0.5) == (gap > space) or abs(gap - space) < 1e-6


def test_a_line_of_one_height_leaves_the_case_open() -> None:
    """A note in small letters only is read in capitals for want of anything higher."""
    line = text_line(gaps=(0.0,), x_height=1.0)
    lattice = build_lattice(line, [segment(0, 0)], logs({"Oo": 0.95}), Alphabet.of(LABELS), 0.45)
    scores = dict(lattice.arcs[0][0].choices)
    assert scores["O"] == pytest.approx(scores["o"], abs=0.2)

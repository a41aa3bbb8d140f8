"""The tables of a comparison: losses like wins."""

from pathlib import Path

import pytest

from convert.comparison.results import Result, SetResult
from convert.comparison.tables import COLUMNS, Comparison, cells, markdown, tally, text_tables, winners


def reader(name: str, loose: float | None, cpu: float = 10, mb: float = 1, **more: object) -> Result:
    facts = {
        "version": "1.0", "absent": "", "failures": (), "complete": True, "cpu_ms": (cpu,), "wall_ms": (cpu,),
        "empty_ms": 5.0, "peak_mb": 50 * mb, "model_mb": mb, "loose": loose, "strict": loose, **more,
    }  # fmt: skip
    return Result(name, **facts)  # type: ignore[arg-type]


MISSING = reader("Tesseract", None, version="", absent="absent: install it", complete=False, cpu_ms=())
PAGES = SetResult(
    "pages", "sample pages", 12, 3, True,
    (reader("edge-ocr", 0.02), reader("RapidOCR", 0.012, 100, 30), MISSING),
)  # fmt: skip
DEAD = reader("RapidOCR", 0.3, 20, 30, complete=False, failures=("RapidOCR died.",))
LINES = SetResult("lines", "lines", 1, 1, False, (reader("edge-ocr, line model", 0.1), DEAD))
NOTE = SetResult("note", "the sample note", 1, 9, True, (reader("edge-ocr", 0), reader("RapidOCR", 0.5)))
ALL = Comparison("2031-02-03", "python -m convert compare", "A processor", True, [NOTE, PAGES, LINES], {})


def row(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_losses_stand_beside_wins() -> None:
    """The README would show in bold what our reader is good at only."""
    text = markdown(ALL, Path("compare/compare.png"))
    assert row(text, "| edge-ocr 1.0 |")[1:] == ["2.00 %", "2.00 %", "**10.0**", "5.0", "**50**", "**1.00**"]
    assert row(text, "| RapidOCR 1.0 |")[1:] == ["**1.20 %**", "**1.20 %**", "100.0", "5.0", "1500", "30.00"]
    assert "Best in 5 figures: edge-ocr in 3, RapidOCR in 2; ties count for each." in " ".join(text.split())


def test_the_run_can_be_repeated() -> None:
    """Nobody could say when, on what and how the README's figures were measured."""
    text = markdown(ALL, Path("compare/compare.png"))
    assert "Measured on 2031-02-03 by `python -m convert compare` on A processor" in " ".join(text.split())
    assert "(compare/compare.png)" in text and "**sample pages, 12 pictures**" in text
    assert "sample note" not in text, "it is in the character model's card"
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith(("|", "-")))


@pytest.mark.parametrize("show", [text_tables, lambda comparison: markdown(comparison, Path("x.png"))])
def test_absent_and_failed_readers_are_reported(show) -> None:
    """A row would be missing, or hold figures of fewer pictures than its neighbours."""
    text = show(ALL)
    assert "Tesseract is absent: install it" in text and "RapidOCR died." in text
    assert "lines, 1 picture, interrupted" in text
    assert cells(MISSING) == ["absent", *"—————"] and cells(DEAD) == [*"——————"]


def test_nobody_wins_alone_and_ties_are_shared() -> None:
    """Our reader would win every figure where no other is installed, or one of two equal readers be called better."""
    loose = COLUMNS[1]
    assert winners(LINES, loose) == set()
    equal = SetResult("x", "x", 1, 1, True, (reader("edge-ocr", 0.12341), reader("RapidOCR", 0.12342)))
    assert winners(equal, loose) == {"edge-ocr", "RapidOCR"}, "the table shows 12.34 % for both"
    assert tally([LINES]) == "There is no other reader to compare with."
    unknown = SetResult("x", "x", 1, 1, True, (reader("edge-ocr", None), reader("RapidOCR", None)))
    assert winners(unknown, loose) == set() and cells(unknown.readers[0])[1] == "—"


def test_terminal_has_the_same_figures() -> None:
    """Whoever runs it would see something else than the README gets."""
    lines = text_tables(ALL).splitlines()
    start = lines.index("sample pages, 12 pictures")
    assert lines[start + 2].split() == ["edge-ocr", "1.0", "2.00", "%", "2.00", "%", "*10.0*", "5.0", "*50*", "*1.00*"]
    assert len({len(line) for line in lines[start + 1 : start + 5]}) == 1, "columns stand below each other"


def test_plot_shows_what_was_measured(tmp_path: Path) -> None:
    """The README's picture would be missing where a reader is absent or texts are unknown."""
    pytest.importorskip("matplotlib")
    from convert.comparison.plot import plot_comparison

    unknown = SetResult("x", "x", 1, 1, True, (reader("edge-ocr", None),))
    for number, sets in enumerate(([PAGES, LINES], [PAGES], [unknown])):
        plot_comparison(sets, tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").stat().st_size > 1000

"""What a comparison gave: figures from turns."""

from pathlib import Path

import pytest

from convert.comparison.contender_process import Facts, Reading
from convert.comparison.picture_sets import PictureSet
from convert.comparison.results import cpu_ratio, summarise
from convert.comparison.roster import Contender
from convert.comparison.round_robin import Seat, Turn

PAGES = PictureSet("x", "some pages", "page", (Path("0.jpg"), Path("1.jpg")), ("abcd", None), 2)


def seat(name: str) -> Seat:
    made = Seat(Contender(name, ("never started",)))
    made.facts = Facts(name, "1.2", 2.0)
    return made


def reading(cpu_s: float, text: str = "") -> Reading:
    return Reading(text, cpu_s, 2 * cpu_s, 100 + cpu_s)


OURS = [reading(0.01, "ab"), reading(0.03, "?"), reading(0.02, "ab"), reading(0.02, "?")]
THEIRS = [reading(0.4), reading(0.4), reading(0.6), reading(0.2)]
TURNS: list[Turn] = [(number % 2, pair) for number, pair in enumerate(zip(OURS, THEIRS, strict=True))]


def test_figures_are_a_picture_and_ratio_is_theirs_to_ours() -> None:
    """Milliseconds would be of all pictures together, or the slower reader be called the faster one."""
    result = summarise(PAGES, [seat("A"), seat("B, quick")], TURNS, [3.0, None])
    ours, theirs = result.readers
    assert ours.cpu_ms == pytest.approx((20, 20)) and ours.wall_ms == pytest.approx((40, 40))
    assert (ours.loose, ours.strict, ours.empty_ms, ours.model_mb) == (0.5, 0.5, 3.0, 2.0)
    assert ours.peak_mb == 100.03 and ours.complete and theirs.loose == 1
    assert (ours.label, theirs.label) == ("A 1.2", "B 1.2, quick")
    assert cpu_ratio(theirs, ours).median == pytest.approx(20)
    assert (result.pictures, result.rounds, result.finished) == (2, 2, True)
    assert result.reader("A") is ours and result.reader("unheard of") is None


def test_unfinished_round_does_not_count_in_times() -> None:
    """A round of its quick pictures alone would make a reader look quick."""
    result = summarise(PAGES, [seat("A"), seat("B")], TURNS[:3], [None, None])
    assert result.readers[0].cpu_ms == pytest.approx((20,)) and not result.finished
    first = summarise(PAGES, [seat("A"), seat("B")], TURNS[:1], [None, None])
    assert first.readers[0].cpu_ms == pytest.approx((10,)) and first.pictures == 1


def test_reader_that_failed_cannot_be_compared() -> None:
    """A reader would look better for the page that it died of."""
    holes: list[Turn] = [(number, (None, *pair[1:])) if number else (number, pair) for number, pair in TURNS]
    bad, good = summarise(PAGES, [seat("A"), seat("B")], holes, [None, None]).readers
    assert good.complete and not bad.complete
    assert bad.loose == 0.5 and bad.cpu_ms == pytest.approx((10, 20)), "what it did read is still in the report"


def test_absent_and_silent_readers_have_no_figures() -> None:
    """A reader that is not there would end the run with a division by zero."""
    absent, dead = Seat(Contender("A", absent="absent: fetch it")), Seat(Contender("B", ("x",)))
    dead.failures[Path("0.jpg")] = "B died"
    result = summarise(PAGES, [absent, dead], [(number, (None, None)) for number in (0, 1, 0, 1)], [None, None])
    for row in result.readers:
        assert not row.complete and row.cpu_ms == () and row.loose is None and row.peak_mb is None
    assert result.readers[1].failures == ("B died",)
    assert result.as_json()["readers"][0]["cpu_ms"] is None
    nothing = summarise(PAGES, [absent, dead], [], [None, None])
    assert nothing.pictures == 0 and not nothing.finished and not nothing.readers[0].complete

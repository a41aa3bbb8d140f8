"""When texts are given out: not those that come and go, and again those that stay."""

from pathlib import Path
from threading import Event

import pytest

from edge_ocr.errors import CannotWrite
from edge_ocr.live import gate as module
from edge_ocr.live.gate import Gate, Gates, Pace
from edge_ocr.live.loop import Sight
from edge_ocr.live.meter import LastValues
from edge_ocr.live.region import Region
from edge_ocr.live.rules import Rules
from edge_ocr.live.watch import Finding
from tests.live.test_steady import page

NOTE, COUNTER = Region(), Region(rules=Rules(never_falling=True))


def nowhere() -> LastValues:
    raise CannotWrite("there is no folder")


def passed(
    gate: Gate, script: dict[float, str | None], *, is_seen: bool = True, region: Region = NOTE
) -> list[tuple[float, str]]:
    """What a gate lets through, with its times, of texts that begin to hold at these times; None is no news."""
    out, voted = [], None
    for now, text in script.items():
        given = None if text is None else page(*filter(None, [text]))
        voted = given or voted
        finding = gate.pass_on(Finding(region, voted=voted, given=given), now, is_seen=is_seen)
        if finding.given:
            out.append((now, finding.given.text))
    return out


def test_without_wishes_all_passes() -> None:
    assert passed(Gate(Pace(), nowhere), {0: "A", 1: None, 2: "", 3: "A"}) == [(0, "A"), (2, ""), (3, "A")]


def test_what_does_not_stay_is_not_given_out() -> None:
    """A hand before the note, or a flickering display, is reported as news each time."""
    script = {0: "A", 1: None, 3: None, 4: "", 5: "A", 6: None, 8: "B", 9: "C", 10: None, 12: None}
    assert passed(Gate(Pace(debounce=3), nowhere), script) == [(3, "A"), (12, "C")]


def test_what_stays_is_given_out_again() -> None:
    """Home Assistant cannot distinguish a display that did not change from a camera that hangs."""
    script = {0: "A", 5: None, 10: None, 15: None, 21: None, 22: "", 40: None}
    assert passed(Gate(Pace(repeat_after=10), nowhere), script) == [(0, "A"), (10, "A"), (21, "A"), (22, "")]


def test_nothing_is_repeated_without_a_picture() -> None:
    """A camera that is lost reports its last text as if it still saw it."""
    gate = Gate(Pace(repeat_after=10), nowhere)
    assert passed(gate, {0: "A"}) == [(0, "A")] and passed(gate, {20: None}, is_seen=False) == []


def test_a_broken_rule_is_kept_in_view_until_it_is_over(tmp_path: Path) -> None:
    """The page shows why for the moment of one picture, and a misread digit gives the value before out again."""
    gate = Gate(Pace(), lambda: LastValues(tmp_path / "values.json"))
    assert passed(gate, {0: "47"}, region=COUNTER) == [(0, "47")]
    broken = gate.pass_on(Finding(COUNTER, given=page("41")), 1)
    assert broken.given is None and "'41' is left out" in str(broken.trouble)
    assert gate.pass_on(Finding(COUNTER), 2).trouble is broken.trouble
    right = gate.pass_on(Finding(COUNTER, given=page("47")), 3)
    assert (right.given, right.trouble) == (None, None)
    assert passed(gate, {4: "", 5: "48"}, region=COUNTER) == [(5, "48")]


def test_a_region_that_is_made_a_meter_is_one_from_then_on() -> None:
    """What was set on the page counts only after a restart; or a folder that is in use ends the service."""
    gate = Gate(Pace(), nowhere)
    assert passed(gate, {0: "CALL ME"}) == [(0, "CALL ME")]
    refused = gate.pass_on(Finding(COUNTER, given=page("47")), 1)
    assert refused.given is None and "no folder" in str(refused.trouble)
    assert gate.pass_on(Finding(NOTE), 2).trouble is None


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_text_that_was_coming_is_given_out_at_the_end_of_a_film(
    is_stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last text of a film is lost; or Ctrl-C gives out what did not stay."""
    monkeypatch.setattr(module, "monotonic", lambda: 0.0)
    stop = Event()
    gates = Gates(Pace(debounce=5), nowhere)
    sights = [Sight(None, (Finding(Region("a"), given=page("A")), Finding(Region("b"))), None)]
    through = gates.through(sights, stop)
    assert next(through).given is None
    if is_stopped:
        stop.set()
    assert [sight.given.text for sight in through if sight.given] == ([] if is_stopped else ["A"])

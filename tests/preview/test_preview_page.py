"""The page in a real Chromium: it moves, it obeys, and it says so when something does not work."""

import re
import socket
from typing import Any

import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr.preview import handlers
from tests.preview_show import Show

pytestmark = pytest.mark.slow


def shows(tab, selector: str, text: object) -> None:
    """Wait until an element shows a text, runs of white space as one space."""
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(tab.locator(selector)).to_have_text(text, timeout=20_000)


PIXELS = """() => {
  const [picture, canvas] = [document.getElementById("picture"), document.createElement("canvas")];
  [canvas.width, canvas.height] = [8, 8];
  canvas.getContext("2d").drawImage(picture, 0, 0, 8, 8);
  return Array.from(canvas.getContext("2d").getImageData(0, 0, 8, 8).data).join();
}"""


def test_in_a_browser_the_picture_moves_and_the_text_is_right(browser, show: Show) -> None:
    tab = browser.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(show.preview.url)
    shows(tab, "#text", "A1BO 1A BOB")
    seen = {tab.evaluate(PIXELS)}
    for _ in range(20):
        tab.wait_for_timeout(150)
        seen.add(tab.evaluate(PIXELS))
    assert len(seen) > 3
    assert tab.locator("#history li").count() >= 1
    assert "frames/s" in tab.inner_text("#status") and errors == []
    tab.close()


def test_in_a_browser_a_dragged_region_is_read_alone(browser, show: Show) -> None:
    """The choice of a region does nothing, or reads another part of the picture."""
    tab, other = browser.new_page(viewport={"width": 400, "height": 800}), browser.new_page()
    for one in (tab, other):
        one.goto(show.preview.url)
        shows(one, "#text", "A1BO 1A BOB")
    area = tab.locator("#stage").bounding_box()
    assert area is not None
    tab.mouse.move(area["x"] + 2, area["y"] + 2)
    tab.mouse.down()
    tab.mouse.move(area["x"] + area["width"] - 2, area["y"] + area["height"] * 0.38, steps=5)
    tab.mouse.up()
    for one in (tab, other):  # The second viewer sees the same.
        shows(one, "#text", "A1BO")
    tab.click("#whole")
    shows(tab, "#text", "A1BO 1A BOB")
    tab.fill("#charset", "0-9")
    tab.click("#task button")
    shows(tab, "#text", re.compile(r"^[0-9\s]*$"))
    tab.click("#pause")
    shows(tab, "#status", "paused")
    tab.close()
    other.close()


def test_in_a_browser_a_wrong_token_shows_nothing_and_the_end_is_reported(browser) -> None:
    tab = browser.new_page()
    with Show(token="secret") as show:
        assert tab.goto(show.preview.url.replace("secret", "guess")).status == 403
        assert tab.goto(show.preview.url).status == 200
        shows(tab, "#text", re.compile("A1BO"))
    shows(tab, "#status", re.compile("connection lost"))
    tab.close()


CHECKED = "A1BO\n1A BOB"


def as_from_another_machine(show: Show) -> str:
    """The page's address under a name for which a browser has no clipboard."""
    return show.preview.url.replace("127.0.0.1", f"{socket.gethostname().partition('.')[0].lower()}.local")


def opened(browser: Any, url: str) -> Any:
    tab = browser.new_page()
    tab.goto(url)
    shows(tab, "#text", "A1BO 1A BOB")
    return tab


def test_in_a_browser_the_text_is_copied_also_from_another_machine(browser, show: Show) -> None:
    """The button does nothing on a telephone."""
    tab = opened(browser, as_from_another_machine(show))
    assert not tab.evaluate("isSecureContext")
    tab.evaluate("addEventListener('copy', () => { window.copied = String(getSelection()); })")
    tab.click("#copy")
    shows(tab, "#copy", "Copied")
    assert tab.evaluate("window.copied") == CHECKED
    tab.focus("#pattern")
    tab.keyboard.press("Control+V")
    assert tab.input_value("#pattern").replace(" ", "") == "A1BO1ABOB"
    tab.close()


def test_in_a_browser_that_lets_no_page_copy_the_text_is_selected(browser, show: Show) -> None:
    """The selection is gone with the next state, before anybody can copy it."""
    tab = opened(browser, as_from_another_machine(show))
    tab.evaluate("document.execCommand = () => false")
    tab.click("#copy")
    shows(tab, "#trouble", re.compile("the text is selected"))
    tab.wait_for_timeout(1000)
    assert tab.evaluate("String(getSelection())") == CHECKED
    tab.close()


def test_in_a_browser_a_change_that_does_not_arrive_is_reported(browser, show: Show) -> None:
    """A button does nothing, and nobody knows why."""
    tab = opened(browser, show.preview.url)
    tab.route("**/task", lambda route: route.abort())
    tab.click("#pause")
    shows(tab, "#trouble", re.compile("Nothing was changed. The connection was lost"))
    tab.unroute("**/task")
    tab.click("#pause")
    shows(tab, "#status", "paused")
    shows(tab, "#trouble", "")
    assert tab.inner_text("#pause") == "Go on"
    tab.close()


def test_in_a_browser_a_refused_charset_stays_with_the_reason(browser, show: Show) -> None:
    """What was typed and why it was refused are gone with the next state."""
    tab = opened(browser, show.preview.url)
    tab.fill("#charset", "A-Z\t0")
    tab.click("#task button")
    shows(tab, "#charset-refusal", re.compile("printable characters"))
    tab.wait_for_timeout(1000)
    shows(tab, "#charset-refusal", re.compile("printable characters"))
    assert tab.input_value("#charset") == "A-Z\t0"
    tab.close()


def test_in_a_browser_a_pattern_that_no_reader_takes_stays_with_the_reason(browser, show: Show) -> None:
    """It ends the reading for all, or nobody learns why nothing changes."""
    tab = opened(browser, show.preview.url)
    tab.fill("#pattern", "(")
    tab.click("#task button")
    shows(tab, "#pattern-refusal", re.compile("pattern"))
    assert tab.input_value("#pattern") == "(" and tab.inner_text("#trouble") == ""
    tab.fill("#pattern", "")
    tab.click("#task button")
    shows(tab, "#pattern-refusal", "")
    shows(tab, "#text", "A1BO 1A BOB")
    tab.close()


def test_in_a_browser_a_part_of_each_line_can_be_asked_for(browser, show: Show) -> None:
    """The number that stands among other words cannot be asked for; or both patterns are, and nobody learns why not."""
    tab = opened(browser, show.preview.url)
    tab.fill("#pattern_in", "[A-Z]1")
    tab.click("#task button")
    shows(tab, "#text", "A1")
    tab.fill("#pattern", "[A-Z]+")
    tab.click("#task button")
    shows(tab, "#pattern_in-refusal", re.compile("give one of the two"))
    assert tab.input_value("#pattern_in") == "[A-Z]1"
    tab.close()


def test_in_a_browser_a_confidence_can_be_set(browser, show: Show) -> None:
    """A viewer cannot see what is left out, nor ask for it."""
    tab = opened(browser, show.preview.url)
    tab.fill("#min_confidence", "all")
    tab.click("#task button")
    shows(tab, "#min_confidence-refusal", re.compile("from 0 to 1"))
    tab.fill("#min_confidence", "1")
    tab.click("#task button")
    shows(tab, "#min_confidence-refusal", "")
    shows(tab, "#text", "")
    assert show.controls.task.regions[0].min_confidence == 1
    tab.close()


def test_in_a_browser_a_history_that_does_not_come_is_reported_and_asked_for_again(browser, show: Show) -> None:
    """The list stays empty for good."""
    tab = browser.new_page()
    tab.route("**/history.json", lambda route: route.abort())
    tab.goto(show.preview.url)
    shows(tab, "#trouble", re.compile("history could not be fetched: the connection was lost"))
    assert tab.locator("#history li").count() == 0
    tab.unroute("**/history.json")
    shows(tab, "#trouble", "")
    assert tab.locator("#history li").count() >= 1
    tab.close()


def test_in_a_browser_who_was_turned_away_gets_in_later(browser, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says that it tries again, and does not: a browser gives up at a refusal."""
    monkeypatch.setattr(handlers, "VIEWERS", 0)
    tab = browser.new_page()
    tab.goto(show.preview.url)
    shows(tab, "#status", re.compile("connection lost, trying again"))
    monkeypatch.undo()
    shows(tab, "#text", "A1BO 1A BOB")
    assert tab.wait_for_function("() => document.getElementById('picture').naturalWidth > 0")
    tab.close()

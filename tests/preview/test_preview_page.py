"""The page in a real Chromium: it moves, it obeys, it says what to do, and everybody can use it."""

import re
import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tornado", reason="the page's library is an extra: pip install 'edge-ocr[preview]'")

from edge_ocr import CameraLost
from edge_ocr.live.region import Region
from edge_ocr.live.rules import Rules
from edge_ocr.page import Box
from edge_ocr.preview import handlers
from tests.live.test_capture import wait_for
from tests.preview_show import WRITING, Breathing, Show, read_anew_without_end

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 844}
SIZES = [{"width": 1280, "height": 800}, PHONE, {"width": 844, "height": 390}]

CHECKED = "A1BO\n1A BOB"


class Obedient(Breathing):
    """A camera whose pictures and cable the test has in its hand."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: np.ndarray | None = WRITING
        """None while the cable is pulled."""

    def grab(self) -> np.ndarray | None:
        shown = self.shown
        if shown is None:
            raise CameraLost("the cable was pulled")
        image = super().grab()
        return image if shown is WRITING else shown


def shows(tab: Any, selector: str, text: object) -> None:
    """Wait until an element shows a text, runs of white space as one space."""
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(tab.locator(selector).first).to_have_text(text, timeout=60_000)


def opened(browser: Any, url: str, **how: Any) -> Any:
    """A tab that shows the confirmed text."""
    tab = browser.new_page(**how)
    tab.goto(url)
    shows(tab, ".region .text", "A1BO 1A BOB")
    return tab


@pytest.fixture
def tab(browser: Any, show: Show) -> Iterator[Any]:
    """The page of `show`, in which nothing went wrong at the end."""
    tab = opened(browser, show.preview.url)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    assert errors == []
    tab.close()


PIXELS = """() => {
  const [picture, canvas] = [document.getElementById("picture"), document.createElement("canvas")];
  [canvas.width, canvas.height] = [8, 8];
  canvas.getContext("2d").drawImage(picture, 0, 0, 8, 8);
  return Array.from(canvas.getContext("2d").getImageData(0, 0, 8, 8).data).join();
}"""

COLOURED = """() => {
  const picture = document.getElementById("picture");
  const pixels = picture.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4) count += Math.abs(pixels[at] - pixels[at + 2]) > 60;
  return count;
}"""
"""How many pixels of the grey picture are coloured: those of boxes."""


CONTROLS = """() => [...document.querySelectorAll("button, summary, a.button, select, .toggle, #presets label")]
  .filter((it) => it.offsetParent && !it.matches(".constraint")).map((it) => [it.outerHTML, it.offsetHeight])"""
"""What is tapped, with its height in pixels."""


def test_in_a_browser_the_picture_moves_and_the_text_is_right(tab: Any) -> None:
    seen = {tab.evaluate(PIXELS)}
    for _ in range(20):
        tab.wait_for_timeout(150)
        seen.add(tab.evaluate(PIXELS))
    assert len(seen) > 3
    assert tab.evaluate(COLOURED) > 50, "nothing is drawn around the words"
    shows(tab, ".now .text", "A1BO 1A BOB")
    assert re.search(r"last confirmed \d.*\d %", tab.inner_text(".when"))
    assert tab.locator("#history li img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
    assert re.search(r"Reading\s+\d+\.\d/s", tab.inner_text("#diagnostics summary"))


def test_in_a_browser_the_film_runs_on_while_a_reading_lasts(tab: Any, show: Show) -> None:
    """On a small board the page stands still for seconds."""
    read_anew_without_end(show)
    sights, seen = show.sights, set()
    for _ in range(20):
        tab.wait_for_timeout(150)
        seen.add(tab.evaluate(PIXELS))
    assert len(seen) > 3 and show.sights == sights
    show.may_read.set()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}x{size['height']}")
def test_in_a_browser_axe_finds_nothing_and_everything_fits(browser: Any, show: Show, size: Any) -> None:
    """Who sees badly, uses a keyboard or a telephone cannot use the page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="it brings axe-core").Axe()
    regions = (Region("meter", Box(20, 20, 600, 340), charset="0-9A-Z"), Region("board"))
    show.controls.change(regions=regions, ignored=(Box(0, 0, 40, 30),))
    tab = opened(browser, show.preview.url, viewport=size)
    tab.check("#doubtful")
    tab.click("#presets >> text=Custom")
    tab.fill("#pattern", "(")
    tab.click("#task button")
    shows(tab, "#pattern-refusal", re.compile("pattern"))
    for step in ("#diagnostics summary", "#more summary", "#choose"):
        tab.click(step)
        for scheme in ("light", "dark") if size is SIZES[0] else ("light",):  # Colours are the same at all sizes.
            tab.emulate_media(color_scheme=scheme)
            violations = [f"{it['id']}: {it['nodes'][0]['html']}" for it in axe.run(tab).response["violations"]]
            assert violations == [], (step, scheme)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"], step
        tab.keyboard.press("Escape")
    for control, height in tab.evaluate(CONTROLS):
        assert height >= 44, control
    for field in tab.locator("input:not([type=radio]):not([type=checkbox])").all():
        assert field.evaluate("it => [getComputedStyle(it).fontSize, it.autocapitalize]") == ["16px", "none"]
    limit = 0.7 if size["width"] < 760 or size["height"] < 500 else 1.0
    assert tab.locator("#stage").bounding_box()["height"] <= limit * size["height"] + 1
    tab.close()


def test_in_a_browser_the_page_that_asks_for_the_token_lets_in_who_knows_it(browser: Any) -> None:
    """Nobody on a telephone can type an address with a token."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="it brings axe-core").Axe()
    with Show(token="long secret") as show:
        tab = browser.new_page(viewport=PHONE)
        assert tab.goto(show.preview.url).status == 401
        assert axe.run(tab).violations_count == 0
        tab.fill("#token", "long guess")
        tab.click("button")
        shows(tab, ".refusal", re.compile("wrong token"))
        tab.fill("#token", "long secret")
        tab.keyboard.press("Enter")
        shows(tab, ".region .text", re.compile("A1BO"))
        assert "secret" not in tab.url
        tab.goto(f"{show.preview.url}?token=long%20secret")
        shows(tab, ".region .text", re.compile("A1BO"))
        assert tab.url == show.preview.url
        tab.close()


def test_in_a_browser_the_end_of_the_server_is_told_with_since_when(browser: Any) -> None:
    """What was read an hour ago looks like what is there now."""
    with Show() as show:
        tab = opened(browser, show.preview.url)
    shows(tab, "#status", re.compile(r"No connection since \d"))
    shows(tab, "#trouble", re.compile(r"has not answered since \d.*Trying again"))
    shows(tab, ".now .text", "nothing")
    assert wait_for(lambda: tab.evaluate(COLOURED) == 0), "boxes of the past stay"
    tab.close()


def test_in_a_browser_a_fault_of_the_page_is_not_called_a_lost_server(browser: Any, show: Show) -> None:
    """Somebody looks for a fault of the network, and the page tries again for ever."""
    tab = opened(browser, show.preview.url)
    tab.evaluate(
        "Object.defineProperty(document.getElementById('light'), 'className', { set() { throw Error('Oh'); } })"
    )
    shows(tab, "#trouble", re.compile(r"fault of its own \(Oh\); edge-ocr reads on. Reload"))
    before = tab.evaluate(PIXELS)
    assert wait_for(lambda: tab.evaluate(PIXELS) != before, 20), "the picture stands still"
    assert "connection" not in tab.inner_text("header")
    tab.close()


def test_in_a_browser_a_lost_camera_is_told_and_a_note_that_is_gone_stays_in_the_history(browser: Any) -> None:
    """Boxes stand where nothing is seen any more; or nobody learns what lay there."""
    camera = Obedient()
    with Show(camera) as show:
        tab = opened(browser, show.preview.url)
        camera.shown = np.full_like(WRITING, 200)
        shows(tab, "#advice", re.compile("No writing in view"))
        shows(tab, "#history li", re.compile(r"removed.*A1BO", re.DOTALL))
        assert re.search("removed", tab.inner_text(".when")) and tab.locator(".text.gone").count() == 1
        camera.shown = np.full_like(WRITING, 10)
        shows(tab, "#advice", re.compile("too dark"))
        camera.shown = None
        shows(tab, "#status", re.compile(r"Camera lost since \d"))
        shows(tab, "#veil", re.compile("cable"))
        assert wait_for(lambda: tab.evaluate(COLOURED) == 0), "boxes of the past stay"
        camera.shown = WRITING
        shows(tab, ".now .text", "A1BO 1A BOB")
        assert tab.is_hidden("#veil")
        tab.close()


def middle(tab: Any, text: str) -> tuple[float, float]:
    """Where a line stands on the screen."""
    top = {"A1BO": 130, "1A BOB": 215}[text]
    box = tab.locator("#stage").bounding_box()
    return box["x"] + box["width"] * 120 / 640, box["y"] + box["height"] * top / 360


def test_in_a_browser_a_label_stands_beside_the_writing(tab: Any) -> None:
    """The label hides what it is about."""
    assert tab.is_hidden("#label")
    tab.mouse.move(*middle(tab, "A1BO"))
    shows(tab, "#label", re.compile(r"A1BO\s+\d+ %\s+1A BOB\s+\d+ %"))
    label, stage = tab.locator("#label").bounding_box(), tab.locator("#stage").bounding_box()
    lines = show_lines(tab)
    scale = stage["width"] / 640
    for left, top, right, bottom in lines:
        apart = (
            label["x"] >= stage["x"] + right * scale
            or label["x"] + label["width"] <= stage["x"] + left * scale
            or label["y"] >= stage["y"] + bottom * scale
            or label["y"] + label["height"] <= stage["y"] + top * scale
        )
        assert apart
    tab.mouse.move(stage["x"] + 5, stage["y"] + 5)
    assert tab.is_hidden("#label")


def show_lines(tab: Any) -> list[list[int]]:
    """Boxes of the lines that are read now."""
    answer = tab.evaluate("fetch('api/reading').then((answer) => answer.json())")
    return [line["box"] for line in answer["regions"][0]["now"]]


def test_in_a_browser_a_tap_shows_the_label_and_the_page_can_be_scrolled_over_the_picture(
    browser: Any, show: Show
) -> None:
    """On a telephone the picture catches the finger, and nobody gets past it."""
    tab = opened(browser, show.preview.url, viewport=PHONE, has_touch=True)
    tab.touchscreen.tap(*middle(tab, "A1BO"))
    shows(tab, "#label", re.compile("A1BO"))
    assert tab.evaluate("getComputedStyle(document.getElementById('stage')).touchAction") == "auto"
    assert show.controls.task.regions[0].box is None
    tab.close()


def test_in_a_browser_an_area_is_drawn_and_read_alone(browser: Any, show: Show) -> None:
    """The choice of an area does nothing, or reads another part of the picture."""
    tab, other = opened(browser, show.preview.url, viewport=PHONE), opened(browser, show.preview.url)
    tab.click("#choose")
    area = tab.locator("#stage").bounding_box()
    tab.mouse.move(area["x"] + 2, area["y"] + 2)
    tab.mouse.down()
    tab.mouse.move(area["x"] + area["width"] - 2, area["y"] + area["height"] * 0.42, steps=5)
    tab.mouse.up()
    tab.click("#apply-area")
    for one in (tab, other):  # The second viewer sees the same.
        shows(one, ".region .text", "A1BO")
    tab.click("#whole")
    shows(tab, ".region .text", "A1BO 1A BOB")
    assert tab.is_hidden("#whole")
    tab.close()
    other.close()


def test_in_a_browser_an_area_is_chosen_by_keyboard_and_by_its_corners(tab: Any, show: Show) -> None:
    """Without a mouse, or with a large finger, there is no area."""
    tab.click("#choose")
    assert tab.evaluate("document.activeElement.id") == "area"
    before = tab.get_attribute("#area", "aria-label")
    tab.keyboard.press("Escape")
    assert tab.is_hidden("#area") and show.controls.task.regions[0].box is None
    tab.click("#choose")
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Shift+ArrowRight")
    assert tab.get_attribute("#area", "aria-label") not in (before, None)
    tab.keyboard.press("Enter")
    assert wait_for(lambda: show.controls.task.regions[0].box == Box(128, 95, 525, 239))
    tab.wait_for_selector("#whole", state="visible")
    tab.click("#choose")
    corner = tab.locator("#area .nw").bounding_box()
    assert corner["width"] >= 44
    tab.mouse.move(corner["x"] + 22, corner["y"] + 22)
    tab.mouse.down()
    tab.mouse.move(corner["x"] - 100, corner["y"] - 100, steps=4)
    tab.mouse.up()
    tab.click("#apply-area")
    box = Box(128, 95, 525, 239)
    assert wait_for(
        lambda: (now := show.controls.task.regions[0].box) and now.left < box.left and now.right == box.right
    )


def test_in_a_browser_named_areas_are_added_ignored_and_removed(tab: Any, show: Show) -> None:
    """A meter and a notice board cannot be read apart."""
    for button in ("#add", "#ignore"):
        tab.click("#more summary")
        tab.click(button)
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#tools", state="visible")
    assert wait_for(lambda: [region.name for region in show.controls.task.regions] == ["whole", "area-1"])
    assert wait_for(lambda: len(show.controls.task.ignored) == 1)
    shows(tab, ".region:nth-child(2) h2", "area-1")
    assert wait_for(lambda: tab.locator("#which").evaluate("it => it.value") == "area-1", 20)
    tab.click("#presets >> text=Custom")
    tab.fill("#name", "meter")
    tab.fill("#charset", "0-9")
    tab.click("#task button")
    shows(tab, ".region:nth-child(2) h2", "meter")
    shows(tab, ".region:nth-child(2) .constraint", re.compile("Digits only"))
    tab.click("#more summary")
    tab.click("#remove")
    assert wait_for(lambda: [region.name for region in show.controls.task.regions] == ["whole"])
    tab.click("#more summary")
    tab.click("#look")
    assert wait_for(lambda: show.controls.task.ignored == ())


def test_in_a_browser_presets_say_what_may_stand_there(tab: Any, show: Show) -> None:
    """Only who knows regular expressions can read a meter."""
    tab.click("#presets >> text=Digits")
    shows(tab, ".constraint", "Digits only ✕")
    assert show.controls.task.regions[0].charset == "0-9"
    shows(tab, ".now .text", re.compile(r"^[0-9\s]+$|^nothing$"))
    tab.click("#presets >> text=Plate")
    shows(tab, ".constraint", "Plate only ✕")
    assert show.controls.task.regions[0].charset is None and show.controls.task.regions[0].pattern
    tab.click(".constraint")
    shows(tab, ".now .text", "A1BO 1A BOB")
    assert tab.is_hidden(".constraint") and tab.is_checked("#presets input[value=Everything]")


def test_in_a_browser_ones_own_view_stands_still_and_the_reading_goes_on(tab: Any, show: Show) -> None:
    """Who wants a closer look stops the reading for everybody."""
    tab.click("#freeze")
    shows(tab, "#freeze", "Resume view")
    tab.wait_for_timeout(300)
    still = {tab.evaluate(PIXELS) for _ in range(5) if tab.wait_for_timeout(150) is None}
    assert len(still) == 1 and not show.controls.task.paused
    tab.click("#freeze")
    assert wait_for(lambda: tab.evaluate(PIXELS) not in still)
    tab.click("#more summary")
    tab.click("#pause")
    shows(tab, "#status", "Reading is paused")
    shows(tab, "#advice", re.compile("paused for everyone"))
    tab.click("#more summary")
    shows(tab, "#pause", "Resume reading for everyone")
    tab.click("#pause")
    shows(tab, "#status", "Reading")


def as_from_another_machine(show: Show) -> str:
    """The page's address under a name for which a browser has no clipboard."""
    return show.preview.url.replace("127.0.0.1", f"{socket.gethostname().partition('.')[0].lower()}.local")


def test_in_a_browser_the_text_is_copied_also_from_another_machine(browser: Any, show: Show) -> None:
    """The button does nothing on a telephone."""
    tab = opened(browser, as_from_another_machine(show))
    assert not tab.evaluate("isSecureContext")
    tab.evaluate("addEventListener('copy', () => { window.copied = String(getSelection()); })")
    tab.click("text=Copy")
    shows(tab, ".region div button", "Copied")
    assert tab.evaluate("window.copied") == CHECKED
    tab.close()


def test_in_a_browser_that_lets_no_page_copy_the_text_is_selected(browser: Any, show: Show) -> None:
    """The selection is gone with the next state, before anybody can copy it."""
    tab = opened(browser, as_from_another_machine(show))
    tab.evaluate("document.execCommand = () => false")
    tab.click("text=Copy")
    shows(tab, ".region div p", re.compile("the text is selected"))
    tab.wait_for_timeout(1000)
    assert tab.evaluate("String(getSelection())") == CHECKED
    tab.close()


def test_in_a_browser_a_change_that_does_not_arrive_is_reported(tab: Any) -> None:
    """A button does nothing, and nobody knows why."""
    tab.route("**/task", lambda route: route.abort())
    tab.click("#presets >> text=Digits")
    shows(tab, "#trouble", re.compile("Nothing was changed. The connection was lost"))
    tab.unroute("**/task")
    tab.click("#presets >> text=Digits")
    shows(tab, ".constraint", "Digits only ✕")
    shows(tab, "#trouble", "")


def custom(tab: Any, **wishes: str) -> None:
    tab.click("#presets >> text=Custom")
    for field, text in wishes.items():
        tab.fill(f"#{field}", text)
    tab.click("#task button")


def test_in_a_browser_a_refused_charset_stays_with_the_reason(tab: Any) -> None:
    """What was typed and why it was refused are gone with the next state."""
    custom(tab, charset="A-Z\t0")
    shows(tab, "#charset-refusal", re.compile("printable characters"))
    tab.wait_for_timeout(1000)
    shows(tab, "#charset-refusal", re.compile("printable characters"))
    assert tab.input_value("#charset") == "A-Z\t0" and tab.get_attribute("#charset", "aria-invalid") == "true"


def test_in_a_browser_a_pattern_that_no_reader_takes_stays_with_the_reason(tab: Any) -> None:
    """It ends the reading for all, or nobody learns why nothing changes."""
    custom(tab, pattern="(")
    shows(tab, "#pattern-refusal", re.compile("pattern"))
    assert tab.input_value("#pattern") == "(" and tab.inner_text("#trouble") == ""
    custom(tab, pattern="")
    shows(tab, "#pattern-refusal", "")
    shows(tab, ".region .text", "A1BO 1A BOB")


def test_in_a_browser_a_part_of_each_line_can_be_asked_for(tab: Any) -> None:
    """The number that stands among other words cannot be asked for; or both patterns are, and nobody learns why not."""
    custom(tab, pattern_in="[A-Z]1")
    shows(tab, ".region .text", "A1")
    custom(tab, pattern="[A-Z]+")
    shows(tab, "#pattern_in-refusal", re.compile("give one of the two"))
    assert tab.input_value("#pattern_in") == "[A-Z]1"


def test_in_a_browser_a_confidence_can_be_set(tab: Any, show: Show) -> None:
    """A viewer cannot see what is left out, nor ask for it."""
    custom(tab, min_confidence="all")
    shows(tab, "#min_confidence-refusal", re.compile("from 0 to 1"))
    custom(tab, min_confidence="1")
    shows(tab, "#min_confidence-refusal", "")
    shows(tab, ".now .text", "nothing")
    assert show.controls.task.regions[0].min_confidence == 1
    assert wait_for(lambda: tab.evaluate(COLOURED) == 0), "what is left out keeps its boxes"
    plain = tab.evaluate(COLOURED)
    tab.check("#doubtful")
    assert wait_for(lambda: tab.evaluate(COLOURED) > plain + 50), "what is left out cannot be seen"


def test_in_a_browser_a_region_is_made_a_meter(tab: Any, show: Show) -> None:
    """The rules of a meter need a file and a restart."""
    custom(tab, digits="many")
    shows(tab, "#digits-refusal", re.compile("from 1 to 20"))
    tab.check("#never_falling")
    custom(tab, digits="4", largest_step="2,5", unit="kWh")
    shows(tab, ".constraint", "4 digits ✕")
    rules = Rules(4, never_falling=True, largest_step=Decimal("2.5"), unit="kWh")
    assert show.controls.task.regions[0].rules == rules
    assert wait_for(lambda: tab.input_value("#largest_step") == "2.5") and tab.is_checked("#never_falling")
    tab.click("#presets >> text=Everything")
    shows(tab, ".now .text", "A1BO 1A BOB")
    assert show.controls.task.regions[0].rules == Rules()


def test_in_a_browser_a_history_that_does_not_come_is_reported_and_asked_for_again(browser: Any, show: Show) -> None:
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


def test_in_a_browser_who_was_turned_away_gets_in_later(
    browser: Any, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it tries again, and does not."""
    monkeypatch.setattr(handlers, "VIEWERS", 0)
    tab = browser.new_page()
    tab.goto(show.preview.url)
    shows(tab, "#trouble", re.compile("Too many viewers"))
    monkeypatch.undo()
    shows(tab, ".region .text", "A1BO 1A BOB")
    shows(tab, "#trouble", "")
    tab.close()

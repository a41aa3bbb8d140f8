"""The two pages of forms, each served by its command as a process, in a real Chromium."""

import csv
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_ocr.forms.form_file import load_form
from tests.forms.conftest import Shoebox
from tests.forms.made import METERS

pytestmark = pytest.mark.slow


@contextmanager
def served(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command that serves a page, and the page's address."""
    command = [sys.executable, "-m", "edge_ocr", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/", said)):
                line = process.stderr.readline()
                assert line, f"no page was announced: {said}"
                said += line
            yield process, found[0]
        finally:
            process.kill()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def shows(tab: Any, selector: str, text: Any) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect(tab.locator(selector)).to_have_text(text, timeout=60_000)


def drag(tab: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw from one point of the form to another, in parts of it."""
    area = tab.locator("#picture").bounding_box()
    tab.mouse.move(area["x"] + start[0] * area["width"], area["y"] + start[1] * area["height"])
    tab.mouse.down()
    tab.mouse.move(area["x"] + end[0] * area["width"], area["y"] + end[1] * area["height"], steps=4)
    tab.mouse.up()


def test_fields_are_marked_on_a_page(tab: Any, tmp_path: Path) -> None:
    """Whoever draws boxes gets another file than they drew, or loses it."""
    scan = tmp_path / "scan.png"
    cv2.imwrite(str(scan), np.full((525, 740), 255, np.uint8))
    with served("form", "new", scan) as (process, url):
        tab.goto(url)
        shows(tab, "#status", re.compile("drag a box around the first field"))
        assert tab.input_value("#width") == "297"  # A4 across, as far as the proportions say.
        drag(tab, (0.1, 0.2), (0.5, 0.3))
        tab.keyboard.type("surname")
        tab.select_option("#kind", "comb")
        tab.click("#save")
        shows(tab, "#status", re.compile("cells"))  # It says what is missing.
        tab.fill("#cells", "12")
        tab.fill("#charset", "A-Z")
        drag(tab, (0.6, 0.6), (0.65, 0.7))
        tab.keyboard.type("junior")
        tab.select_option("#kind", "checkbox")
        assert not tab.locator("#charset").is_visible()
        drag(tab, (0.8, 0.8), (0.9, 0.9))
        tab.click("#remove")
        drag(tab, (0.625, 0.65), (0.725, 0.65))  # The box of the second field is moved.
        tab.click("#end")
        shows(tab, "#status", re.compile("saved; you may close"))
        assert process.wait(60) == 0
    surname, junior = load_form(tmp_path / "scan.toml").fields
    assert (surname.name, surname.kind, surname.cells, surname.charset) == ("surname", "comb", 12, "A-Z")
    area = surname.area
    assert [area.left, area.top, area.width, area.height] == pytest.approx([0.1, 0.2, 0.4, 0.1], abs=0.005)
    assert (junior.name, junior.kind) == ("junior", "checkbox")
    assert [junior.area.left, junior.area.top] == pytest.approx([0.7, 0.6], abs=0.005)
    with served("form", "new", scan) as (_, url):  # It goes on where it was.
        tab.goto(url)
        shows(tab, "#fields li >> nth=0", "surname (comb)")


def test_doubtful_answers_are_corrected_on_a_page(tab: Any, few: Shoebox, tmp_path: Path) -> None:
    """Corrections get lost, reach the wrong answer, are asked for twice, or teach a model nothing."""
    pytest.importorskip("convert.finetuning.dataset")
    copy = next(copy for copy in few.copies if copy.form is METERS)
    kept = tmp_path / "kept"
    command = ("read", "--form", few.path(METERS), copy.photo, "--format", "csv", "--review", "--sure", 1)
    command = (*command, "--corrections", kept, "--max-seconds", 600)
    with served(*command) as (process, url):
        tab.goto(url)
        shows(tab, "#status", re.compile("to look at"))
        fields = [what.split(" · ")[0] for what in tab.locator("article p:not(.doubt)").all_inner_texts()]
        assert "customer" in fields
        card = tab.locator("article").nth(fields.index("customer"))
        width = "image => image.decode().then(() => image.naturalWidth)"
        assert card.locator("img").evaluate(width) > 100
        card.locator("input").fill("XY12345")
        card.locator("input").press("Enter")
        shows(tab, "#status", re.compile("^1 of"))
        tab.click("#end")
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
    row = next(csv.DictReader(out.splitlines()))
    assert row["customer"] == "XY12345" and "customer" not in row["doubtful"]
    from convert.finetuning.dataset import read_hand

    assert [sample.text for sample in read_hand(kept).samples] == ["XY12345"]
    with served(*command) as (_, url):  # What was answered isn't asked again.
        tab.goto(url)
        shows(tab, "#status", re.compile("to look at"))
        assert "customer" not in " ".join(tab.locator("article p").all_inner_texts())


def test_another_site_learns_nothing(few: Shoebox, tmp_path: Path) -> None:
    """A page of the web could read the forms of whoever visits it, or change their files."""
    with served("form", "new", few.folder / "meters.png", "--output", tmp_path / "f.toml") as (_, url):
        for headers, data in (({"Host": "evil.example"}, None), ({"Origin": "http://evil.example"}, b"{}")):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60)
            assert caught.value.code == 403
            caught.value.close()
    assert not (tmp_path / "f.toml").exists()

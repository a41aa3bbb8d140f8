"""`python -m convert page-film`: the README's moving picture, a browser's view of the live page.

Runs `edge-ocr live --preview` on the bundled film, opens its page in a headless Chromium, takes a screenshot a few
times a second and stores them as an animated WebP. The last screenshot is stored as a still picture, too.
"""

import io
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from convert.paths import ROOT
from edge_ocr.arguments import SECONDS, Parser
from edge_ocr.errors import CameraNotFound, CannotWrite, EdgeOcrError
from edge_ocr.output import note

FILM = ROOT / "edge_ocr" / "samples" / "note.mp4"

MOVING, STILL = ROOT / "docs" / "page.webp", ROOT / "docs" / "page.png"

VIEW = 1120, 700
"""Width and height of the browser's window, in pixels."""

SHOWN_WIDTH = 840
"""Width of the moving picture, in pixels: about what GitHub shows."""

INTERVAL_S = 0.25
"""Seconds between two screenshots."""

QUALITY = 55
"""Of WebP, 0 to 100: the text stays sharp, and ten seconds stay below 1.5 MB."""

SETTLE_S = 0.5
"""Until the page has laid itself out around its first text."""

START_S = 30.0
"""Longest wait for the page's address and for its first text."""


@contextmanager
def live_page(film: Path) -> Iterator[str]:
    """The page's address of an `edge-ocr live` that reads a film in a loop until the `with` ends."""
    command = [sys.executable, "-m", "edge_ocr", "live", "--camera", str(film), "--loop", "--preview", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.send_signal(signal.SIGTERM)


def _address(process: "subprocess.Popen[str]") -> str:
    """The address that the program prints on stderr. Raises EdgeOcrError if it ends without one."""
    said = []
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://\S+", line):
            return found[0]
        said.append(line.strip())
    raise EdgeOcrError(f"edge-ocr live ended before it served its page: {' '.join(said)}")


@contextmanager
def browser_tab() -> Iterator[Any]:
    """A tab of a headless Chromium. Raises EdgeOcrError when Playwright or Chromium is missing."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise EdgeOcrError("the browser is driven by Playwright: run `pip install -e '.[convert,dev]'`") from error
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise EdgeOcrError("there is no Chromium: run `apt install chromium`, or put one on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": VIEW[0], "height": VIEW[1]})
        browser.close()


def take_screenshots(tab: Any, address: str, seconds: float) -> list[bytes]:
    """PNGs of the page, INTERVAL_S apart, from its first text on."""
    from playwright.sync_api import Error

    try:
        tab.goto(address)
        tab.wait_for_selector(".now .sure", timeout=1000 * START_S)
    except Error as error:
        raise EdgeOcrError(f"the page showed no text within {START_S:.0f} s: {error.message}") from error
    tab.wait_for_timeout(1000 * SETTLE_S)
    shots, start = [], time.monotonic()
    for number in tqdm(range(max(1, round(seconds / INTERVAL_S))), desc="screenshots"):
        time.sleep(max(0.0, start + number * INTERVAL_S - time.monotonic()))
        shots.append(tab.screenshot())
    return shots


def store(shots: list[bytes], moving: Path, still: Path) -> None:
    """The screenshots as an animated WebP that repeats, and the last one as it is."""
    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    height = round(pictures[0].height * SHOWN_WIDTH / pictures[0].width)
    small = [picture.resize((SHOWN_WIDTH, height), Image.Resampling.LANCZOS) for picture in pictures]
    try:
        small[0].save(
            moving, save_all=True, append_images=small[1:], duration=round(1000 * INTERVAL_S), loop=0,
            quality=QUALITY, method=6,
        )  # fmt: skip
        pictures[-1].quantize(256, method=Image.Quantize.MEDIANCUT).save(still, optimize=True)
    except OSError as error:
        why = f"{error.filename or moving} cannot be written ({error.strerror or error}): make room"
        raise CannotWrite(why) from error


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert page-film",
        description="Film the live page in a browser: an animated WebP and a still PNG for the README and the docs.",
    )
    add = parser.add_argument
    add("--film", type=Path, default=FILM, metavar="FILE", help="what the camera sees (default: the sample film)")
    add("--seconds", type=SECONDS, default=8.0, metavar="S", help="length (default: 8)")
    add("--moving", type=Path, default=MOVING, metavar="FILE", help="gets the WebP (docs/page.webp)")
    add("--still", type=Path, default=STILL, metavar="FILE", help="gets the PNG (docs/page.png)")
    options = parser.parse_args(argv)
    if not options.film.is_file():
        raise CameraNotFound(f"there is no film {options.film}: expected a file such as note.mp4")
    with live_page(options.film) as address, browser_tab() as tab:
        shots = take_screenshots(tab, address, options.seconds)
    store(shots, options.moving, options.still)
    note(f"{options.moving}: {options.moving.stat().st_size / 1e6:.2f} MB; {options.still}")
    return 0

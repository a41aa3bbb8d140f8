"""The report: one file, nothing from outside, and readable in a real Chromium by day and by night."""

import re
from pathlib import Path
from typing import Any

import pytest

from edge_ocr.bench.charts import histograms, stacked_bars, time_series
from edge_ocr.bench.report import render
from edge_ocr.bench.trust import doubts
from tests.bench_records import made_record, real_record

POINTS = {
    "time_s": [1.0, 2.0, 3.0],
    "speed": [1.0, 0.9, 0.8],
    "clock_mhz": [None, None, None],
    "temperature_c": [50.0, 60.0, 70.0],
    "throttled": [0, 0, 4],
}
RUN = {
    "backend": "litert",
    "minutes": 0.05,
    "interrupted": False,
    "verdict": "throttled",
    "says": "hot",
    "points": POINTS,
}


def full() -> dict[str, Any]:
    """Two backends and a sustained run, on a board with a name that has to be escaped."""
    record = made_record(100, sustained=RUN, board={**real_record()["board"], "model": "Pi <5> & co"})
    record["backends"] += made_record(130, backend="tflite-runtime")["backends"]
    return record


def test_nothing_is_fetched_and_nothing_runs() -> None:
    """A report that is opened years later, or offline, would be empty; or a board's name would be run as a script."""
    page = render(full())
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://|\son\w+=", page)
    assert "Pi &lt;5&gt; &amp; co" in page and "Pi <5>" not in page


def test_a_report_of_a_real_run() -> None:
    """What is really measured could not be shown."""
    page = render(real_record())
    assert page.count("<svg") == 2 and "nonstop" not in page


def test_charts_bear_odd_values() -> None:
    """One reading, equal readings or a stage of no time would end in a division by zero."""
    assert "NaN" not in histograms("t", {"a": [5.0]}, "ms") + stacked_bars("t", {"a": {"x": 0.0}}, "ms")
    assert time_series("t", [1.0], {"speed": [1.0]}).count("<polyline") == 1


def test_bars_are_to_scale() -> None:
    """A stage would look longer than it is."""
    chart = stacked_bars("t", {"a": {"x": 10.0, "y": 30.0}, "b": {"x": 20.0, "y": 0.0}}, "ms")
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height', chart)]
    assert widths[1] == pytest.approx(3 * widths[0], abs=0.2) and widths[2] == pytest.approx(2 * widths[0], abs=0.2)


@pytest.mark.parametrize(("change", "word"), [
    ({"others_cores": 0.5}, "other programs"), ({"governor": "ondemand"}, "governor is ondemand"),
    ({"throttled": 0x1}, "limited"), ({"throttled": 0x40000}, "limited"), ({"temperature_c": 75.0}, "warmer"),
    ({"clock_mhz": None}, "clock: unknown"),
])  # fmt: skip
def test_what_speaks_against_a_run_is_said(change: dict[str, Any], word: str) -> None:
    """A hot board's run, or one beside a training, would be believed."""
    quiet = {"governor": "performance", "clock_mhz": 1500.0, "top_clock_mhz": 1500.0, "temperature_c": 50.0,
             "throttled": 0, "load": 0.1}  # fmt: skip
    after = {**quiet, **{key: value for key, value in change.items() if key in quiet}}
    before = {**quiet, "governor": after["governor"]}
    fine = made_record(conditions={"before": quiet, "after": quiet, "others_cores": 0.0})
    fine["settings"] = {**fine["settings"], "rounds": 5, "starts": 3}
    assert doubts(fine) == ["nothing speaks against it"]
    conditions = {"before": before, "after": after, "others_cores": change.get("others_cores", 0.0)}
    assert any(word in doubt for doubt in doubts({**fine, "conditions": conditions}))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_everything_can_be_seen(scheme: str, browser: Any, tmp_path: Path) -> None:
    """Charts would be cut off, black on black, or wider than a telephone."""
    (tmp_path / "report.html").write_text(render(full()), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / "report.html").as_uri())
    assert len(asked) == 1 and tab.locator("svg").count() == 3
    colors = "e => [getComputedStyle(e).fill, getComputedStyle(document.body).backgroundColor]"
    text, paper = tab.locator("svg text").first.evaluate(colors)
    assert text != paper and ("255, 255, 255" in paper) == (scheme == "light")
    inside = """() => [...document.querySelectorAll("svg")].every(svg => { const area = svg.getBoundingClientRect();
        return [...svg.children].every(e => { const box = e.getBoundingClientRect();
            return box.left >= area.left - 1 && box.right <= area.right + 1 && box.bottom <= area.bottom + 2; }); })"""
    assert tab.evaluate(inside)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()

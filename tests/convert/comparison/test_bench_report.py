"""The page of a measurement: one file, nothing from outside, and readable in a real Chromium."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from convert.comparison import bench_report
from convert.comparison.bench_report import render
from edge_ocr.errors import CannotWrite
from edge_ocr.stopwatch import STAGES
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
    assert not re.search(r"<script|<link|<img|@import|url\((?!#)|(src|href)=.(?!#)|\son\w+=", page)
    assert "Pi &lt;5&gt; &amp; co" in page and "Pi <5>" not in page


def test_a_report_of_a_real_run() -> None:
    """What is really measured could not be shown."""
    page = render(real_record())
    assert page.count("<svg") == 2 and "nonstop" not in page


def test_charts_bear_odd_values() -> None:
    """One reading, equal readings, a stage of no time or unknown clocks would end in an error or an empty chart."""
    record = full()
    for backend in record["backends"]:
        backend["readings"] = {**backend["readings"], "page_ms": [5.0]}
        backend["stages_ms"] = {stage: {"median": 0.0} for stage in STAGES}
    drawn = [bench_report.draw_stages(record), bench_report.draw_latencies(record)]
    drawn.append(bench_report.draw_courses({"time_s": [1.0, 2.0], "speed": [1.0, None]}, ["speed"]))
    assert all(chart.startswith("<svg") and "nan" not in chart for chart in drawn)


def test_bars_are_to_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage would look longer than it is, or stand in another's place."""
    figures: list[Any] = []
    monkeypatch.setattr(bench_report, "_svg", lambda figure: figures.append(figure) or "")
    record = full()
    bench_report.draw_stages(record)
    (axis,) = figures[0].axes
    for place, backend in enumerate(record["backends"]):
        bars = [container[place] for container in axis.containers]
        medians = [backend["stages_ms"][stage]["median"] for stage in STAGES]
        assert [bar.get_width() for bar in bars] == medians
        assert [bar.get_x() for bar in bars] == pytest.approx([sum(medians[:k]) for k in range(len(medians))])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_everything_can_be_seen(scheme: str, browser: Any, tmp_path: Path) -> None:
    """Charts would be cut off, or wider than a telephone; or something would be fetched."""
    (tmp_path / "run.json").write_text(json.dumps(full()), encoding="utf-8")
    assert bench_report.main([str(tmp_path / "run.json")]) == 0
    tab = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / "report.html").as_uri())
    assert len(asked) == 1 and tab.locator("svg").count() == 3
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """A folder that is not there, or a full disk, would end in a traceback."""
    (tmp_path / "run.json").write_text(json.dumps(full()), encoding="utf-8")
    with pytest.raises(CannotWrite, match=r"missing/page\.html cannot be written"):
        bench_report.main([str(tmp_path / "run.json"), "--out", str(tmp_path / "missing" / "page.html")])

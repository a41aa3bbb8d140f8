"""A measurement as one HTML page without scripts, for a browser, with nothing outside of it."""

from html import escape
from string import Template
from typing import Any

from edge_ocr.bench.charts import histograms, stacked_bars, time_series
from edge_ocr.bench.compare import Side, compare_sides
from edge_ocr.bench.record import Record
from edge_ocr.bench.tables import comparison_table, record_table
from edge_ocr.stopwatch import STAGES

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>edge-ocr bench: $board</title>
<style>
:root { color-scheme: light dark; --paper: #fff; --text: #1c1c1c; --faint: #767676;
  --c0: #0072b2; --c1: #e69f00; --c2: #009e73; --c3: #cc79a7; --c4: #8d939a; --mark: #d55e00; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --text: #e8e8e8; --faint: #9a9a9a;
  --c0: #4aa8e0; --mark: #ff9a5a; } }
body { background: var(--paper); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; font: 13px/1.45 ui-monospace, monospace; }
svg { width: 100%; height: auto; } svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); }
.c4 { fill: var(--c4); } .axis { stroke: var(--faint); } .mark { stroke: var(--mark); stroke-width: 2; }
polyline { fill: none; stroke-width: 2; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--mark); } .s2 { stroke: var(--c2); }
.key { display: inline-block; width: 1em; height: 1em; margin: 0 .3em 0 1em; vertical-align: -.1em; }
.key.c0 { background: var(--c0); } .key.c1 { background: var(--c1); } .key.c2 { background: var(--c2); }
.key.c3 { background: var(--c3); } .key.c4 { background: var(--c4); }
</style>
</head>
<body>
<h1>$board</h1>
$sections
</body>
</html>
""")


def render(record: Record) -> str:
    """The page: stages, latencies, the sustained run, and the table that the terminal shows."""
    sections = [_stages(record), _latencies(record), _sustained(record), _beside(record)]
    sections.append(_section("All figures", f"<pre>{escape(record_table(record))}</pre>"))
    board = f"edge-ocr {record['edge_ocr']} on {record['board']['model'] or record['board']['cpu'] or 'this board'}"
    return PAGE.substitute(board=escape(board), sections="\n".join(filter(None, sections)))


def _stages(record: Record) -> str:
    rows = {
        backend["backend"]: {stage: backend["stages_ms"][stage]["median"] for stage in STAGES}
        for backend in record["backends"]
    }
    keys = "".join(f'<span class="key c{color}"></span>{stage}' for color, stage in enumerate(STAGES))
    return _section(
        "Where the time of a page goes", stacked_bars("medians of the stages", rows, "ms") + f"<p>{keys}</p>"
    )


def _latencies(record: Record) -> str:
    rows = {backend["backend"]: backend["readings"]["page_ms"] for backend in record["backends"]}
    pages = len(record["data"]["pages"])
    caption = f"<p>Every reading of {pages} pages, which take different times; the line is the median.</p>"
    return _section("How long readings take", histograms("distribution of the readings", rows, "ms") + caption)


def _sustained(record: Record) -> str:
    run = record["sustained"]
    if not run:
        return ""
    points: dict[str, list[Any]] = run["points"]
    names = {"speed": "speed", "temperature_c": "temperature, °C", "clock_mhz": "clock, MHz"}
    rows = {name: points[key] for key, name in names.items() if any(v is not None for v in points[key])}
    chart = time_series("speed and the board over time", points["time_s"], rows) if rows else ""
    absent = [name for name in names.values() if name not in rows]
    unknown = f" Unknown here: {', '.join(absent)}." if absent else ""
    text = f"<p><strong>{escape(run['verdict'])}</strong>: {escape(run['says'])}.{escape(unknown)}</p>"
    return _section(f"{run['minutes']:.1f} minutes nonstop", chart + text)


def _beside(record: Record) -> str:
    """The backends side by side, if there are several."""
    sides = [Side(backend["backend"], record, backend) for backend in record["backends"]]
    if len(sides) < 2:
        return ""
    return _section("Side by side", f"<pre>{escape(comparison_table(sides, compare_sides(sides)))}</pre>")


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"

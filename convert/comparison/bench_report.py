"""`python -m convert bench-report`: what `edge-ocr bench --save` measured on a board, drawn as one HTML page.

The page needs nothing from outside and runs no scripts.
"""

import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from convert.plots import plt
from convert.templates import fill
from edge_ocr.arguments import Parser
from edge_ocr.bench.compare import Side, compare_sides
from edge_ocr.bench.record import Record, load_record
from edge_ocr.bench.tables import comparison_table, record_table
from edge_ocr.folders import writing
from edge_ocr.stopwatch import STAGES

TEMPLATE = Path(__file__).with_suffix(".html")

BINS = 30
"""Of a histogram."""

COURSES = {"speed": "speed", "temperature_c": "temperature, °C", "clock_mhz": "clock, MHz"}
"""What is drawn of a sustained run: the record's key and the curve's title."""


def render(record: Record) -> str:
    """The page: stages, latencies, the sustained run, and the table that the terminal shows."""
    sides = [Side(backend["backend"], record, backend) for backend in record["backends"]]
    points = record["sustained"]["points"] if record["sustained"] else {}
    known = [key for key in COURSES if any(value is not None for value in points.get(key, ()))]
    return fill(
        TEMPLATE,
        record=record,
        board=record["board"]["model"] or record["board"]["cpu"] or "this board",
        stages=draw_stages(record),
        latencies=draw_latencies(record),
        sustained=draw_courses(points, known) if known else "",
        absent=[title for key, title in COURSES.items() if key not in known],
        beside=comparison_table(sides, compare_sides(sides)) if len(sides) > 1 else "",
        table=record_table(record),
    )


def draw_stages(record: Record) -> str:
    """One bar a backend, made of the medians of its stages, as SVG."""
    names = [backend["backend"] for backend in record["backends"]]
    figure, axis = plt.subplots(figsize=(8, 1.2 + 0.5 * len(names)), layout="constrained")
    ends = np.zeros(len(names))
    for stage in STAGES:
        widths = np.array([backend["stages_ms"][stage]["median"] for backend in record["backends"]])
        bars = axis.barh(names, widths, left=ends, label=stage)
        ends += widths
    axis.bar_label(bars, [f" {end:.1f} ms" for end in ends])
    axis.margins(x=0.15)
    axis.invert_yaxis()
    axis.set_xlabel("ms")
    figure.legend(loc="outside upper center", ncols=len(STAGES), frameon=False)
    return _svg(figure)


def draw_latencies(record: Record) -> str:
    """One histogram of its readings a backend, all over the same axis, with a line at the median, as SVG."""
    backends = record["backends"]
    figure, axes = plt.subplots(
        len(backends), figsize=(8, 0.6 + 1.2 * len(backends)), layout="constrained", sharex=True, squeeze=False
    )
    everything = [value for backend in backends for value in backend["readings"]["page_ms"]]
    edges = np.histogram_bin_edges(everything, BINS)
    for axis, backend in zip(axes[:, 0], backends, strict=True):
        times = backend["readings"]["page_ms"]
        axis.hist(times, edges)
        axis.axvline(float(np.median(times)), color="C1")
        axis.set(ylabel=backend["backend"], yticks=[])
    axes[-1, 0].set_xlabel("ms")
    return _svg(figure)


def draw_courses(points: dict[str, list[float | None]], keys: list[str]) -> str:
    """One curve a key under each other, over the same seconds, as SVG."""
    figure, axes = plt.subplots(
        len(keys), figsize=(8, 0.6 + 1.4 * len(keys)), layout="constrained", sharex=True, squeeze=False
    )
    for axis, key in zip(axes[:, 0], keys, strict=True):
        values = [np.nan if value is None else value for value in points[key]]
        axis.plot(points["time_s"], values, ".-")
        axis.set_ylabel(COURSES[key])
    axes[-1, 0].set_xlabel("seconds")
    return _svg(figure)


def _svg(figure: Figure) -> str:
    """A figure as an SVG element to stand in a page, the same each time."""
    text = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "edge-ocr"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return text.getvalue().partition("<svg")[2].join(("<svg", ""))


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert bench-report", description="Draw what `edge-ocr bench --save` measured as an HTML page."
    )
    parser.add_argument("run", type=Path, help="run.json, as `edge-ocr bench --save FOLDER` wrote it")
    parser.add_argument("--out", type=Path, help="page to write (default: report.html beside it)")
    options = parser.parse_args(argv)
    page = render(load_record(options.run))
    out = options.out or options.run.with_name("report.html")
    with writing(out):
        out.write_text(page, encoding="utf-8")
    print(out)
    return 0

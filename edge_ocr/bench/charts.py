"""Charts as SVG text, in the colours of the page around it, for light and dark pages."""

from collections.abc import Sequence
from html import escape

import numpy as np

WIDTH = 720
"""Of a chart, in its own units; the page scales it."""

LEFT = 130
"""Where the plot begins, right of the names."""

BAR = 22
"""Height of a bar."""

BINS = 30
"""Of a histogram."""


def stacked_bars(title: str, rows: dict[str, dict[str, float]], unit: str) -> str:
    """One bar a row, made of its parts; all to one scale.

    Args:
        title: for those who cannot see it.
        rows: name -> part -> value; the parts of all rows are the same.
        unit: written behind the totals.
    """
    longest = max(sum(parts.values()) for parts in rows.values()) or 1.0
    scale, body = (WIDTH - LEFT - 90) / longest, []
    for number, (name, parts) in enumerate(rows.items()):
        top, x = number * (BAR + 14), float(LEFT)
        body.append(_text(LEFT - 8, top + 16, name, "end"))
        for color, (part, value) in enumerate(parts.items()):
            tip = f"<title>{escape(part)}: {value:.2f} {unit}</title>"
            width = value * scale
            body.append(f'<rect class="c{color}" x="{x:.1f}" y="{top}" width="{width:.1f}" height="{BAR}">{tip}</rect>')
            x += width
        body.append(_text(x + 6, top + 16, f"{sum(parts.values()):.1f} {unit}"))
    return _svg(title, "".join(body), len(rows) * (BAR + 14))


def histograms(title: str, rows: dict[str, Sequence[float]], unit: str) -> str:
    """One histogram a row, all over the same axis, with a line at the median."""
    values = np.concatenate([np.asarray(row, np.float64) for row in rows.values()])
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1.0
    step, body = (WIDTH - LEFT - 20) / BINS, []
    for number, (name, row) in enumerate(rows.items()):
        base = number * 84 + 70
        counts = np.histogram(row, BINS, (low, high))[0]
        body.append(_text(LEFT - 8, base - 4, name, "end"))
        for k, count in enumerate(counts.tolist()):
            height, x = 60 * count / max(1, int(counts.max())), LEFT + k * step
            tip = f"<title>{count} readings</title>"
            box = f'x="{x:.1f}" y="{base - height:.1f}" width="{step - 1:.1f}" height="{height:.1f}"'
            body.append(f'<rect class="c0" {box}>{tip}</rect>')
        x = LEFT + (float(np.median(row)) - low) / (high - low) * BINS * step
        body.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{base - 64}" y2="{base}"/>')
        body.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 20}" y1="{base}" y2="{base}"/>')
    bottom = len(rows) * 84 + 6
    body += [_text(LEFT, bottom, f"{low:.1f} {unit}"), _text(WIDTH - 20, bottom, f"{high:.1f} {unit}", "end")]
    return _svg(title, "".join(body), bottom + 8)


def time_series(title: str, times: Sequence[float], rows: dict[str, list[float | None]]) -> str:
    """One curve a row under each other, over the same seconds, each with its own range beside it."""
    span, body = max([*times, 1.0]), []
    for number, (name, values) in enumerate(rows.items()):
        top = number * 100 + 6
        known = [value for value in values if value is not None]
        low, high = min(known), max(known)
        room = max(high - low, 1e-3 * max(abs(high), 1.0))
        points = [
            f"{LEFT + time / span * (WIDTH - LEFT - 20):.1f},{top + 76 - (value - low) / room * 70:.1f}"
            for time, value in zip(times, values, strict=True)
            if value is not None
        ]
        body.append(_text(LEFT - 8, top + 44, name, "end"))
        body += [_text(LEFT - 8, top + 12, f"{high:.4g}", "end"), _text(LEFT - 8, top + 76, f"{low:.4g}", "end")]
        body.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 20}" y1="{top + 80}" y2="{top + 80}"/>')
        body.append(f'<polyline class="s{number}" points="{" ".join(points)}"/>')
    bottom = len(rows) * 100 + 10
    body += [_text(LEFT, bottom, "0 s"), _text(WIDTH - 20, bottom, f"{span:.0f} s", "end")]
    return _svg(title, "".join(body), bottom + 8)


def _svg(title: str, body: str, height: float) -> str:
    name = escape(title, quote=True)
    return f'<svg role="img" aria-label="{name}" viewBox="0 0 {WIDTH} {height:.0f}">{body}</svg>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'

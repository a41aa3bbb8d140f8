"""One measurement, or several side by side, as a table for people."""

from typing import Any

from edge_ocr.bench.compare import COLD_ROWS, Row, Side, caveats, network_name
from edge_ocr.bench.conditions import flags_now, flags_since_boot
from edge_ocr.bench.figures import FLOOR, Ratio, middle
from edge_ocr.bench.record import Record
from edge_ocr.bench.trust import doubts
from edge_ocr.stopwatch import STAGES

UNKNOWN = "unknown"

WORDS = {"more": "more", "less": "less", "noise": "noise", "unknown": "too few"}


def record_table(record: Record) -> str:
    """One measurement as a table."""
    parts = [_head(record)]
    parts += [_backend(backend) for backend in record["backends"]]
    parts += [f"{name} is absent: {why}" for name, why in record["absent"].items()]
    parts.append(_meanwhile(record))
    if record["sustained"]:
        run = record["sustained"]
        early = ", ended early" if run["interrupted"] else ""
        parts.append(f"{run['minutes']:.1f} minutes nonstop{early}: {run['verdict']}\n  {run['says']}")
    parts.append("\n".join(["how far to trust this:", *(f"  {doubt}" for doubt in doubts(record))]))
    return "\n\n".join(parts)


def _head(record: Record) -> str:
    board, settings = record["board"], record["settings"]
    names = [board["model"] or "unknown board", board["cpu"] or board["machine"]]
    packages = ", ".join(f"{name} {version}" for name, version in record["packages"].items() if version)
    pages = len(record["data"]["pages"])
    return "\n".join(
        [
            f"edge-ocr {record['edge_ocr']} on {', '.join(names)}, {board['cores']} cores, {board['machine']}",
            f"{board['system'] or 'unknown system'}, Python {board['python']}, {packages}",
            f"{pages} pages ({record['data']['name']}), starts: {settings['starts']}, "
            f"rounds in each: {settings['rounds']}",
        ]
    )


def _backend(backend: Record) -> str:
    accuracy = backend["accuracy"]
    rows = [f"{backend['backend']} {backend['version']}", _columns("ms", "median", "5 %", "95 %", "most", "share")]
    whole = sum(backend["stages_ms"][stage]["median"] for stage in STAGES)
    rows.append(_figures("a page", backend["page_ms"], ""))
    rows.append(_figures("  of the processor", backend["processor_ms"], ""))
    for stage in STAGES:
        figures = backend["stages_ms"][stage]
        rows.append(_figures(f"  {stage}", figures, f"{figures['median'] / whole:.0%}" if whole else ""))
    rows += [_figures(network_name(network), network["call_ms"], "", 3) for network in backend["networks"]]
    cold = backend["cold_start_ms"]
    rows += [_line(name, f"{middle(cold[part]):8.0f}") for part, name in COLD_ROWS.items()]
    peak, steady = (middle(backend["memory_mb"][part]) for part in ("peak", "steady"))
    rows.append(_line("memory, MB", f"{_shown(peak)} at most, {_shown(steady)} while reading"))
    slowest = backend["slowest"]
    rows.append(_line("slowest page", f"{slowest['name']}, {slowest['processor_ms']:.0f} ms of the processor"))
    rows.append(_line("pages a second", f"{backend['pages_per_second']:8.2f}"))
    right = f"{1 - accuracy['loose_cer']:.2%} of letters and digits right"
    errors = f"character errors: loose {accuracy['loose_cer']:.2%}, strict {accuracy['strict_cer']:.2%}"
    if accuracy["partial"]:
        rows.append(_line("not read to the end in time", ", ".join(accuracy["partial"])))
    return "\n".join([*rows, _line("accuracy", f"{right}; {errors}")])


def _meanwhile(record: Record) -> str:
    before, after = record["conditions"]["before"], record["conditions"]["after"]
    others = record["conditions"]["others_cores"]
    top = f", {before['top_clock_mhz']:.0f} at most" if before["top_clock_mhz"] else ""
    rows = [
        ("governor", before["governor"] or UNKNOWN),
        ("clock, MHz", _change(before["clock_mhz"], after["clock_mhz"], ".0f") + top),
        ("temperature, °C", _change(before["temperature_c"], after["temperature_c"], ".1f")),
        ("throttling", _throttling(before["throttled"], after["throttled"])),
        ("load", _change(before["load"], after["load"], ".2f")),
        (
            "other programs",
            UNKNOWN if others is None else f"kept {others:.2f} of {record['board']['cores']} cores busy",
        ),
    ]
    return "\n".join(["the board meanwhile", *(_line(name, text) for name, text in rows)])


def _throttling(before: int | None, after: int | None) -> str:
    if after is None:
        return UNKNOWN
    now = " and ".join(flags_now(after)) or "nothing"
    grown = after & ~(before or 0)
    since = " and ".join(flags_since_boot(after)) or "nothing"
    fresh = f"; new during the measurement: {' and '.join(flags_since_boot(grown))}" if flags_since_boot(grown) else ""
    return f"now {now}, since the boot {since}{fresh} (0x{after:x})"


def _change(before: float | None, after: float | None, form: str) -> str:
    if before is None or after is None:
        return UNKNOWN
    return f"{before:{form}} before, {after:{form}} after"


def comparison_table(sides: list[Side], rows: list[Row]) -> str:
    """Every figure of every side; the others are compared with the first."""
    width = max(14, *(len(side.label) for side in sides))
    heads = f"{'':36} {sides[0].label:>{width}}" + "".join(f"  {side.label:>{width + 16}}" for side in sides[1:])
    lines = [heads, *(_compared(row, width) for row in rows)]
    known = (
        f"noise: within the scatter of the rounds (95 % interval), or under {FLOOR:.0%}; "
        "too few: too few rounds for a verdict"
    )
    return "\n".join([*lines, "", known, *caveats(sides)])


def _compared(row: Row, width: int) -> str:
    """One figure of every side: the first one's value, then each other's with its ratio to the first."""
    first, *others = (f"{_shown(value, row.digits):>{width}}" for value in row.values)
    cells = [first]
    for value, ratio in zip(others, row.ratios[1:], strict=True):
        cells.append(f"{value} {_ratio(ratio):<15}")
    return f"{row.name:<36} {'  '.join(cells)}".rstrip()


def _ratio(ratio: Ratio | None) -> str:
    return f"x{ratio.value:.2f} {WORDS[ratio.verdict]}" if ratio else ""


def _columns(name: str, *heads: str) -> str:
    return f"  {name:<34}" + "".join(f"{head:>9}" for head in heads)


def _figures(name: str, figures: Record, share: str, digits: int = 2) -> str:
    cells = "".join(f"{figures[key]:9.{digits}f}" for key in ("median", "p5", "p95", "max"))
    return f"  {name:<34}{cells}{share:>9}".rstrip()


def _line(name: str, text: str) -> str:
    return f"  {name:<34} {text}"


def _shown(value: Any, digits: int = 1) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"

"""The cards' section about quantization: the schemes beside each other, and the layers that lose most."""

import json
from pathlib import Path
from typing import Any

from convert.evaluation.card_text import percent, table

NOISIEST = 3
"""Layers that are named."""


def schemes_section(report: Path, sha256: str) -> str:
    """What `schemes` and `layer-error` left in a bundle's report/, if they measured this very model; else nothing."""
    found = {name: _measured(report / f"{name}.json", sha256) for name in ("schemes", "layers")}
    parts = []
    if found["schemes"]:
        parts.append(_schemes(found["schemes"]))
    if found["layers"]:
        parts.append(_layers(found["layers"]["layers"]))
    return "\n".join(["## Quantization\n", *parts]) if parts else ""


def _measured(path: Path, sha256: str) -> dict[str, Any] | None:
    if not path.exists():
        return None
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return figures if figures["sha256"] == sha256 else None


def _schemes(figures: dict[str, Any]) -> str:
    titles = ("scheme", "kB", "pictures", figures["quality"], "lost, points", "read as float", "ms a picture")
    rows = [
        (
            row["scheme"], f"{row['bytes'] / 1000:.0f}", str(row["pictures"]),
            "unknown" if row["error"] is None else percent(row["error"]), f"{100 * row['lost']:+.2f}",
            percent(row["agreement"]), f"{row['ms']:.3f}",
        )
        for row in figures["schemes"]
    ]  # fmt: skip
    troubles = "".join(f"{name}: {why}\n" for name, why in figures["troubles"].items())
    return (
        f"{table(titles, rows)}\n{troubles}Among the smallest and quickest without loss, on {figures['cpu']}: "
        f"`{figures['recommended']}`. Measured by `python -m convert schemes`.\n"
    )


def _layers(rows: list[dict[str, Any]]) -> str:
    worst = sorted(rows, key=lambda row: float(row["snr_db"]))[:NOISIEST]
    named = ", ".join(f"{row['layer'].partition('+')[0]} ({row['snr_db']:.0f} dB)" for row in worst)
    most = max(float(row["rms_steps"]) for row in rows)
    return (
        f"Noisiest layers as int8: {named}; no layer errs by more than {most:.2f} steps (rounding alone: 0.29). "
        "[All layers](report/layers.png), by `python -m convert layer-error`.\n"
    )

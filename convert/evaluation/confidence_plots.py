"""Plots of how sure the reader is, and of what a floor of confidence saves and costs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from convert.plots import plt


def plot_reliability(bins: Sequence[tuple[float, float, int]], path: Path) -> None:
    """What was right over how sure the reader was, (confidence, right, lines) a bin, as a PNG."""
    figure, axis = plt.subplots(figsize=(4.2, 4), layout="constrained")
    sure, right, lines = (np.array(column) for column in zip(*bins, strict=True))
    axis.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    axis.scatter(sure, right, s=20 + 400 * lines / lines.max(), alpha=0.6)
    axis.plot(sure, right, linewidth=1)
    axis.set(xlabel="confidence of a line", ylabel="characters that are right", xlim=(0, 1), ylim=(0, 1))
    axis.set_title("size: number of lines", fontsize=9)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def plot_floor(judged: Sequence[dict[str, Any]], chosen: float, path: Path) -> None:
    """Characters invented where nothing is written, and right characters lost elsewhere, over the floor, as a PNG."""
    figure, (invented, lost) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharex=True)
    for row in judged:
        floors = [there["floor"] for there in row["floors"]]
        if row["written"]:
            lost.plot(floors, [100 * there["lost"] for there in row["floors"]], label=row["name"])
        else:
            invented.plot(floors, [there["given"] for there in row["floors"]], label=row["name"])
    invented.set(xlabel="floor", ylabel="characters invented", yscale="symlog")
    lost.set(xlabel="floor", ylabel="right characters lost, %", yscale="symlog")
    for axis in (invented, lost):
        axis.axvline(chosen, color="grey", linestyle="--", linewidth=1)
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=100)
    plt.close(figure)

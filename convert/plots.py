"""Plots for the model cards. Other modules that plot import pyplot from here, where it needs no screen."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

__all__ = ["plot_confusion", "plot_curves", "plot_layers", "plot_schemes", "plt"]


def plot_curves(log: list[dict[str, float]], path: Path) -> None:
    """Learning curves: loss, accuracy if it was measured, and learning rate over epochs, as a PNG."""
    epochs = [entry["epoch"] for entry in log]
    measured = {key: title for key, title in (("loss", "loss"), ("set_accuracy", "accuracy")) if key in log[0]}
    figure, axes = plt.subplots(1, len(measured) + 1, figsize=(4 * len(measured) + 4, 3.4), layout="constrained")
    for axis, (key, title) in zip(axes, measured.items(), strict=False):
        axis.plot(epochs, [entry[key] for entry in log], label="training")
        axis.plot(epochs, [entry[f"val_{key}"] for entry in log], label="validation")
        axis.set(title=title, xlabel="epoch")
        axis.legend()
    axes[-1].plot(epochs, [entry["rate"] for entry in log])
    axes[-1].set(title="learning rate", xlabel="epoch", yscale="log")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def plot_confusion(counts: np.ndarray, names: list[str], title: str, path: Path) -> None:
    """A confusion matrix as a PNG: rows are the truth, columns the readings, each row normalised."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2 + 0.17 * len(names)
    figure, axis = plt.subplots(figsize=(side, side), layout="constrained")
    axis.imshow(np.sqrt(shares), cmap="magma", interpolation="nearest")
    axis.set(title=title, xlabel="read", ylabel="truth")
    axis.set_xticks(range(len(names)), names, fontsize=7)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def plot_layers(rows: list[dict[str, Any]], worst: list[str], path: Path) -> None:
    """Signal-to-noise ratio of each layer as int8, in the network's order, as a PNG: short bars lose most.

    Args:
        rows: as `converter.layer_errors` gives them.
        worst: first Keras layers of the operations to highlight and name, the worst first.
    """
    figure, axis = plt.subplots(figsize=(8, 1.6 + 0.24 * len(rows)), layout="constrained")
    colors = ["#cc3311" if row["layer"].partition("+")[0] in worst else "#4477aa" for row in rows]
    bars = axis.barh([row["layer"] for row in rows], [row["snr_db"] for row in rows], color=colors)
    axis.bar_label(bars, [f"{row['snr_db']:.0f}" for row in rows], padding=2, fontsize=7)
    axis.invert_yaxis()
    axis.tick_params(axis="y", labelsize=7)
    axis.set_title(f"Signal to noise of each layer as int8: longer is better\nred, the worst: {', '.join(worst)}")
    axis.set_xlabel("dB (6 dB are a bit)")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def plot_schemes(rows: list[dict[str, Any]], quality: str, path: Path) -> None:
    """Each scheme by its time and its loss against float, sized like its file, as a PNG."""
    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    largest = max(row["bytes"] for row in rows)
    for row in rows:
        place = row["ms"], 100 * row["lost"]
        axis.scatter(*place, s=row["bytes"] / largest * 600, alpha=0.5)
        axis.annotate(f"{row['scheme']}, {row['bytes'] / 1000:.0f} kB", place, fontsize=8)
    axis.set(xscale="log", xlabel="processor ms a picture, one thread", ylabel=f"{quality}: points lost against float")
    axis.margins(0.2)
    figure.savefig(path, dpi=100)
    plt.close(figure)

"""Plots for the model cards."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np


def plot_curves(log: list[dict[str, float]], path: Path) -> None:
    """Learning curves: loss, accuracy where it was measured, and learning rate over epochs, as a PNG."""
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
    """A confusion matrix as a PNG: rows are the truth, columns what was read, each row in parts of its sum."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2 + 0.17 * len(names)
    figure, axis = plt.subplots(figsize=(side, side), layout="constrained")
    axis.imshow(np.sqrt(shares), cmap="magma", interpolation="nearest")
    axis.set(title=title, xlabel="read", ylabel="truth")
    axis.set_xticks(range(len(names)), names, fontsize=7)
    axis.set_yticks(range(len(names)), names, fontsize=7)
    figure.savefig(path, dpi=100)
    plt.close(figure)

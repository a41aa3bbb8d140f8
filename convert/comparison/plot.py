"""The plot of a comparison."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from convert.comparison.results import SetResult
from convert.plots import plt


def plot_comparison(sets: Sequence[SetResult], path: Path) -> None:
    """Loose error rate over processor time as a PNG, a panel a set, a point a reader; lower left is best."""
    figure, axes = plt.subplots(1, len(sets), figsize=(3.4 * len(sets) + 2, 3.6), layout="constrained", sharex=True)
    styles: dict[str, tuple[str, str]] = {}
    for axis, row in zip(np.atleast_1d(axes), sets, strict=True):
        for reader in row.readers:
            if reader.complete and reader.loose is not None:
                color, marker = styles.setdefault(reader.name, _style(reader.name, list(styles)))
                axis.plot(np.median(reader.cpu_ms), 100 * reader.loose, marker, color=color, markersize=8, alpha=0.8)
        axis.set(title=f"{row.title} ({row.pictures})", xlabel="processor time, ms a picture", xscale="log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_ylim(bottom=min(-0.5, -0.03 * axis.get_ylim()[1]))
        axis.grid(alpha=0.3)
    np.atleast_1d(axes)[0].set_ylabel("loose CER, %")
    handles = [Line2D([], [], linestyle="", marker=m, color=c, label=name) for name, (c, m) in styles.items()]
    figure.legend(handles=handles, loc="outside right center", fontsize=8)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _style(name: str, before: list[str]) -> tuple[str, str]:
    """Colour and marker of a reader: a colour for each project, a marker for each of its settings."""
    families = list(dict.fromkeys(known.partition(",")[0] for known in [*before, name]))
    family = name.partition(",")[0]
    settings = sum(known.partition(",")[0] == family for known in before)
    return f"C{families.index(family)}", "os^Dv*"[settings % 6]

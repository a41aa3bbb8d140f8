"""`python -m convert layer-error`: what each layer of a bundle loses as int8, as a table and a plot."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from convert.paths import CHARACTERS
from convert.plots import plot_layers
from convert.quantization.calibration import SCENE_SIDE, gather, seen_by_reader
from convert.quantization.converter_process import measure_layers
from convert.quantization.provenance import usual_recipe
from edge_ocr.arguments import Parser
from edge_ocr.folders import make_folder, writing
from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.bundle import load_bundle
from edge_ocr.output import note
from edge_ocr.page import Gray

MEASURED = 100
"""Tiles or strips for averaging the error."""

STRIP_WIDTH = 320
"""Width of strips, in pixels: the debugger's input cannot change its size."""

WORST = 3
"""Layers to name, which `quantize --scheme int8-mixed` keeps in float."""

ROUNDING = 0.29
"""Root mean square of rounding to whole steps, 1 / sqrt(12): what no layer can avoid."""

Rows = list[dict[str, Any]]


def of_one_size(images: Sequence[Gray]) -> list[Gray]:
    """Tiles as they are, strips cut or padded to STRIP_WIDTH, scenes cut or continued to SCENE_SIDE both ways."""
    if all(image.shape == (SIDE, SIDE) for image in images):
        return list(images)
    if all(len(image) == HEIGHT for image in images):
        return [_fitted(image, HEIGHT, STRIP_WIDTH, "constant") for image in images]
    return [_fitted(image, SCENE_SIDE, SCENE_SIDE, "edge") for image in images]


def _fitted(image: Gray, height: int, width: int, mode: Literal["constant", "edge"]) -> Gray:
    part = image[:height, :width]
    below, right = height - part.shape[0], width - part.shape[1]
    fitted: Gray = np.pad(part, ((0, below), (0, right)), mode)
    return fitted


def ranked(rows: Rows) -> Rows:
    """The noisiest first: those with the largest error relative to their output."""
    return sorted(rows, key=lambda row: float(row["snr_db"]))


def worst_layers(source: Path, calibration: Sequence[Gray], named: Path | None = None) -> list[str]:
    """Keras layers of the operations that lose most as int8; of merged layers the first, which brings the others."""
    images = of_one_size(calibration)
    return worst_of(measure_layers(source, images, images[:MEASURED], named))


def worst_of(rows: Rows) -> list[str]:
    """The first Keras layer of each of the WORST noisiest operations, the noisiest first."""
    return [row["layer"].partition("+")[0] for row in ranked(rows)[:WORST]]


def print_table(rows: Rows) -> None:
    print(f"{'layer':56} {'op':18} {'noise':>8} {'error':>6} {'worst':>6}")
    print(f"{'':56} {'':18} {'SNR, dB':>8} {'steps':>6} {'steps':>6}")
    for row in ranked(rows):
        figures = f"{row['snr_db']:8.1f} {row['rms_steps']:6.2f} {row['largest_steps']:6.1f}"
        print(f"{row['layer']:56} {row['op']:18} {figures}")
    print(f"lose most: {', '.join(worst_of(rows))}; rounding alone gives an error of {ROUNDING} steps")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert layer-error",
        description="Compare each layer of a bundle's model.keras as int8 with the same layer in float, on what the "
        "reader sees of the sample pages, and write report/layers.json and report/layers.png.",
        epilog="example: python -m convert layer-error models/lines",
    )
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=CHARACTERS, help="its folder (default: models/characters)"
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    report = make_folder(options.bundle / "report")
    calibration = of_one_size(gather(bundle.kind, usual_recipe(bundle)).images)
    note("converting with TensorFlow's debugger, in a process of its own")
    images = of_one_size(seen_by_reader(bundle.kind)[:MEASURED])
    rows = measure_layers(options.bundle / "model.keras", calibration, images)
    with writing(report):
        (report / "layers.json").write_text(json.dumps({"sha256": bundle.sha256, "layers": rows}, indent=1) + "\n")
        plot_layers(rows, worst_of(rows), report / "layers.png")
    if options.json:
        print(json.dumps(rows))
    else:
        print_table(rows)
    return 0

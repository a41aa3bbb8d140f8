"""`python -m convert average`: the mean of several trainings' weights, as one more training's result.

Trainings that went on from each other, with other data or another rate, end in one valley: the mean of their weights
errs less than either (model soups: Wortsman et al., 2022).
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from convert.training.fit import CURVES, FLOAT  # Chooses Keras's backend, so it comes before Keras.

# isort: split
import keras
import numpy as np

import convert.training.finder_network  # noqa: F401 (Keras finds all our layers through it)
from convert.training.log import BEFORE, LOG
from edge_ocr.arguments import Parser
from edge_ocr.errors import BadData
from edge_ocr.folders import make_folder
from edge_ocr.output import note


def average(runs: Sequence[Path], folder: Path) -> None:
    """Write `float.keras` with the mean of the weights of these runs, and the last run's log, to a folder.

    Raises:
        BadData: a run has no result yet, or they are of different networks.
    """
    for run in runs:
        if not (run / FLOAT).is_file():
            raise BadData(f"{run} holds no {FLOAT}: expected the folder of a training, so finish it first")
    models = [keras.models.load_model(run / FLOAT, compile=False) for run in runs]
    weights = [model.get_weights() for model in models]
    shapes = [[part.shape for part in parts] for parts in weights]
    if any(other != shapes[0] for other in shapes):
        raise BadData("these trainings are of different networks: name trainings of the same one")
    models[0].set_weights([np.mean(parts, axis=0) for parts in zip(*weights, strict=True)])
    make_folder(folder)
    models[0].save(folder / FLOAT)
    for name in (LOG, BEFORE, CURVES):
        if (runs[-1] / name).is_file():
            shutil.copyfile(runs[-1] / name, folder / name)


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert average",
        description="Average the weights of trainings that started from each other, which often errs less than each.",
        epilog="example: python -m convert average cache/lines cache/lines-2 --folder cache/lines-mean",
    )
    parser.add_argument("runs", type=Path, nargs="+", help="folders of trainings, the last one's log is kept")
    parser.add_argument("--folder", type=Path, required=True, help="gets float.keras")
    options = parser.parse_args(argv)
    average(options.runs, options.folder)
    note(f"{options.folder / FLOAT} is the mean of {len(options.runs)} trainings")
    return 0

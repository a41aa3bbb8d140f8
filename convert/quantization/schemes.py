"""`python -m convert schemes`: every quantization scheme for a bundle's model, in one table and one plot."""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from convert.evaluation.gates import LINE_LOSS
from convert.paths import CHARACTERS
from convert.plots import plot_schemes
from convert.quantization.bundle_writer import like, write_bundle
from convert.quantization.calibration import gather
from convert.quantization.converter_process import CannotConvert, convert_model
from convert.quantization.layer_error import worst_layers
from convert.quantization.litert_quantizer import NAME, requantize
from convert.quantization.provenance import usual_recipe
from convert.quantization.recipe import CALIBRATED, SCHEMES, Recipe
from convert.quantization.scheme_trials import Trial, clock, open_trial
from convert.virtual_environments import NotInstalled
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.board import find_board
from edge_ocr.folders import make_folder, writing
from edge_ocr.model.bundle import Bundle, load_bundle
from edge_ocr.output import note
from edge_ocr.page import Gray

SLOW = {"int16x8": 10}
"""Schemes without fast kernels, which read only one picture in this many."""

PICTURES = {"characters": 4000, "lines": 300, "finder": 40}
"""Pictures for each scheme, by kind of model."""

EXAMPLES = """examples:
  python -m convert schemes models/characters
  python -m convert schemes models/finder
  python -m convert schemes models/lines --most 100     fewer words: quicker, rougher
"""


FLOAT = "float32"
"""The scheme that all are compared with."""

SMALL, QUICK = 1.1, 1.25
"""Files up to this times the smallest count as equally small, times up to this times the shortest as equally fast."""

Makers = dict[str, Callable[[], bytes]]
"""The function that makes each scheme's .tflite, by name."""


@dataclass(frozen=True, slots=True)
class Result:
    """One scheme on the same pictures."""

    scheme: str
    bytes: int
    """Of model.tflite."""
    pictures: int
    error: float | None
    """See the trial's `quality`; None if the truth is unknown."""
    lost: float
    """The loss: additional errors compared with float, or different answers if the truth is unknown."""
    agreement: float
    """Share of pictures read the same as by float."""
    ms: float
    """Processor time a picture, one thread."""


def makers(bundle: Bundle, images: Sequence[Gray], second: bool) -> Makers:
    """What makes each scheme's .tflite, float first."""
    source = bundle.folder / "model.keras"

    def make(scheme: str) -> bytes:
        keep = "|".join(map(re.escape, worst_layers(source, images))) if scheme == "int8-mixed" else None
        return convert_model(source, images if scheme in CALIBRATED else (), Recipe(scheme, keep))

    found: Makers = {scheme: partial(make, scheme) for scheme in (FLOAT, *SCHEMES)}
    return {**found, NAME: lambda: requantize(make(FLOAT), images)} if second else found


def make_bundles(bundle: Bundle, makers: Makers, folder: Path) -> tuple[dict[str, Bundle], dict[str, str]]:
    """A bundle of each scheme in subfolders of `folder`, and why some cannot be made."""
    made, troubles = {}, {}
    for number, (scheme, make) in enumerate(makers.items()):
        note(f"converting to {scheme}")
        place = folder / str(number)
        place.mkdir()
        try:
            write_bundle(place, make(), bundle.folder / "model.keras", like(bundle))
            made[scheme] = load_bundle(place)
        except (CannotConvert, NotInstalled) as error:
            troubles[scheme] = str(error)
    if FLOAT not in made:
        raise CannotConvert(troubles[FLOAT])
    return made, troubles


def measure(made: dict[str, Bundle], trial: Trial) -> list[Result]:
    """Every scheme's figures."""
    models = {scheme: trial.open(bundle) for scheme, bundle in made.items()}
    ms = clock(models, trial)
    exact = trial.read(models[FLOAT], len(trial))
    results = []
    for scheme, model in models.items():
        count = max(1, len(trial) // SLOW.get(scheme, 1))
        answers = trial.read(model, count)
        same = sum(one == other for one, other in zip(answers, exact, strict=False)) / len(answers)
        error, floats = trial.error(answers), trial.error(exact[: len(answers)])
        lost = 1 - same if error is None or floats is None else error - floats
        results.append(Result(scheme, made[scheme].model_bytes, count, error, lost, same, ms[scheme]))
    return results


def recommended(results: list[Result]) -> str:
    """Of the schemes that lose at most LINE_LOSS, the first one that is among the smallest and the fastest.

    Float itself if all lose more; another program's result is only a second opinion. The order is that of SCHEMES: if
    figures tie, int8 has kernels on every processor.
    """
    good = [row for row in results if row.lost <= LINE_LOSS and row.scheme in SCHEMES]
    least = min(row.bytes for row in good)
    small = [row for row in good if row.bytes <= SMALL * least]
    quickest = min(row.ms for row in small)
    quick = [row.scheme for row in small if row.ms <= QUICK * quickest]
    return min(quick, key=list(SCHEMES).index)


def print_table(results: list[Result], troubles: dict[str, str], quality: str) -> None:
    print(f"{'scheme':26} {'kB':>7} {'pictures':>8} {quality:>21} {'lost':>9} {'as float':>9} {'ms':>8}")
    for row in results:
        error = "unknown" if row.error is None else f"{row.error:.2%}"
        figures = f"{error:>21} {100 * row.lost:+8.2f}p {row.agreement:9.2%} {row.ms:8.3f}"
        print(f"{row.scheme:26} {row.bytes / 1000:7.0f} {row.pictures:8} {figures}")
    for scheme, trouble in troubles.items():
        print(f"{scheme:26} none: {trouble}")
    print(f"loses at most {100 * LINE_LOSS:.1f} points, among the smallest and the fastest: {recommended(results)}")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert schemes",
        description="Quantize a bundle's model.keras with every scheme, read the same pictures with all of them,\n"
        "and write report/schemes.json and report/schemes.png. The bundle itself stays as it is.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=CHARACTERS, help="its folder (default: models/characters)"
    )
    most = "pictures for each scheme (default: {characters} tiles, {lines} words, {finder} scenes)".format(**PICTURES)
    parser.add_argument("--most", type=positive_int, metavar="N", help=most)
    parser.add_argument("--no-second-opinion", action="store_true", help="leave litert-quantizer out")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    report = make_folder(options.bundle / "report")
    images = gather(bundle.kind, usual_recipe(bundle)).images
    trial = open_trial(bundle, options.most or PICTURES[bundle.kind])
    with tempfile.TemporaryDirectory() as folder:
        made, troubles = make_bundles(bundle, makers(bundle, images, not options.no_second_opinion), Path(folder))
        results = measure(made, trial)
    rows = [asdict(row) for row in results]
    figures = {
        "sha256": bundle.sha256, "cpu": find_board().cpu, "quality": trial.quality, "recommended": recommended(results),
        "schemes": rows, "troubles": troubles,
    }  # fmt: skip
    with writing(report):
        (report / "schemes.json").write_text(json.dumps(figures, indent=1) + "\n")
        plot_schemes(rows, trial.quality, report / "schemes.png")
    if options.json:
        print(json.dumps(figures))
    else:
        print_table(results, troubles, trial.quality)
    return 0

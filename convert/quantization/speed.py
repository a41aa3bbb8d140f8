"""`python -m convert speed`: our int8 network beside a tutorial's, milliseconds for a character, in one run.

The tutorial's network has random weights: the time of an int8 network does not depend on them. Times are processor
times, so other programs do not count; on one thread of an idle machine they equal wall time.
"""

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from convert.paths import CACHE, CHARACTERS
from convert.quantization.converter_process import convert_model
from convert.quantization.recipe import Recipe
from convert.spread import Spread
from edge_ocr.arguments import Parser, positive_int
from edge_ocr.board import find_board
from edge_ocr.errors import NoInterpreter
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.interpreter import AUTO_ORDER, LARGEST_BATCH, Model, open_model
from edge_ocr.output import note

TUTORIAL = CACHE / "tutorial.tflite"
"""The converted network of the tutorial; tutorial.json beside it has its number of parameters."""

BATCHES = (1, LARGEST_BATCH)
"""Batch sizes: one character, and as many as the reader reads of a page at once."""

MEASURED = 64
"""Characters in one measurement: a few milliseconds for our network, far above the clock's resolution."""

CALIBRATION_TILES = 8
"""Random tiles for calibrating the tutorial's network; they do not change its speed."""


@dataclass(frozen=True, slots=True)
class Network:
    """A .tflite file and the network's number of parameters before conversion, None if unknown."""

    name: str
    path: Path
    parameters: int | None


@dataclass(frozen=True, slots=True)
class Timing:
    """Both networks at one batch size, milliseconds a character over all rounds."""

    batch: int
    ours_ms: Spread
    tutorial_ms: Spread
    ratio: Spread
    """The tutorial's time relative to ours, round by round."""


def tutorial(path: Path = TUTORIAL) -> Network:
    """The tutorial's network as full int8, converted at the first call; NoInterpreter if that needs TensorFlow."""
    facts = path.with_suffix(".json")
    if not (path.exists() and facts.exists()):
        note(f"converting the tutorial's network with TensorFlow to {path} (once)")
        content, parameters = convert_tutorial()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        facts.write_text(json.dumps({"parameters": parameters}))
    return Network("tutorial", path, json.loads(facts.read_text())["parameters"])


def convert_tutorial() -> tuple[bytes, int]:
    """The tutorial's network with random weights as an int8 .tflite, and its number of parameters."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        from convert.training.networks import tutorial_network
    except ImportError as error:
        raise NoInterpreter(
            f"the tutorial's network must be converted once, which needs TensorFlow ({error}): "
            "run `pip install tensorflow-cpu`"
        ) from error
    model = tutorial_network()
    tiles = np.random.default_rng(0).integers(0, 256, (CALIBRATION_TILES, SIDE, SIDE), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tutorial.keras"
        model.save(path)
        return convert_model(path, list(tiles), Recipe()), int(model.count_params())


def milliseconds(model: Model, batch: np.ndarray) -> float:
    """Processor time a character, over about MEASURED of them."""
    calls = max(1, MEASURED // len(batch))
    start = time.process_time()
    for _ in range(calls):
        model(batch)
    return 1e3 * (time.process_time() - start) / (calls * len(batch))


def measure(networks: tuple[Network, Network], backend: str, rounds: int) -> list[Timing]:
    """Time ours and the tutorial's, one thread, taking turns; a turn is one measurement of each at each batch size."""
    rng = np.random.default_rng(0)
    batches = {size: rng.integers(-128, 128, (size, SIDE, SIDE, 1)).astype(np.int8) for size in BATCHES}
    # An interpreter for each batch size, so that no turn pays for another size's buffers.
    models = {(size, network.name): open_model(network.path, backend) for size in BATCHES for network in networks}
    times: dict[tuple[int, str], list[float]] = {key: [] for key in models}
    for number in tqdm(range(rounds + 1), desc="rounds", leave=False, disable=None):
        for (size, name), model in models.items():
            taken = milliseconds(model, batches[size])
            if number:  # The first round warms up.
                times[size, name].append(taken)
    ours, theirs = (network.name for network in networks)
    return [timing(size, times[size, ours], times[size, theirs]) for size in BATCHES]


def timing(batch: int, ours: list[float], theirs: list[float]) -> Timing:
    """From the milliseconds of each round."""
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    return Timing(batch, Spread.of(ours), Spread.of(theirs), Spread.of(ratios))


def print_table(networks: tuple[Network, Network], timings: list[Timing]) -> None:
    for network in networks:
        parameters = "unknown" if network.parameters is None else f"{network.parameters:,}"
        print(f"{network.name:<10} {network.path.stat().st_size:>9,} bytes int8, {parameters} parameters")
    print("milliseconds a character, median (middle half):")
    for row in timings:
        pair = f"ours {row.ours_ms.text(4):<26} tutorial {row.tutorial_ms.text(3):<24}"
        print(f"  batch {row.batch:>2}: {pair} ratio {row.ratio.text(1)}")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert speed",
        description="Time our int8 network beside the tutorial's (ResNet, stages 3 3 3, filters 64 64 128 256), on one "
        "thread, taking turns, and write the figures to the bundle's report/speed.json for its card.",
    )
    parser.add_argument(
        "bundle", type=Path, nargs="?", default=CHARACTERS, help="its folder (default: models/characters)"
    )
    parser.add_argument("--rounds", type=positive_int, default=40, help="turns of each network (default: 40)")
    parser.add_argument("--backend", choices=AUTO_ORDER, default="litert", help="interpreter (default: litert)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    networks = Network("ours", bundle.model, bundle.made_by.get("parameters")), tutorial()
    timings = measure(networks, options.backend, options.rounds)
    figures = {
        "sha256": bundle.sha256,
        "cpu": find_board().cpu,
        "interpreter": f"{options.backend} {open_model(bundle.model, options.backend).version}",
        "rounds": options.rounds,
        "networks": {n.name: {"parameters": n.parameters, "bytes": n.path.stat().st_size} for n in networks},
        "timings": [asdict(row) for row in timings],
    }
    content = json.dumps(figures, indent=1)
    report = options.bundle / "report"
    report.mkdir(exist_ok=True)
    (report / "speed.json").write_text(content + "\n")
    if options.json:
        print(content)
    else:
        print_table(networks, timings)
    return 0

"""`python -m convert reproduce`: a bundle made again from its model.keras by its recipe, and what differs."""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from convert.quantization.bundle_writer import like, write_bundle
from convert.quantization.calibration import Calibration, gather, seen_by_reader
from convert.quantization.converter_process import convert_model
from convert.quantization.flatbuffer import read_model
from convert.quantization.provenance import HASHED, describe, recipe_of
from convert.quantization.recipe import CALIBRATED, OWN_HAND, Recipe
from edge_ocr.arguments import Parser, name_of
from edge_ocr.errors import BadBundle
from edge_ocr.model.bundle import Bundle, load_bundle, open_bundle
from edge_ocr.model.characters import pixel_steps
from edge_ocr.output import note
from edge_ocr.page import Gray

COMPARED = 300
"""Tiles or strips of the sample pages to compare both models on."""

FEW = 4
"""Names of differing tensors to show."""

DIFFERS = 1
"""Exit code if the file differs."""

EXAMPLES = """examples:
  python -m convert reproduce models/characters
  python -m convert reproduce models/mine --calibration ~/photos    its calibration pictures have moved

exit codes: 0 the same, byte by byte; 1 something differs; 5 the bundle does not say how it was made, or was calibrated
on samples that are not kept, as tuned ones are; 10 the calibration pictures are missing.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One compared fact."""

    what: str
    recorded: str
    now: str

    @property
    def same(self) -> bool:
        return self.recorded == self.now


def inputs(recorded: dict[str, Any], now: dict[str, Any]) -> list[Row]:
    """The inputs, then and now: the float model, the calibration's parts, versions, commit."""
    rows = [Row("model.keras", *(_short(facts["source"]["sha256"]) for facts in (recorded, now)))]
    then, here = ((facts.get("calibration") or {}).get("parts", {}) for facts in (recorded, now))
    for name in dict.fromkeys([*then, *here]):
        rows.append(Row(f"calibration: {name}", *(_part(parts.get(name)) for parts in (then, here))))
    for name in dict.fromkeys([*recorded.get("versions", {}), *now["versions"]]):
        rows.append(Row(name, *(str(facts.get("versions", {}).get(name, "none")) for facts in (recorded, now))))
    return [*rows, Row("commit", str(recorded.get("commit")), str(now["commit"]))]


def _short(digest: str) -> str:
    return digest[:HASHED]


def _part(facts: dict[str, Any] | None) -> str:
    return f"{facts['pictures']} pictures, {_short(facts['sha256'])}" if facts else "none"


def results(old: Bundle, new: Bundle, images: Sequence[Gray]) -> list[Row]:
    """The results: the file, its tensors, and the outputs of both models for the same pictures."""
    rows = [
        Row("model.tflite", _short(old.sha256), _short(new.sha256)),
        Row("bytes", str(old.model_bytes), str(new.model_bytes)),
    ]
    differing = tensors(old.model.read_bytes(), new.model.read_bytes())
    names = ", ".join(differing[:FEW]) + (", ..." if len(differing) > FEW else "")
    rows.append(Row("tensors that differ", "0", f"{len(differing)} ({names})" if differing else "0"))
    largest, alike = answers(old, new, images)
    rows.append(Row(f"logits of {len(images)} pictures, largest difference in steps", "0", f"{largest:g}"))
    return [*rows, Row("same answer", "100.00%", f"{alike:.2%}")]


def tensors(old: bytes, new: bytes) -> list[str]:
    """Names of the tensors whose numbers, type or quantization differ, or that only one file has."""
    one, other = (_tensors(content) for content in (old, new))
    return [name for name in dict.fromkeys([*one, *other]) if one.get(name) != other.get(name)]


def _tensors(content: bytes) -> dict[str, tuple[Any, ...]]:
    model = read_model(content)
    found = {}
    for tensor in model.subgraphs[0].tensors:
        data, steps = model.buffers[tensor.buffer].data, tensor.quantization
        scale, zero = (None, None) if steps is None else (_listed(steps.scale), _listed(steps.zeroPoint))
        numbers = b"" if data is None else np.asarray(data, np.uint8).tobytes()
        found[tensor.name.decode()] = (tensor.type, _listed(tensor.shape), scale, zero, numbers)
    return found


def _listed(numbers: Any) -> tuple[float, ...]:
    return () if numbers is None else tuple(float(number) for number in numbers)


def answers(old: Bundle, new: Bundle, images: Sequence[Gray]) -> tuple[float, float]:
    """The largest difference between two models' outputs, in steps if they are quantized, and the share of pictures
    for which the likeliest label is the same (at each frame, in lines)."""
    models = [open_bundle(bundle) for bundle in (old, new)]
    if models[0].output.dtype != models[1].output.dtype:
        return float("inf"), 0.0
    largest, same = 0.0, 0
    for image in images:
        given = [model(pixel_steps(model.input)[image][None, ..., None])[0].astype(np.float64) for model in models]
        largest = max(largest, float(np.abs(given[0] - given[1]).max()))
        same += int(np.array_equal(given[0].argmax(axis=-1), given[1].argmax(axis=-1)))
    return largest, same / len(images)


def make_again(bundle: Bundle, recipe: Recipe, calibration: Calibration | None, folder: Path) -> Bundle:
    """The bundle's model.keras quantized again, as a bundle in `folder`."""
    source = bundle.folder / "model.keras"
    content = convert_model(source, calibration.images if calibration else (), recipe)
    write_bundle(folder, content, source, like(bundle))
    return load_bundle(folder)


def compare(bundle: Bundle, recipe: Recipe) -> list[Row]:
    """Make a bundle again and compare inputs and results.

    Raises:
        BadBundle: it has no model.keras.
        DataNotFound: the calibration pictures are missing.
        CannotConvert: model.keras can no longer be converted.
    """
    source = bundle.folder / "model.keras"
    if not source.is_file():
        raise BadBundle(f"{source} is missing, from which the bundle was made: only a checkout has it")
    calibration = gather(bundle.kind, recipe) if recipe.scheme in CALIBRATED else None
    now = describe(recipe, source, calibration)
    note(f"converting {source} to {recipe.scheme} again, in a process of its own")
    with tempfile.TemporaryDirectory() as folder:
        again = make_again(bundle, recipe, calibration, Path(folder))
        images = seen_by_reader(bundle.kind)[:COMPARED]
        return [*inputs(bundle.made_by, now), *results(bundle, again, images)]


def print_table(rows: list[Row]) -> None:
    wide = max(len(row.what) for row in rows)
    print(f"{'':{wide}}  {'recorded':42} now")
    for row in rows:
        print(f"{row.what:{wide}}  {row.recorded:42} {'the same' if row.same else row.now}")


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert reproduce",
        description="Quantize a bundle's model.keras again as its model.json says, and show what differs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, help="its folder, such as models/lines")
    parser.add_argument(
        "--calibration", type=name_of("a folder"), metavar="FOLDER", help="where the calibration pictures are now"
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args(argv)
    bundle = load_bundle(options.bundle)
    recipe = recipe_of(bundle)
    if options.calibration:
        recipe = replace(recipe, calibration=options.calibration)
    if recipe.calibration == OWN_HAND:
        raise BadBundle(
            f"{options.bundle} was calibrated on samples of its user's hand, which are not kept, so it cannot be made "
            "again: tune a new one with `python -m convert finetune`"
        )
    rows = compare(bundle, recipe)
    same = next(row.same for row in rows if row.what == "model.tflite")
    if options.json:
        print(json.dumps({"same": same, "rows": [asdict(row) for row in rows]}, indent=1))
    else:
        print_table(rows)
        print("the same, byte by byte" if same else "NOT the same file")
    return 0 if same else DIFFERS

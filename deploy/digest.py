"""This machine's readings of pictures and its models' raw outputs on fixed inputs, as JSON; and whether two agree.

python deploy/digest.py PICTURE...
python deploy/digest.py --compare HERE.json THERE.json

The outputs come from two sets of kernels: the reader's (XNNPACK's, which differ between processors and may round a sum
between two steps differently), and LiteRT's reference kernels, the same C++ everywhere. The latter must be equal, bit
for bit. The former may differ between two machines by no more than they differ from the reference.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

WIDTHS = {"characters": 32, "lines": 96}
"""Columns of the fixed inputs."""


def logits(call, shape: tuple[int, int, int]) -> list[int]:
    """The output of `call`, an int8 model, for noise that is the same everywhere."""
    noise = np.random.default_rng(0).integers(-128, 128, (4, *shape)).astype(np.int8)
    outputs = [np.asarray(call(noise[k : k + 1])).ravel() for k in range(len(noise))]
    return [int(number) for number in np.concatenate(outputs)]


def by_reference(path: Path, shape: tuple[int, int, int]):
    """The model of a file run by LiteRT's reference kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    takes, gives = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    interpreter.resize_tensor_input(takes, [1, *shape])
    interpreter.allocate_tensors()

    def call(batch: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(takes, batch)
        interpreter.invoke()
        return interpreter.get_tensor(gives)

    return call


def digest(pictures: list[str]) -> dict[str, object]:
    from edge_ocr import Reader, load_image
    from edge_ocr.model.bundle import bundled_lines, load_bundle, open_bundle

    reader = Reader.load(max_seconds=math.inf)  # An emulated board takes its time.
    bundles = {"characters": load_bundle(), "lines": load_bundle(bundled_lines())}
    found = {}
    for name, bundle in bundles.items():
        shape = (bundle.height, WIDTHS[name], 1)
        found[name] = {
            "reader": logits(open_bundle(bundle), shape),
            "reference": logits(by_reference(bundle.model, shape), shape),
        }
    return {"logits": found, "texts": {Path(path).name: reader.read(load_image(path)).text for path in pictures}}


def apart(one: list[int], other: list[int]) -> np.ndarray:
    """Steps by which each logit differs."""
    return np.abs(np.array(one) - np.array(other))


def compare(here: str, there: str) -> int:
    """Print how two digests differ; returns 1 if they differ too much."""
    one, other = (json.loads(Path(path).read_text()) for path in (here, there))
    same = one["texts"] == other["texts"]
    print("the same texts" if same else f"other texts: {one['texts']} and {other['texts']}")
    for name, mine in one["logits"].items():
        theirs = other["logits"][name]
        exact = apart(mine["reference"], theirs["reference"]).max() == 0
        off, bound = apart(mine["reader"], theirs["reader"]), apart(mine["reader"], mine["reference"])
        print(f"{name}, reference kernels: {'equal, bit for bit' if exact else 'DIFFERENT'}")
        print(
            f"{name}, XNNPACK: {(off > 0).sum()} of {off.size} logits differ, by {off.max()} steps at most "
            f"(from the reference: {(bound > 0).sum()}, by {bound.max()})"
        )
        same &= bool(exact and off.max() <= bound.max() and off.sum() <= bound.sum())
    return 0 if same else 1


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        sys.exit(compare(*sys.argv[2:]))
    print(json.dumps(digest(sys.argv[1:]), ensure_ascii=False))

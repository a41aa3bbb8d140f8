"""What this machine reads in pictures, and its models' raw outputs on fixed inputs, as JSON; and whether two agree.

python deploy/digest.py PICTURE...
python deploy/digest.py --compare HERE.json THERE.json
"""

import json
import sys
from pathlib import Path

import numpy as np

MOST_STEPS = 1
"""Quantization steps by which int8 logits may differ: kernels of different processors may round a half differently."""


def logits(model, width: int) -> list[int]:
    """An int8 model's outputs for noise that is the same everywhere."""
    height = model.input.shape[0]
    noise = np.random.default_rng(0).integers(-128, 128, (4, height, width, 1)).astype(np.int8)
    outputs = [np.asarray(model(noise[k : k + 1])).ravel() for k in range(len(noise))]
    return [int(number) for number in np.concatenate(outputs)]


def digest(pictures: list[str]) -> dict[str, object]:
    from edge_ocr import Reader, load_image

    reader = Reader.load()
    outputs = {"characters": logits(reader.characters.model.model, 32)}
    if reader.lines is not None:
        outputs["lines"] = logits(reader.lines.model.model, 96)
    return {"logits": outputs, "texts": {Path(path).name: reader.read(load_image(path)).text for path in pictures}}


def compare(here: str, there: str) -> int:
    """Print how two digests differ; 1 when they differ by more than they may."""
    one, other = (json.loads(Path(path).read_text()) for path in (here, there))
    same = one["texts"] == other["texts"]
    print("the same texts" if same else f"other texts: {one['texts']} and {other['texts']}")
    for name, numbers in one["logits"].items():
        off = np.abs(np.array(numbers) - np.array(other["logits"][name]))
        print(f"{name}: {int((off > 0).sum())} of {off.size} logits differ, by {int(off.max())} steps at most")
        same &= bool(off.max() <= MOST_STEPS)
    return 0 if same else 1


if __name__ == "__main__":
    if sys.argv[1] == "--compare":
        sys.exit(compare(*sys.argv[2:]))
    print(json.dumps(digest(sys.argv[1:]), ensure_ascii=False))

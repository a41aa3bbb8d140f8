"""What this machine reads in pictures, and its models' raw outputs on fixed inputs, as JSON: equal on equal software.

    python deploy/digest.py PICTURE...
"""

import hashlib
import json
import sys

import numpy as np

from edge_ocr import Reader, load_image


def logits_digest(model, width: int) -> str:
    """SHA-256 of an int8 model's outputs for noise that is the same everywhere."""
    height = model.input.shape[0]
    noise = np.random.default_rng(0).integers(-128, 128, (4, height, width, 1)).astype(np.int8)
    outputs = [np.asarray(model(noise[k : k + 1])) for k in range(len(noise))]
    return hashlib.sha256(b"".join(output.tobytes() for output in outputs)).hexdigest()[:16]


def main(pictures: list[str]) -> None:
    reader = Reader.load()
    digests = {"characters": logits_digest(reader.characters.model.model, 32)}
    if reader.lines is not None:
        digests["lines"] = logits_digest(reader.lines.model.model, 96)
    texts = {path.rpartition("/")[2]: reader.read(load_image(path)).text for path in pictures}
    print(json.dumps({"logits": digests, "texts": texts}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])

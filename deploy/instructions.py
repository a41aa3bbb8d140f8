"""The instructions of a page and of a call of each model, counted from outside; and whether they increased.

python deploy/instructions.py run PICTURE                    (in a counting emulator; see deploy/check-instructions)
python deploy/instructions.py check MACHINE COUNTS VERSIONS  (MACHINE is arm64 or x86)
python deploy/instructions.py write MACHINE COUNTS VERSIONS

COUNTS is a file of numbers, one at each mark that `run` set; VERSIONS is what `run` printed.
"""

import json
import math
import sys
from itertools import pairwise
from pathlib import Path

REFERENCE = Path(__file__).with_name("instructions.json")
"""Machine -> {"versions", "counts"}; `write` makes it again for intended changes."""

MOST_MORE = 0.05
"""Part by which a count may grow."""

TIMES = 3
"""Counts of each thing; the least one is used, as Python's housekeeping only adds."""

WHAT = (
    "a page",
    "finding its writing",
    "a call of the character model",
    "a call of the line model",
    "a call of the finder",
)

TILES, STRIP, GLANCE = (32, 32, 32), (40, 224), (384, 512)
"""Inputs of the models: as many tiles as the reader takes at once, a strip of usual width, and a coarse look."""


def run(picture: str) -> None:
    """Do each thing TIMES times between marks: calls of getsid, which nothing else here makes."""
    import gc
    import os
    import platform
    from importlib.metadata import version

    import cv2
    import numpy as np

    from edge_ocr import Reader, load_image
    from edge_ocr.ink.views import see

    cv2.setNumThreads(1)
    reader, frame = Reader.load(max_seconds=math.inf), load_image(picture)
    noise = np.random.default_rng(0)
    tiles, strip, glance = (noise.integers(0, 256, shape, np.uint8) for shape in (TILES, STRIP, GLANCE))
    actions = (
        lambda: reader.read(frame),
        lambda: see(frame, reader.finder),
        lambda: reader.recognition.characters.model(tiles),
        lambda: reader.recognition.lines.model(strip),
        lambda: reader.finder(glance),
    )
    for action in actions:
        action()
        action()
    gc.collect()
    gc.disable()
    for action in actions:
        for _ in range(TIMES):
            os.getsid(0)
            action()
    os.getsid(0)
    packages = {name: version(name) for name in ("ai-edge-litert", "numpy", "opencv-python-headless")}
    print(json.dumps({"python": platform.python_version(), **packages}))


def read_counts(path: str) -> dict[str, int]:
    """Numbers at the marks -> instructions of each thing."""
    marks = [int(word) for word in Path(path).read_text().split()]
    if len(marks) != TIMES * len(WHAT) + 1:
        sys.exit(f"check-instructions: {len(marks)} marks were counted, expected {TIMES * len(WHAT) + 1}")
    steps = [after - before for before, after in pairwise(marks)]
    return {what: min(steps[TIMES * k : TIMES * (k + 1)]) for k, what in enumerate(WHAT)}


def compare(then: dict[str, dict], now: dict[str, dict]) -> tuple[list[str], bool]:
    """Two of {"versions", "counts"} -> sentences, and whether no count grew by more than it may."""
    says = [
        f"{name} is {now['versions'].get(name)}, the reference was counted with {version}"
        for name, version in then["versions"].items()
        if now["versions"].get(name) != version
    ]
    fine = True
    for what, before in then["counts"].items():
        after = now["counts"][what]
        kept = after <= before * (1 + MOST_MORE)
        fine &= kept
        verdict = "" if kept else f": more than {MOST_MORE:.0%} more, so find out why"
        grown = f"{after / before - 1:+.2%} against the reference"
        says.append(f"{what}: {after / 1e6:.2f} million instructions, {grown}{verdict}")
    return says, fine


def main(action: str, *arguments: str) -> int:
    if action == "run":
        run(*arguments)
        return 0
    machine, counts, versions = arguments
    now = {"versions": json.loads(Path(versions).read_text()), "counts": read_counts(counts)}
    known = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else {}
    if action == "write":
        REFERENCE.write_text(json.dumps({**known, machine: now}, indent=1, sort_keys=True) + "\n")
        print(f"{REFERENCE} now holds what was counted on {machine}")
        return 0
    if machine not in known:
        print(f"{REFERENCE} holds no counts of {machine}: run deploy/check-instructions --write {machine}")
        return 1
    says, fine = compare(known[machine], now)
    print("\n".join(says))
    if not fine:
        print("if it is worth it, run deploy/check-instructions --write and commit the file")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

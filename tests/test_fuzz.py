"""`make fuzz` finds what it is for, and a few of its cases are tried each time."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from edge_ocr import BadImage, load_image
from tests.fuzz.mutations import damage, whole_pictures
from tests.places import ROOT


def test_whole_pictures_are_read() -> None:
    """Mutations of what is no picture to begin with would show nothing."""
    refused = set()
    for name, data in whole_pictures().items():
        try:
            assert load_image(data, name=name).image.shape[:2] == (48, 64)
        except BadImage:
            refused.add(name)
    assert refused <= {"float.tiff", "small.jp2", "small.avif"}


def test_a_case_is_the_same_each_time() -> None:
    """A fault that was found could not be repeated."""
    wholes = list(whole_pictures().values())
    once, again = ([damage(data, wholes, random.Random(5)) for data in wholes] for _ in range(2))
    assert once == again and once != wholes


@pytest.mark.slow
def test_some_damaged_pictures_keep_every_promise(tmp_path: Path) -> None:
    """A crash, a traceback, or a picture that takes all of the memory would only show at night."""
    how = ["--first", "1", "--count", "60", "--max-seconds", "100", "--keep", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *how],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "60 damaged pictures" in done.stdout and not list(tmp_path.iterdir())

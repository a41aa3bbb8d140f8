"""What the tests of forms share: made forms on disk, and photographs of filled copies."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.forms.made import FORMS, MadeForm, answers_of, photograph


@dataclass(frozen=True)
class Copy:
    """A filled copy of a form."""

    form: MadeForm
    photo: Path
    truth: dict[str, str | bool]


@dataclass(frozen=True)
class Shoebox:
    """A folder with the two forms, and photographs of filled copies of each."""

    folder: Path
    copies: tuple[Copy, ...]

    def path(self, form: MadeForm) -> Path:
        """Of the form's file."""
        return self.folder / f"{form.name}.toml"


def fill(folder: Path, form: MadeForm, count: int, first_seed: int) -> list[Copy]:
    """Photographs of `count` filled copies, in a folder of the form's name."""
    place = folder / form.name
    place.mkdir()
    copies = []
    for number in range(count):
        rng = np.random.default_rng(first_seed + number)
        truth = answers_of(form, rng)
        path = place / f"{number:02}.jpg"
        cv2.imwrite(str(path), photograph(form.filled(truth, rng), rng).picture)
        copies.append(Copy(form, path, truth))
    return copies


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Shoebox:
    """Three photographs of each form."""
    folder = tmp_path_factory.mktemp("few")
    copies = []
    for number, form in enumerate(FORMS):
        form.write(folder)
        copies += fill(folder, form, 3, 900 + 10 * number)
    return Shoebox(folder, tuple(copies))

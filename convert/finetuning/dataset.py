"""A folder of your own handwriting -> samples: pictures with their texts, or what `edge-ocr live --record` kept.

Pictures go through the runtime's own `see` and `find_layout`, so that training sees what the reader sees.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from convert.data.arrays import DataNotFound
from convert.finetuning.corrections import is_recorded, recorded_samples
from convert.finetuning.samples import Sample, cut_sample, read_table, read_text, tidy, why_unusable
from edge_ocr.picture.folder import SUFFIXES
from edge_ocr.picture.load import load_image

TRUTHS = "truth.txt"
"""File of `picture<TAB>text` lines in a folder of pictures."""

EXAMPLE = "picture<TAB>text"

FORMATS = (
    f"expected {TRUTHS} with a line `{EXAMPLE}` for each picture, or NAME.txt beside each NAME.jpg, or a folder that "
    "`edge-ocr live --record` filled"
)


@dataclass(frozen=True, slots=True)
class Hand:
    """What a folder holds."""

    samples: tuple[Sample, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    """Why samples were left out, and how many for each reason."""

    def complaints(self) -> list[str]:
        """What was left out, a clause for each reason."""
        return [f"{count} left out since {reason}" for reason, count in self.left_out.items()]


def read_hand(folder: Path) -> Hand:
    """Read a folder of your own handwriting in any of the three forms.

    Raises:
        DataNotFound: there is no such folder, or nothing to learn from in it.
        BadDataset: a file of texts is malformed, or names missing pictures.
        ImageNotFound, BadImage: the picture of a text is missing or broken.
    """
    if not folder.is_dir():
        raise DataNotFound(f"There is no folder {folder}: {FORMATS}.")
    samples: list[Sample] = []
    left_out: Counter[str] = Counter()
    for found in recorded_samples(folder) if is_recorded(folder) else _pictures(folder):
        reason = found if isinstance(found, str) else why_unusable(found.text)
        if reason:
            left_out[reason] += 1
        elif isinstance(found, Sample):
            samples.append(found)
    hand = Hand(tuple(samples), left_out)
    if not samples:
        raise DataNotFound(f"{folder} holds nothing to learn from: {'; '.join(hand.complaints()) or FORMATS}.")
    return hand


def _pictures(folder: Path) -> Iterator[Sample | str]:
    """Samples of pictures with texts, or why one cannot be used."""
    for path, text in _texts(folder):
        yield cut_sample(load_image(path), text, path.name)


def _texts(folder: Path) -> list[tuple[Path, str]]:
    """Pictures and their texts; those without a text are left out."""
    table = folder / TRUTHS
    if table.is_file():
        rows = [(folder / name, text) for _, (name, text) in read_table(table, 2, EXAMPLE)]
    else:
        pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        beside = [(path, path.with_suffix(".txt")) for path in pictures]
        rows = [(path, tidy(read_text(text))) for path, text in beside if text.is_file()]
    return [(path, text) for path, text in rows if text]

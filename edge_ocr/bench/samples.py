"""The pages of a measurement: pictures with their texts."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.errors import BadData, ImageNotFound
from edge_ocr.picture.folder import find_images

BUNDLED = ("hard-shadow.jpg", "light-on-dark.jpg", "perspective.jpg", "ruled-paper.jpg", "small-writing.jpg")
"""The sample pages in the package: dark and light, easy and hard, large and small writing."""

_PACKAGE = Path(__file__).resolve().parents[1]
_PLACES = (_PACKAGE / "samples" / "pages", _PACKAGE.parent / "tests" / "pages")
"""Where sample pages are: inside the installed package, or in a checkout."""

TRUTH = "truth.json"


@dataclass(frozen=True, slots=True)
class Samples:
    """Pictures and their texts, in the order of their names."""

    name: str
    """Of the folder, or "bundled"."""
    pictures: tuple[Path, ...]
    truths: tuple[str, ...]
    without_text: int = 0
    """Other pictures in the folder, without a text: they are not read."""

    def digest(self) -> str:
        """SHA-256 over all pictures and texts: equal for measurements of the same pages."""
        whole = hashlib.sha256()
        for path, truth in zip(self.pictures, self.truths, strict=True):
            for part in (path.name.encode(), path.read_bytes(), truth.encode()):
                whole.update(hashlib.sha256(part).digest())
        return whole.hexdigest()


def find_samples(folder: str | None = None) -> Samples:
    """The pictures of a folder's truth.json; None for the bundled sample pages.

    Raises:
        ImageNotFound: there is no such folder, it holds no picture, or not one that its truth.json names.
        BadData: truth.json is missing or is no object of texts.
    """
    if folder is None:
        place = next((place for place in _PLACES if (place / TRUTH).is_file()), None)
        if place is None:
            raise ImageNotFound("no sample pages came with this edge-ocr: name a folder of your own with --data")
        truths = _read_truths(place)
        return Samples("bundled", tuple(place / name for name in BUNDLED), tuple(truths[name] for name in BUNDLED))
    place = Path(folder).absolute()
    if not place.is_dir():
        raise ImageNotFound(f"{folder} is no folder: expected one with pictures and their texts in {TRUTH}")
    there = {path.name: path for path in find_images([place])}
    truths = _read_truths(place)
    absent = [name for name in truths if name not in there]
    if absent:
        raise ImageNotFound(f"{place / TRUTH} names {absent[0]}, which is missing: add the picture or remove its entry")
    pictures = [path for name, path in there.items() if name in truths]
    texts = tuple(truths[path.name] for path in pictures)
    return Samples(place.name, tuple(pictures), texts, len(there) - len(pictures))


def _read_truths(folder: Path) -> dict[str, str]:
    """File name -> text, at least one."""
    path = folder / TRUTH
    expected = 'expected an object of file names and texts, such as {"page.jpg": "first line\\nsecond line"}'
    try:
        truths = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadData(f"{path} is missing, so accuracy cannot be measured: {expected}") from error
    except OSError as error:
        raise BadData(f"{path} cannot be read ({error.strerror}): {expected}") from error
    except (ValueError, RecursionError) as error:
        raise BadData(f"{path} is not JSON ({error}): {expected}") from error
    if not isinstance(truths, dict) or not truths or not all(isinstance(text, str) for text in truths.values()):
        raise BadData(f"{path} holds something else: {expected}")
    return truths

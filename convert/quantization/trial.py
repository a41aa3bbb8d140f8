"""The float model tried on labelled tiles or strips before it is quantized: does it read at all, and what as?"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.ft2font import FT2Font
from numpy.typing import NDArray
from PIL import ImageFont

from convert.evaluation.metrics import strict_cer
from convert.quantization.own_pictures import Pictures
from convert.quantization.user_model import Run
from convert.synthesis.handwriting import Hand, draw_char, write_line
from convert.synthesis.scenes.hands import printed_fonts
from edge_ocr.layout.strip import cut_strip
from edge_ocr.layout.tile import cut_tile
from edge_ocr.model.bundle import WIDTH_STEP
from edge_ocr.page import Gray
from edge_ocr.text.ctc import greedy

EACH, LINES, LONGEST = 8, 40, 6
"""Drawings of each character; lines of made text, and their most characters."""

CAPITAL, FONT_PIXELS = 48, 66
"""Height of a drawn capital in pixels, and about the size of a font that gives it."""

FACES = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansDisplay", "STIXGeneral", "STIXGeneralItalic")
"""Faces that come with Matplotlib and draw letters of many scripts, tried before all others."""

FEWEST = 20
"""Labelled pictures that are enough to judge by."""

ONE_ANSWER = 0.8
"""Share of one label among all answers from which the model does not read."""

BETTER = 0.1
"""Gain in accuracy from which other pixels are what the model learned from."""

CHANGES: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("pixels from 0 to 1", lambda x: x / 255, "add --scale 1/255"),
    ("dark ink on white", lambda x: 255 - x, "add --invert"),
    ("dark ink on white from 0 to 1", lambda x: 1 - x / 255, "add --scale 1/255 --invert"),
    ("pixels from -1 to 1", lambda x: x / 127.5 - 1, "put keras.layers.Rescaling(1 / 127.5, -1) in front"),
    ("pictures on their side", lambda x: x.swapaxes(1, 2), "put keras.layers.Permute((2, 1, 3)) in front"),
    (
        "pictures on their side, from 0 to 1",
        lambda x: x.swapaxes(1, 2) / 255,
        "put keras.layers.Permute((2, 1, 3)) in front and add --scale 1/255",
    ),
)
"""What a model may have learned from instead: in words, how pixels become it, what to do."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures with what stands on them."""

    images: NDArray[np.float32]
    """(n, height, width, 1)."""
    texts: tuple[str, ...]
    """The characters that are right for a tile; the text of a strip."""
    what: str
    """In words: "480 drawn characters"."""


@dataclass(frozen=True, slots=True)
class Score:
    """How a model reads them."""

    right: float
    """Share of characters."""
    commonest: str
    share: float
    """Of the commonest answer among all."""


def examples(kind: str, labels: Sequence[str], brought: Pictures | None) -> Examples | None:
    """Those that the user brings with labels, else drawn ones; None where no font has the model's characters."""
    rng = np.random.default_rng(0)
    if kind == "lines":
        return _drawn_lines(labels, rng)
    known = (
        [(image, _label_of(name, labels)) for image, name in zip(brought.images, brought.names, strict=True)]
        if brought
        else []
    )
    known = [(image, label) for image, label in known if label]
    if len(known) >= FEWEST:
        return _stack(known, f"{len(known)} of your labelled pictures")
    drawn = _drawn_characters(labels, rng)
    return _stack(drawn, f"{len(drawn)} printed characters") if len(drawn) >= FEWEST else None


def _label_of(name: str | int | None, labels: Sequence[str]) -> str:
    """The label that a folder's name or a class's number means; "" if none does."""
    if isinstance(name, str):
        found = next((label for label in labels if name == label or (len(name) == 1 and name in label)), "")
        if found or not name.isdecimal():
            return found
        name = int(name)
    return labels[name] if name is not None and name < len(labels) else ""


def _stack(known: Sequence[tuple[Gray, str]], what: str) -> Examples:
    images = np.stack([image for image, _ in known]).astype(np.float32)[..., np.newaxis]
    return Examples(images, tuple(label for _, label in known), what)


def _drawn_characters(labels: Sequence[str], rng: np.random.Generator) -> list[tuple[Gray, str]]:
    fonts = _fonts("".join(labels))
    drawn = []
    for label in labels:
        for char in label:
            for path in fonts.get(char, [])[:EACH]:
                ink, _ = draw_char(char, Hand(path.stem, CAPITAL), ImageFont.truetype(str(path), FONT_PIXELS), rng)
                drawn.append((cut_tile(ink, CAPITAL), label))
    return drawn


def _drawn_lines(labels: Sequence[str], rng: np.random.Generator) -> Examples | None:
    """Lines of characters by chance, in one font that has them all."""
    fonts = _fonts("".join(labels))
    known = [char for char in "".join(labels) if fonts.get(char)]
    if len(known) < 2:
        return None
    face = Counter(path for char in known for path in fonts[char]).most_common(1)[0][0]
    known = [char for char in known if face in fonts[char]]
    font, hand = ImageFont.truetype(str(face), FONT_PIXELS), Hand(face.stem, CAPITAL)
    texts = tuple("".join(rng.choice(known, int(rng.integers(2, LONGEST + 1)))) for _ in range(LINES))
    strips = [cut_strip(write_line(text, hand, font, rng)[0]).image for text in texts]
    width = -(-max(strip.shape[1] for strip in strips) // WIDTH_STEP) * WIDTH_STEP
    padded = [np.pad(strip, ((0, 0), (0, width - strip.shape[1]))) for strip in strips]
    return Examples(np.stack(padded).astype(np.float32)[..., np.newaxis], texts, f"{LINES} printed lines")


def _fonts(chars: str) -> dict[str, list[Path]]:
    """The faces that have each character, those of FACES first."""
    paths = sorted(printed_fonts(), key=lambda path: (path.stem not in FACES, path.stem))
    found: dict[str, list[Path]] = {char: [] for char in chars}
    for path in paths:
        has = FT2Font(str(path)).get_charmap()
        for char in chars:
            if ord(char) in has:
                found[char].append(path)
        if all(len(faces) >= EACH for faces in found.values()):
            break
    return found


def score(run: Run, pictures: Examples, labels: tuple[str, ...], change: Callable[[np.ndarray], np.ndarray]) -> Score:
    """How a model reads pictures whose pixels are changed first."""
    images = change(pictures.images).astype(np.float32)
    if len(run(images[:1]).shape) == 2:
        answers = [labels[number] for number in run(images).argmax(axis=1)]
        right = float(np.mean([answer == text for answer, text in zip(answers, pictures.texts, strict=True)]))
    else:
        read = [greedy(run(image[np.newaxis])[0, 0], labels) for image in images]
        right = max(0.0, 1 - strict_cer(list(zip(pictures.texts, read, strict=True))))
        answers = list("".join(read)) or [""]
    commonest, count = Counter(answers).most_common(1)[0]
    return Score(right, commonest, count / len(answers))


def try_model(run: Run, pictures: Examples, labels: tuple[str, ...]) -> tuple[str, str]:
    """How well the model reads, one sentence, and what speaks against it; "" if nothing does."""
    plain = score(run, pictures, labels, lambda x: x)
    said = f"the float model reads {plain.right:.0%} of {pictures.what} right"
    others = [
        (score(run, pictures, labels, change), words, cure) for words, change, cure in CHANGES if _fits(pictures, words)
    ]
    best, words, cure = max(others, key=lambda other: other[0].right)
    if best.right > plain.right + BETTER:
        return said, f"with {words} it reads {best.right:.0%} of them: {cure}"
    if plain.share > ONE_ANSWER:
        return said, (
            f"it answers {plain.commonest!r} to {plain.share:.0%} of them: was it trained on pixels from 0 for paper "
            "to 255 for pen, and do the labels stand in the order of its outputs?"
        )
    return said, ""


def _fits(pictures: Examples, words: str) -> bool:
    """Strips cannot be turned."""
    height, width = pictures.images.shape[1:3]
    return height == width or "side" not in words

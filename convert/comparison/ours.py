"""edge-ocr as one of the readers that are compared."""

import math
from pathlib import Path
from typing import Any

from convert.comparison.reader import OpenReader


def open_edge_ocr(*bundles: str) -> OpenReader:
    """Our reader with a bundle of characters, or with that and one of lines, which is `auto`; the finder finds."""
    import cv2

    import edge_ocr
    from edge_ocr.ink.views import open_finder
    from edge_ocr.model.bundle import bundled_finder, load_bundle
    from edge_ocr.text.by_characters import CharacterRecogniser
    from edge_ocr.text.by_lines import LineRecogniser
    from edge_ocr.text.language import Language

    cv2.setNumThreads(1)
    language = Language.load()
    characters = CharacterRecogniser(load_bundle(bundles[0]), None, None, language, "auto")
    lines = LineRecogniser(load_bundle(bundles[1]), None, None, language, "auto") if bundles[1:] else None
    reader = edge_ocr.Reader(characters, lines, finder=open_finder(), max_seconds=math.inf)
    found_by = bundled_finder()
    networks = (*bundles, *([str(found_by)] if found_by else []))
    return OpenReader(our_facts(networks), edge_ocr.load_image, lambda frame: reader.read(frame).text)


def open_edge_ocr_line(bundle: str) -> OpenReader:
    """Our line recogniser on pictures of one line each: no layout."""
    import cv2

    import edge_ocr
    from edge_ocr.ink.binarization import find_ink
    from edge_ocr.model.bundle import load_bundle
    from edge_ocr.text.by_lines import LineRecogniser
    from edge_ocr.text.language import Language

    cv2.setNumThreads(1)
    recogniser = LineRecogniser(load_bundle(bundle), None, None, Language.load(), "auto")

    def read(frame: Any) -> str:
        ink = find_ink(frame)
        height, width = frame.image.shape[:2]
        return str(recogniser.read(ink.strength, (0, 0), ink.scale, width, height).line.text)

    return OpenReader(our_facts((bundle,)), edge_ocr.load_image, read)


def our_facts(bundles: tuple[str, ...]) -> dict[str, Any]:
    """The size includes the language tables, which others have inside their network."""
    import edge_ocr

    language = (Path(edge_ocr.__file__).parent / "data").glob("english*")
    parts = [*language, *(Path(bundle, "model.tflite") for bundle in bundles)]
    size = sum(path.stat().st_size for path in parts) / 1e6
    return {"name": "edge-ocr", "version": edge_ocr.__version__, "model_mb": size}

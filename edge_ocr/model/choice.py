"""Wishes of a user -> the bundles that read."""

from pathlib import Path

from edge_ocr.errors import BadBundle, EdgeOcrError
from edge_ocr.model.bundle import Bundle, bundled_lines, load_bundle

RECOGNISERS = ("auto", "characters", "lines")
"""Ways to read a line: by its characters, as a whole, or `auto`: what suits the line."""


def find_bundles(
    model: str | Path | None, recogniser: str, tuned: str | Path | None = None
) -> tuple[Bundle | None, Bundle | None]:
    """The bundles that read characters and lines, as far as `recogniser` asks for them.

    Raises:
        EdgeOcrError: there is no such recogniser, or both `model` and `tuned` are named.
        BadBundle: a bundle is broken, of another kind, or missing.
    """
    if recogniser not in RECOGNISERS:
        raise EdgeOcrError(f"There is no recogniser {recogniser!r}; choose one of {', '.join(RECOGNISERS)}")
    if model is not None and tuned is not None:
        raise EdgeOcrError("model is the only model that reads, and tuned stands beside the bundled: name one")
    named = model if model is not None else tuned
    own = load_bundle(named) if named is not None else None
    if own and recogniser not in ("auto", own.kind):
        raise BadBundle(f"{own.folder} reads {own.kind}: ask for the recogniser {own.kind!r} or auto")
    if own and (model is not None or recogniser == own.kind):
        return (own, None) if own.kind == "characters" else (None, own)
    if own and own.kind == "lines":
        return load_bundle(), own
    folder = bundled_lines() if recogniser != "characters" else None
    if recogniser == "lines" and folder is None:
        raise BadBundle("no line model came with this edge-ocr: choose the recogniser 'characters'")
    characters = own or (load_bundle() if recogniser != "lines" else None)
    return characters, load_bundle(folder) if folder else None

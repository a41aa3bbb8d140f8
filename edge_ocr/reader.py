"""The pipeline: Frame -> Ink -> Layout -> Tiles -> Candidates -> text, one stage a line."""

import os
from collections.abc import Sequence
from copy import copy
from itertools import compress
from operator import not_
from pathlib import Path
from typing import Any

from edge_ocr.ink.finder import Finder
from edge_ocr.ink.views import USUAL_WAY, View, open_finder, see
from edge_ocr.layout.layout import Layout, find_layout
from edge_ocr.model.choice import find_bundles
from edge_ocr.page import Frame, Line, Page, mean_confidence
from edge_ocr.picture.load import load_image
from edge_ocr.picture.turning import turned_back
from edge_ocr.rooms import Rooms
from edge_ocr.stopwatch import FINDING_SHARE, MAX_SECONDS, Stopwatch, check_seconds
from edge_ocr.text.by_characters import CharacterRecogniser
from edge_ocr.text.by_lines import LineRecogniser
from edge_ocr.text.confidence import MIN_CONFIDENCE, Attempt, check_minimum
from edge_ocr.text.language import Language
from edge_ocr.text.recognition import PROBED, Recognition, longest
from edge_ocr.wishes import check_kinds

OTHER_WAYS = ((180.0, 0.85), (90.0, 0.75), (270.0, 0.75))
"""Degrees by which a page is turned further, and the mean confidence below which that is tried.

Upside down, pages are read with a confidence of 0.13 to 0.81, on their side of 0.16 to 0.74; the finder seldom takes
the wrong axis, but does for digits that stand apart, where it is not sure of it."""

ALL_THE_SAME = 0.6
"""The mean confidence below which a page is tried on its side although the finder is sure that it is not."""

SURER = 2.0
"""Characters, weighted as in `surely_right`, by which another way must be ahead: most pictures are upright, and a word
upside down often reads like another one. Of 300 words and 300 lines by unseen writers 2 and 3 are turned wrongly so (19
and 12 without it); of the same upside down 56 and 82 % are read upright, and pages always."""

LEAST_S = 0.001
"""Seconds for reading where decoding took all: a short text still comes out."""

_rooms = Rooms(os.cpu_count() or 1)
"""Readings at a time. More would only share the processors, and each would be late."""

FOLDED = "(?i)"
"""What lets a pattern match letters of either case; it may only begin one."""


class Reader:
    """Reads handwriting in pictures. Make it once, use it for any number of frames, from any thread.

    It works on after `fork`, and can be pickled: a worker process opens the same model files.
    """

    def __init__(
        self,
        characters: CharacterRecogniser | None,
        lines: LineRecogniser | None,
        min_confidence: float = MIN_CONFIDENCE,
        max_seconds: float = MAX_SECONDS,
        pattern: str | None = None,
        *,
        rejects_words: bool = False,
        finder: Finder | None = None,
        turn: float | None = None,
        find: str = USUAL_WAY,
        prefers_characters: bool = False,
    ) -> None:
        """At least one of the two; for both, and `prefers_characters`, see `Recognition`.

        `rejects_words`: words below the least confidence are left out of lines above it.
        `finder` shows where writing is; without one all is taken for upright paper. `turn` and `find` as in `load`.
        """
        check_seconds(max_seconds)
        check_minimum(min_confidence)
        self.pattern = pattern
        self.finder = finder
        self.turn = turn
        self.find = find
        self.min_confidence = min_confidence
        self.rejects_words = rejects_words
        self.max_seconds = max_seconds
        self.recognition = Recognition(
            characters,
            lines,
            is_restricted=rejects_words or pattern is not None,
            prefers_characters=prefers_characters,
        )

    @classmethod
    def load(
        cls,
        model: str | Path | None = None,
        *,
        tuned: str | Path | None = None,
        recogniser: str = "auto",
        charset: str | None = None,
        pattern: str | None = None,
        pattern_in: str | None = None,
        language: str = "english",
        min_confidence: float = MIN_CONFIDENCE,
        max_seconds: float = MAX_SECONDS,
        backend: str = "auto",
        find: str = USUAL_WAY,
        turn: float | None = None,
    ) -> "Reader":
        """A reader with the bundled model, or another one.

        Args:
            model: folder of a bundle (model.tflite and model.json) that reads alone; None for the bundled ones.
            tuned: folder of a bundle that replaces the bundled one of its kind, such as `python -m convert finetune`
                makes for your own hand. Not together with `model`.
            recogniser: "auto", "characters" or "lines".
            charset: characters that may occur, such as "0-9A-Z"; None for all characters of the model.
            pattern: regular expression that every text line must match, such as r"[A-Z]{2} \\d{5}".
            pattern_in: the same for a part of each line, which alone is given; instead of `pattern`.
            language: "english" or "none".
            min_confidence: lines less certain than this, 0 to 1, go to `Page.rejected`; with a charset, words too.
            max_seconds: time for a picture; the lines that were read until then make a page that says it is partial.
            backend: "auto", "litert", "tflite-runtime", "tensorflow" or "keras".
            find: how writing is found: "guided" by the bundled finder, by its "map" alone, or not at all, for scans
                of nothing but "paper", upright, with dark writing.
            turn: degrees clockwise by which the text is turned in every picture; None to find out, with a finder.

        Raises:
            BadBundle, NoInterpreter, BadCharset, BadPattern, EdgeOcrError: each says what to do.
        """
        check_kinds(
            model=model, tuned=tuned, recogniser=recogniser, charset=charset, pattern=pattern, pattern_in=pattern_in,
            language=language, min_confidence=min_confidence, max_seconds=max_seconds, backend=backend, find=find,
            turn=turn,
        )  # fmt: skip
        characters, lines = find_bundles(model, recogniser, tuned)
        known = Language.load(language)
        reader = cls(
            CharacterRecogniser(characters, charset, pattern, known, backend, pattern_in) if characters else None,
            LineRecogniser(lines, charset, pattern, known, backend, pattern_in) if lines else None,
            min_confidence,
            max_seconds,
            pattern if pattern_in is None else _repeated(pattern_in),
            # Beside a number, "CALL" becomes digits too; a pattern is for the line as it is.
            rejects_words=charset is not None and pattern is None and pattern_in is None,
            finder=open_finder(find, backend),
            turn=turn,
            find=find,
            prefers_characters=tuned is not None and characters is not None and characters.folder == Path(tuned),
        )
        if reader.recognition.lines and not reader.recognition.characters:
            _ = reader.recognition.lines.model  # It will be needed: report now whatever is wrong with it.
        return reader

    def limited(self, charset: str | None = None, pattern: str | None = None) -> "Reader":
        """A reader with the same open models, to which only this may occur; raises BadCharset and BadPattern."""
        check_kinds(charset=charset, pattern=pattern)
        other = copy(self)
        other.recognition = self.recognition.limited(charset, pattern)
        other.pattern, other.rejects_words = pattern, charset is not None and pattern is None
        return other

    def read(self, picture: Frame | Any) -> Page:
        """Read all writing in a picture; a picture without writing gives a page without lines.

        `picture` is a Frame, or anything that `load_image` takes; raises what that raises.
        """
        frame = load_image(picture, max_seconds=self.max_seconds)
        watch = Stopwatch(max(LEAST_S, self.max_seconds - frame.seconds))
        # The stages within take their own times; giving back their memory takes some, too.
        with _rooms, watch("decode"):
            view, lines = self._upright(frame, watch)
        parted = [self._part(line) for line in lines]
        given = tuple(given for given, _ in parted if given.words)
        rejected = tuple(rejected for _, rejected in parted if rejected.words)
        height, width = view.frame.image.shape[:2]
        page = Page(given, width, height, frame.name, rejected, self.pattern, watch.laps, watch.was_over, view.turn)
        return page if view.back is None else turned_back(page, view.back, *frame.image.shape[1::-1])

    def _upright(self, frame: Frame, watch: Stopwatch) -> tuple[View, list[Line]]:
        """The frame as it is read, and its lines: turned further where a few lines are surer that way."""
        first = view = self._view(frame, watch, self.turn)
        layout = self._layout(view, watch)
        lines = self._lines(view, layout, watch)
        # Digits can be forced on writing that stands on its head, so a restricted reading doesn't say which way is up.
        is_restricted = self.rejects_words or self.pattern is not None
        if self.finder is None or self.turn is not None or is_restricted or not lines:
            return view, lines
        for more, least in OTHER_WAYS:
            if more != 180 and first.is_axis_sure:
                least = ALL_THE_SAME
            if mean_confidence(lines) >= least or watch.is_over(FINDING_SHARE):
                break
            turn = first.turn + 180 if more == 180 else first.across + more - 90
            if more == 180 and self.recognition.lines:
                probed = self._upside_down(first, layout, watch)
            else:
                other = self._view(frame, watch, turn)
                probed = self._lines(other, longest(self._layout(other, watch)), watch)
            if surely_right(probed) > surely_right(lines) + SURER:
                view = self._view(frame, watch, turn)
                lines = self._lines(view, self._layout(view, watch), watch)
        return view, lines

    def _upside_down(self, view: View, layout: Layout, watch: Stopwatch) -> list[Line]:
        """The longest lines, their ink alone turned upside down and read."""
        height, width = view.frame.image.shape[:2]
        return self._readings(self.recognition.upside_down(layout, width, height, watch))

    def _lines(self, view: View, layout: Layout, watch: Stopwatch) -> list[Line]:
        height, width = view.frame.image.shape[:2]
        return self._readings(self.recognition.read(layout, width, height, watch))

    def _readings(self, attempts: list[Attempt]) -> list[Line]:
        """Lines with at least a word, their evidence turned into confidence."""
        return [line for line in self.calibrated(attempts) if line.words]

    def calibrated(self, attempts: list[Attempt]) -> list[Line]:
        """All attempts of a page as lines with their confidence."""
        return self.recognition.calibrated(attempts, must_match=self.pattern is not None)

    def _part(self, line: Line) -> tuple[Line, Line]:
        """What of a line is given, and what is rejected."""
        is_sure = line.confidence >= self.min_confidence
        least = self.min_confidence if self.rejects_words else 0.0
        sure = [is_sure and word.confidence >= least for word in line.words]
        return Line(tuple(compress(line.words, sure))), Line(tuple(compress(line.words, map(not_, sure))))

    def attempts(self, frame: Frame, watch: Stopwatch) -> list[Attempt]:
        """The reading of each line with its evidence, before that becomes confidence; `watch` takes the times."""
        view = self._view(frame, watch, self.turn)
        layout = self._layout(view, watch)
        with watch("decode"):
            height, width = view.frame.image.shape[:2]
            return self.recognition.read(layout, width, height, watch)

    def _view(self, frame: Frame, watch: Stopwatch, turn: float | None) -> View:
        with watch("ink"):
            return see(frame, self.finder, turn, self.find, watch)

    def _layout(self, view: View, watch: Stopwatch) -> Layout:
        with watch("layout"):
            return find_layout(view.ink, view.parts, watch)


def surely_right(lines: Sequence[Line]) -> float:
    """How many characters of the PROBED longest lines are right, each weighted by how sure it is.

    Confidence counts twice: a page on its side gives many characters at a low confidence, which a few digits in a grid,
    read surely, must outweigh.
    """
    return float(sum(sorted((len(line.text) * line.confidence**2 for line in lines), reverse=True)[:PROBED]))


def _repeated(pattern: str) -> str:
    """What one or more parts of a line match, as its words."""
    part = pattern.removeprefix(FOLDED)
    return rf"{FOLDED if part != pattern else ''}(?:{part})(?: (?:{part}))*"

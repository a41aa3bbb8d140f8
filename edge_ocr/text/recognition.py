"""Text lines -> attempts: which recogniser reads each line, and what its evidence is worth."""

from dataclasses import replace
from itertools import compress

from edge_ocr.layout.layout import FIRST_LINES, Layout, TextLine
from edge_ocr.page import Line
from edge_ocr.stopwatch import Stopwatch
from edge_ocr.text.by_characters import CharacterRecogniser
from edge_ocr.text.by_lines import LineRecogniser
from edge_ocr.text.confidence import USUALLY_SEEN, Attempt, Surroundings, calibrated
from edge_ocr.text.lattice import Lattice

SHORT = 3.0
"""Width of a line, in capital heights, up to which its characters are read first: of one or two characters the line
network sees too little around them; three by unseen writers it reads better."""

SURE = -0.2
"""Score of the characters from which their reading is used, and the line network does not read the line.

Tuned on the development sets. Below it the line network's reading is used even if the characters' score is better:
wrong characters, cut to fit, look better than they are."""

OVERTIME_S = 0.5
"""Seconds beyond its time for the first lines of a picture, so that a short note comes out on a slow board, too."""

PROBED = 4
"""Lines that are read upside down, the longest ones, where a page may be."""


class Recognition:
    """Reads lines with one recogniser, or the better of two."""

    def __init__(
        self,
        characters: CharacterRecogniser | None,
        lines: LineRecogniser | None,
        *,
        is_restricted: bool = False,
        prefers_characters: bool = False,
    ) -> None:
        """At least one of the two; with both, only SHORT lines are read by their characters first.

        `is_restricted`: to a charset or a pattern, under which the characters have a say in every line.
        `prefers_characters`: they are read first in every line, as by somebody's own model of characters.
        """
        self.characters = characters
        self.lines = lines
        self._prefers_characters = prefers_characters or lines is None
        self._everywhere = is_restricted or self._prefers_characters

    def limited(self, charset: str | None, pattern: str | None) -> "Recognition":
        """One with the same open models, for what else may occur."""
        characters = self.characters and self.characters.limited(charset, pattern)
        lines = self.lines and self.lines.limited(charset, pattern)
        is_restricted = charset is not None or pattern is not None
        return Recognition(characters, lines, is_restricted=is_restricted, prefers_characters=self._prefers_characters)

    def read(self, layout: Layout, width: int, height: int, watch: Stopwatch) -> list[Attempt]:
        """The lines' readings with boxes on a frame of this size, from the first line on until the time is over."""
        read: list[Attempt] = []
        for first in range(0, len(layout.lines), FIRST_LINES):
            if first and watch.is_over():
                break
            # A few lines at a time: their tiles are classified together, and that is soon done.
            some = layout.lines[first : first + FIRST_LINES]
            for line, lattice in zip(some, self._lattices(some, layout, watch), strict=True):
                if read and watch.is_over(more=0.0 if first else OVERTIME_S):
                    break
                attempt = self._read_line(line, lattice, width, height, watch)
                seen = USUALLY_SEEN if line.seen is None else line.seen
                read.append(replace(attempt, evidence=replace(attempt.evidence, seen=seen)))
        return read

    def _lattices(self, some: tuple[TextLine, ...], layout: Layout, watch: Stopwatch) -> list[Lattice | None]:
        """Of each line, what its characters may be; None where the line network reads it alone."""
        if self.characters is None:
            return [None] * len(some)
        is_cut = [self._everywhere or line.upright.ink.shape[1] <= SHORT * line.capital for line in some]
        found = iter(self.characters.candidates(replace(layout, lines=tuple(compress(some, is_cut))), watch))
        return [next(found) if cut else None for cut in is_cut]

    def _read_line(self, line: TextLine, lattice: Lattice | None, width: int, height: int, watch: Stopwatch) -> Attempt:
        """The characters' reading where it leaves no doubt, else that of the whole line, which may find no text."""
        cut = self.characters.read(line, lattice, width, height) if self.characters and lattice else None
        if self.lines is None or (cut is not None and cut.score >= SURE):
            assert cut is not None
            return cut
        opinion = None
        if self.characters and lattice and cut and self.characters.alphabet.pattern:
            opinion = self.characters.opinion(line, lattice, cut.text)
        return self.lines.read(line.ink, line.origin, line.scale, width, height, watch, opinion)

    def upside_down(self, layout: Layout, width: int, height: int, watch: Stopwatch) -> list[Attempt]:
        """The PROBED longest lines with their ink turned by 180 degrees; boxes are not.

        None unless the line network sees more in it: a search takes several times as long as the network.
        """
        assert self.lines is not None
        upright = longest(layout).lines
        turned = [replace(line, ink=line.ink[::-1, ::-1]) for line in upright]
        seen_turned, seen = (sum(self.lines.legibility(line.ink) for line in lines) for lines in (turned, upright))
        if seen_turned < seen:
            return []
        return [self.lines.read(line.ink, line.origin, line.scale, width, height, watch) for line in turned]

    def calibrated(self, attempts: list[Attempt], *, must_match: bool) -> list[Line]:
        """All attempts of a page as lines, their evidence turned into confidence; `must_match`: under a pattern."""
        page = Surroundings.of(attempts)
        return [
            calibrated(attempt, self._recogniser(attempt.by).calibration, page, must_match=must_match)
            for attempt in attempts
        ]

    def _recogniser(self, name: str) -> CharacterRecogniser | LineRecogniser:
        recogniser = self.characters if name == "characters" else self.lines
        assert recogniser is not None
        return recogniser


def longest(layout: Layout) -> Layout:
    """The PROBED longest lines of a page."""
    lines = sorted(layout.lines, key=lambda line: line.ink.shape[1])
    return replace(layout, lines=tuple(lines[-PROBED:]))

"""How texts grow: the one core of both decoders. Judges every character by language, letter case and pattern."""

from typing import NamedTuple

from edge_ocr.alphabet import Pattern
from edge_ocr.language import START, Language


class State(NamedTuple):
    """All of a text that its continuations are judged by."""

    context: int
    """The language's last characters."""
    case: int
    """Letter case inside the word."""
    word: str
    """Letters since the last sign or space."""


class Weights(NamedTuple):
    """How much what is known of texts counts against the shapes; tuned on the development sets of each recogniser."""

    language: float
    """Of the language's log probability of a character."""
    case: float
    """Of the log probability of letter case."""
    word: float
    """Nats a letter that a word of the list earns; of three letters or more."""


class Search:
    """Scores steps of texts for one reading; forget it afterwards."""

    def __init__(self, language: Language, pattern: Pattern | None, weights: Weights) -> None:
        self.pattern = pattern
        self.typical = weights.language * language.typical
        """Nats added for each character, so that longer texts do not pay for being longer."""
        self.start = State(language.start, START, "")
        self._language = language
        self._weights = weights
        self._bonus: dict[str, float] = {}

    def grow(self, state: State, char: str) -> tuple[State, float]:
        """The state after one more character other than a space, and its score in nats."""
        language, weights = self._language, self._weights
        case, case_score = language.next_case(state.case, char)
        score = weights.case * case_score + self.typical + weights.language * language.char_score(state.context, char)
        if char.isalpha() or char == "'":
            word = state.word + char
        else:
            score += self.word_bonus(state.word)
            word = ""
        return State(language.advance(state.context, char), case, word), score

    def space(self, state: State) -> tuple[State, float]:
        """The state after a space, and its score in nats."""
        language = self._language
        score = self._weights.language * language.char_score(state.context, " ") + self.typical
        return State(language.advance(state.context, " "), START, ""), score + self.word_bonus(state.word)

    def word_bonus(self, word: str) -> float:
        """What a finished word earns for standing in the list."""
        if len(word) < 3:
            return 0.0
        bonus = self._bonus.get(word)
        if bonus is None:
            bonus = 0.0 if self._language.word_score(word) is None else self._weights.word * len(word)
            self._bonus[word] = bonus
        return bonus

    def allows(self, text: str) -> bool:
        """Whether the pattern can still be completed from `text`."""
        return self.pattern is None or self.pattern.allows(text)

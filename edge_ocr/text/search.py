"""The growth of texts: the shared core of both decoders. Judges every character by language and letter case."""

import math
from typing import NamedTuple

from edge_ocr.text.language import START, Language
from edge_ocr.text.neighbours import NONE
from edge_ocr.text.weights import Weights

NEVER = -1e30
"""Log probability of the impossible."""

LISTED = 0.95
"""Part of all words that the vocabulary has; the others are spelled by the 4-grams alone."""

END_SPACE, END_DIGIT, END_SIGN = math.log(0.75), math.log(0.002), math.log(0.0075)
"""Log probability of what ends a listed word: a space, each of the digits, each of the signs; rounded."""


class State(NamedTuple):
    """All of a text that matters for its continuations."""

    context: int
    """The language's last characters."""
    case: int
    """Letter case inside the word."""
    word: str
    """Letters since the last sign or space, in small letters."""
    spelled: float
    """Log probability of these letters by the 4-grams."""
    begun: float
    """Log probability that a word begins with them, be it listed or not."""
    before: int
    """Number of the listed word before this one, or NONE: after a sign, or a word that is not listed."""

    @property
    def kind(self) -> tuple[int, int, str]:
        """Texts of one kind have practically the same future."""
        return self[:3]


class Search:
    """Scores steps of texts; make one for each reading.

    A word is a mixture: with the probability LISTED one of the vocabulary, drawn by its share, else letters by the
    4-grams. So each letter costs what it leaves of the words that begin like its own, and no listed word is left before
    its end has been seen.
    """

    def __init__(self, language: Language, weights: Weights) -> None:
        self.length = weights.length if language.vocabulary else 0.0
        """Nats added for each character."""
        self.start = State(language.start, START, "", 0.0, 0.0, NONE)
        self._language = language
        self._weights = weights
        listed = LISTED if language.vocabulary else 0.0
        self._log_listed, self._log_spelled = _log(listed), _log(1 - listed)
        self._begun = {"": (range(len(language.vocabulary)), 0.0)}

    def grow(self, state: State, char: str) -> tuple[State, float]:
        """The state after one more character other than a space, and its score in nats."""
        language, weights = self._language, self._weights
        case, case_score = language.next_case(state.case, char)
        score = weights.case * case_score + self.length
        spelling = language.char_score(state.context, char)
        context = language.advance(state.context, char)
        if not char.isalpha() and (char != "'" or not state.word):
            return State(context, case, "", 0.0, 0.0, NONE), score + self._end_score(state, char, spelling)
        word, spelled = state.word + char.lower(), state.spelled + spelling
        begun = add_logs(self._log_listed + self._beginning(word)[1], self._log_spelled + spelled)
        score += weights.language * (begun - state.begun)
        return State(context, case, word, spelled, begun, state.before), score

    def space(self, state: State) -> tuple[State, float]:
        """The state after a space, and its score in nats."""
        language = self._language
        score = self._end_score(state, " ", language.char_score(state.context, " ")) + self.length
        before = self._number(state.word) if state.word else state.before
        return State(language.advance(state.context, " "), START, "", 0.0, 0.0, before), score

    def finish(self, state: State) -> float:
        """The score of ending the text here, in nats; 0 for an empty text, which many pictures have."""
        if state == self.start:
            return 0.0
        return self._end_score(state, " ", self._language.char_score(state.context, " "))

    def _beginning(self, letters: str) -> tuple[range, float]:
        """The listed words that begin with `letters`, and the logarithm of their share; sought once a reading."""
        begun = self._begun.get(letters)
        if begun is None:
            vocabulary = self._language.vocabulary
            words = vocabulary.beginning(letters, self._beginning(letters[:-1])[0])
            begun = self._begun[letters] = (words, vocabulary.start_score(words))
        return begun

    def _number(self, word: str) -> int:
        """Of a listed word; NONE for another one."""
        vocabulary, words = self._language.vocabulary, self._beginning(word)[0]
        return words.start if vocabulary.score(word, words) > -math.inf else NONE

    def _end_score(self, state: State, char: str, spelling: float) -> float:
        """Score of ending the unfinished word, if there is one, with `char`."""
        if not state.word:
            return self._weights.language * spelling
        word = state.word.rstrip("'")  # Of a plural's possessive, or quoted.
        words = self._beginning(word)[0]
        share = self._language.vocabulary.score(word, words)
        if share > -math.inf:
            share += self._language.neighbours.score(state.before, words.start)
        share += END_SIGN * (len(state.word) - len(word))
        end = END_SPACE if char == " " else END_DIGIT if char.isdigit() else END_SIGN
        whole = add_logs(self._log_listed + share + end, self._log_spelled + state.spelled + spelling)
        bonus = self._weights.word * len(word) if share > -math.inf and len(word) > 2 else 0.0
        return self._weights.language * (whole - state.begun) + bonus


def _log(probability: float) -> float:
    return math.log(probability) if probability > 0 else -math.inf


def add_logs(first: float, second: float) -> float:
    """Logarithm of the sum of two probabilities given by their logarithms."""
    if first < second:
        first, second = second, first
    return first + math.log1p(math.exp(second - first)) if second > NEVER else first

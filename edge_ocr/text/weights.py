"""What the language weighs against the shapes: one set of weights for each recogniser."""

from typing import NamedTuple


class Weights(NamedTuple):
    """Weights of the language against the shapes; tuned on the development sets of each recogniser."""

    language: float
    """Of the language's log probability of a character."""
    case: float
    """Of the log probability of letter case."""
    word: float
    """Bonus of a listed word of three letters or more, in nats per letter."""
    length: float
    """Bonus of each character in nats, so that longer texts have no disadvantage."""


CHARACTER_WEIGHTS = Weights(language=0.3, case=0.7, word=0.2, length=0.57)
"""Of language against the character network; tuned on the development pages."""

LINE_WEIGHTS = Weights(language=0.45, case=0.3, word=0.2, length=1.6)
"""Of language against the line network; tuned on held-out training strips."""

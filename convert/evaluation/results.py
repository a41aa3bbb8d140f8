"""What an evaluation found: float and int8, or a network before and after its tuning, on one test set."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """Float and int8 on one test set; all but `count` and `largest_difference` are parts of 1."""

    name: str
    count: int
    float_accuracy: float
    int8_accuracy: float
    float_top3: float
    int8_top3: float
    agreement: float
    """Same best group."""
    largest_difference: float
    """Between two log probabilities of classes that either model believes in more than 1 in 1000, in nats."""


@dataclass(frozen=True, slots=True)
class LineRates:
    """Character error rates on one set."""

    name: str
    lines: int
    float_greedy: float
    """Loose, without any search or language."""
    int8_greedy: float
    """The same of the int8 model."""
    loose: float
    """int8, with search and English."""
    strict_greedy: float
    strict: float
    agreement: float
    """Lines of which float and int8 give the same greedy text."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Error rates of one set before and after."""

    name: str
    count: int
    """Strips or tiles."""
    before: float
    after: float

"""What people write by hand beside running words: numbers, dates, addresses, prices, program text; drawn at random."""

from collections.abc import Callable, Sequence
from typing import Any

from convert.synthesis.augmentation import Rng

CHARSET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,:;!?'\"()-+/&@#%*=$[]{}<>_\\^~|"
"""Characters that a line may hold."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DOMAINS = ("com", "org", "net", "edu", "co.uk", "de", "fr", "io")
KEYWORDS = (
    "if", "else", "for", "while", "return", "def", "class", "import", "from", "print", "int", "void", "public",
    "static", "new", "true", "false", "null", "not", "and", "or", "in", "self", "this", "string", "char", "float",
)  # fmt: skip
NAMES = (
    "i",
    "j",
    "k",
    "n",
    "x",
    "y",
    "a",
    "b",
    "s",
    "sum",
    "count",
    "list",
    "key",
    "value",
    "node",
    "max",
    "min",
    "len",
)


class Texts:
    """Draws short texts: words as they are frequent in English, and everything that dictionaries leave out."""

    def __init__(self, words: list[str]) -> None:
        """`words`: likeliest first; they are drawn with a chance that falls with their rank."""
        self._words = words
        self._kinds: tuple[tuple[float, Callable[[Rng], str]], ...] = (
            (0.34, self.words), (0.12, number), (0.08, date), (0.06, price), (0.08, code), (0.06, self.email),
            (0.08, self.address), (0.10, self.program), (0.08, mixed),
        )  # fmt: skip

    def __call__(self, rng: Rng) -> str:
        chance = rng.random() * sum(share for share, _ in self._kinds)
        for share, kind in self._kinds:
            chance -= share
            if chance < 0:
                return kind(rng)
        return self.words(rng)

    def word(self, rng: Rng) -> str:
        """One word in small letters; a word of rank r with a chance that goes with about 1/r."""
        return self._words[int((len(self._words) + 1) ** rng.random()) - 1]

    def words(self, rng: Rng) -> str:
        """One to four words, in small letters, with a capital, or in capitals; sometimes with a sign at the end."""
        chosen = [self.word(rng) for _ in range(int(rng.integers(1, 5)))]
        chance = rng.random()
        if chance < 0.3:
            chosen = [word.upper() for word in chosen]
        elif chance < 0.6:
            chosen = [word.capitalize() for word in chosen]
        elif chance < 0.75:
            chosen[0] = chosen[0].capitalize()
        return " ".join(chosen) + (_one(rng, ".,!?:;-") if rng.random() < 0.3 else "")

    def email(self, rng: Rng) -> str:
        user = self.word(rng) + _one(rng, ("", ".", "_", "-")) + (self.word(rng) if rng.random() < 0.5 else "")
        return f"{user}{_digits(rng, int(rng.integers(0, 3)))}@{self.word(rng)}.{_one(rng, DOMAINS)}"

    def address(self, rng: Rng) -> str:
        street = f"{_digits(rng, int(rng.integers(1, 5)))} {self.word(rng).capitalize()}"
        kind = _one(rng, ("St.", "Ave.", "Road", "Lane", "Court", "Drive", "Blvd."))
        return f"{street} {kind}" if rng.random() < 0.6 else f"{street} {kind}, {_letters(rng, 2)} {_digits(rng, 5)}"

    def program(self, rng: Rng) -> str:
        """A line of program text in no particular language."""
        left, right = _one(rng, NAMES), _one(rng, (*NAMES, _digits(rng, 1), _digits(rng, 2), self.word(rng)))
        forms = (
            f"{left} = {right}", f"{left} = {right};", f"{_one(rng, KEYWORDS)} {left}", f"{left}[{right}]",
            f"{_one(rng, KEYWORDS)} ({left} {_one(rng, ('<', '>', '==', '<=', '!='))} {right})", f"{left}({right})",
            f"{_one(rng, KEYWORDS)} {left}({right}):", f"{left} {_one(rng, '+-*/%')}= {right}", f"{left}.{right}()",
            f'print("{self.word(rng)}")', f"return {left} {_one(rng, '+-*/')} {right}", f"{{{left}: {right}}}",
            f"// {self.word(rng)}", f"# {self.word(rng)}", f"{left}_{right}", f"for {left} in {right}:",
        )  # fmt: skip
        return _one(rng, forms)


def number(rng: Rng) -> str:
    """Digits, a decimal, a telephone number or a sum."""
    whole = _digits(rng, int(rng.integers(1, 9)))
    forms = (
        whole, whole, whole, f"{_digits(rng, 3)}-{_digits(rng, 4)}", f"({_digits(rng, 3)}) {_digits(rng, 3)}",
        f"{_digits(rng, 2)}.{_digits(rng, 2)}", f"+{_digits(rng, 2)} {_digits(rng, 3)} {_digits(rng, 4)}",
        f"{_digits(rng, 2)}{_one(rng, '+-*/')}{_digits(rng, 1)}={_digits(rng, 2)}", f"{_digits(rng, 2)}%",
        f"#{_digits(rng, 3)}",
    )  # fmt: skip
    return _one(rng, forms)


def date(rng: Rng) -> str:
    """A date or a time of day."""
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1900, 2040))
    name = MONTHS[month - 1]
    forms = (
        f"{day:02}/{month:02}/{year}", f"{day}.{month}.{year % 100:02}", f"{year}-{month:02}-{day:02}",
        f"{day} {name} {year}",
        f"{name.capitalize()} {day}, {year}", f"{day % 24}:{int(rng.integers(60)):02}", f"{day}/{month}",
    )  # fmt: skip
    return _one(rng, forms)


def price(rng: Rng) -> str:
    """An amount of money."""
    amount = f"{int(rng.integers(1, 2000))}.{int(rng.integers(100)):02}"
    return _one(rng, (f"${amount}", amount, f"{amount}-", f"$ {amount}", f"{int(rng.integers(1, 100))} @ {amount}"))


def code(rng: Rng) -> str:
    """A postcode, a number plate, a serial number: capitals and digits."""
    forms = (
        f"{_letters(rng, 2)} {_digits(rng, 5)}", f"{_letters(rng, 2)}-{_digits(rng, 4)}",
        f"{_letters(rng, 1)}{_digits(rng, 3)}",
        f"{_letters(rng, 2)}{_digits(rng, 1)} {_digits(rng, 1)}{_letters(rng, 2)}", _letters(rng, 3),
        f"{_letters(rng, 3)} {_digits(rng, 3)}", _letters(rng, int(rng.integers(2, 8))),
    )  # fmt: skip
    return _one(rng, forms)


def mixed(rng: Rng) -> str:
    """Any characters, each by itself as likely as any other."""
    chars = CHARSET.replace(" ", "")
    return "".join(_one(rng, chars) for _ in range(int(rng.integers(1, 9))))


def _one(rng: Rng, things: Sequence[Any]) -> Any:
    return things[int(rng.integers(len(things)))]


def _digits(rng: Rng, count: int) -> str:
    return "".join(_one(rng, "0123456789") for _ in range(count))


def _letters(rng: Rng, count: int) -> str:
    return "".join(_one(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(count))

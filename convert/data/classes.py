"""The classes of the character network: one for each shape, with the characters that it may be."""

LOOK_ALIKE = "COPSUVWXZ"
"""Letters whose two cases have the same shape and differ only in size or place: the layout decides their case."""

DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL = CAPITALS.lower()
PUNCTUATION = ".,:;!?'\"()-+/&@#%*=$_[]<>{}"
NOT_A_CHARACTER = ""
"""Label of the class for specks, pieces of a character and two characters at once."""

LABELS: tuple[str, ...] = (
    *DIGITS,
    *(letter + letter.lower() if letter in LOOK_ALIKE else letter for letter in CAPITALS),
    *(letter for letter in SMALL if letter.upper() not in LOOK_ALIKE),
    *PUNCTUATION,
    NOT_A_CHARACTER,
)
"""Each class as the string of all characters it may be."""

CLASS_OF: dict[str, int] = {char: number for number, label in enumerate(LABELS) for char in label}
JUNK: int = LABELS.index(NOT_A_CHARACTER)


def class_pair(char: str, case_known: bool) -> tuple[int, int]:
    """The class of `char`, and its other possible class if the case is unknown (else the same)."""
    other = char if case_known else char.swapcase()
    return CLASS_OF[char], CLASS_OF[other]

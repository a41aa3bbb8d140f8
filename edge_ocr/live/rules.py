"""The rules of a meter: what its reading must be, and how that is written in a file or a request."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

MOST_DIGITS = 20

LONGEST_UNIT = 16
"""Characters; the longest of Home Assistant's own is shorter."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a meter's reading must be. Where there is any of this, the text is a number."""

    digits: int | None = None
    """How many digits it has, before and after the point."""
    never_falling: bool = False
    """Whether it never is less than the one before; after 999 may come 000, if that is no larger step than allowed."""
    largest_step: Decimal | None = None
    """How far it may be from the one before."""
    unit: str | None = None
    """What it counts, such as kWh; for other programs."""

    @property
    def are_any(self) -> bool:
        """Whether there is a rule or a unit, so that texts are numbers."""
        return self != NO_RULES


NO_RULES = Rules()

RULES = tuple(field.name for field in fields(Rules))
"""The names of the rules, in files and requests, too."""


class WrongRule(ValueError):
    """A rule is no such rule; `str(error)` says what was expected."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"expected {expected}")
        self.name = name


def as_json(number: Decimal) -> int | float:
    """A number as JSON has it: whole, if it was written so."""
    return int(number) if number == number.to_integral_value() else float(number)


def rules_from(facts: Mapping[str, Any]) -> Rules:
    """The rules that a table names by RULES; None, false and "" are no rule. Raises WrongRule."""
    digits, step, unit = (facts.get(name) for name in ("digits", "largest_step", "unit"))
    never_falling = facts.get("never_falling", False)
    if digits is not None and not (type(digits) is int and 1 <= digits <= MOST_DIGITS):
        raise WrongRule("digits", f"a whole number from 1 to {MOST_DIGITS}")
    if not isinstance(never_falling, bool):
        raise WrongRule("never_falling", "true or false")
    if step is not None and not (type(step) in (int, float) and 0 <= step < float("inf")):
        raise WrongRule("largest_step", "a number from 0, such as 10 or 0.5")
    if unit is not None and not (isinstance(unit, str) and len(unit) <= LONGEST_UNIT and unit.isprintable()):
        raise WrongRule("unit", f"a text of at most {LONGEST_UNIT} characters, such as kWh")
    return Rules(digits, never_falling, None if step is None else Decimal(str(step)), unit or None)


def table_of(rules: Rules) -> dict[str, Any]:
    """The rules as `rules_from` takes them, each of RULES with a value or None."""
    step = rules.largest_step
    return {name: getattr(rules, name) for name in RULES} | {"largest_step": None if step is None else as_json(step)}

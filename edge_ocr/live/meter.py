"""Meters and counters: which readings can be true after the last one, which is kept over a restart."""

import json
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge_ocr.errors import BadData, CannotWrite, RuleBroken
from edge_ocr.folders import replace_file
from edge_ocr.live.rules import Rules, as_json

NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")


def number_of(text: str) -> Decimal | None:
    """The number that a text is, without its spaces; None if it is none. A comma is a point."""
    packed = "".join(text.split(" "))
    return Decimal(packed.replace(",", ".")) if NUMBER.fullmatch(packed) else None


class LastValues:
    """The last number of each region, in a file that people can read and correct."""

    def __init__(self, path: Path) -> None:
        """Raises BadData if the file holds something else."""
        self.trouble: CannotWrite | None = None
        """Why the latest number is not stored; None while it is."""
        self.path = path
        self._values: dict[str, dict[str, Any]] = {}
        if path.exists():
            try:
                self._values = json.loads(path.read_text(encoding="utf-8"))
                if not all(Decimal(str(facts["value"])).is_finite() for facts in self._values.values()):
                    raise ValueError("a value is no number")
            except (OSError, ValueError, ArithmeticError, KeyError, TypeError, AttributeError) as error:
                raise BadData(
                    f"{path} holds no last values ({error}): correct it, or remove it to begin anew"
                ) from error

    def get(self, region: str) -> Decimal | None:
        """The last number of a region; None before the first one."""
        return Decimal(str(self._values[region]["value"])) if region in self._values else None

    def set(self, region: str, value: Decimal) -> None:
        """Keep a region's number, all or nothing; never raises, see `trouble`."""
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._values[region] = {"value": as_json(value), "time": when}
        try:
            replace_file(self.path, (json.dumps(self._values, indent=1, ensure_ascii=False) + "\n").encode())
            self.trouble = None
        except OSError as error:
            self.trouble = CannotWrite(f"{self.path} cannot be written ({error.strerror}): make room")


class Meter:
    """One region's meter."""

    def __init__(self, rules: Rules, region: str, values: LastValues) -> None:
        self._rules, self._region, self._values = rules, region, values

    def check(self, text: str) -> Decimal:
        """The number that a text is, from now on the last one; RuleBroken if it cannot be true."""
        value = number_of(text)
        if value is None:
            raise RuleBroken(
                f"{text!r} is left out: expected one number, so read only the part where it stands (--roi)"
            )
        found = sum(char.isdigit() for char in text)
        if self._rules.digits and found != self._rules.digits:
            raise RuleBroken(f"{text!r} is left out: it has {found} digits, expected {self._rules.digits}")
        self._check_step(text, value)
        if value != self._values.get(self._region) or self._values.trouble:
            self._values.set(self._region, value)
        return value

    def _check_step(self, text: str, value: Decimal) -> None:
        last, most = self._values.get(self._region), self._rules.largest_step
        if last is None or self._comes_round(text, value - last):
            return
        step, correct = value - last, f"if it is right, correct {self._values.path} and start again"
        if step < 0 and self._rules.never_falling:
            raise RuleBroken(f"{text!r} is left out: it is less than the last value, {last}; {correct}")
        if most is not None and abs(step) > most:
            far = f"it is {abs(step)} from the last value, {last}, expected at most {most}"
            raise RuleBroken(f"{text!r} is left out: {far}; {correct}")

    def _comes_round(self, text: str, step: Decimal) -> bool:
        """Whether a counter has begun again from its zeros, and not gone further than it may."""
        digits, most = self._rules.digits, self._rules.largest_step
        is_whole = "," not in text and "." not in text
        return step < 0 and is_whole and digits is not None and most is not None and step + 10**digits <= most

"""Guesses at the token, slowed down: after a few wrong ones an address waits, longer with each."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 5
"""Wrong tokens that cost nothing: people mistype."""

LONGEST_WAIT_S = 60.0
"""The wait doubles with each wrong token, up to this many seconds: 1,440 guesses a day."""

FORGOTTEN_S = 900.0
"""Seconds without a wrong token after which an address begins anew."""

REMEMBERED = 1000
"""Most addresses; the ones that guessed longest ago are forgotten first."""


class Guesses:
    """Counts wrong tokens by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until an address may try again; 0 if it may now."""
        count, last = self._wrong.get(_household(address), (0, 0.0))
        passed = self._clock() - last
        if count < FREE or passed > FORGOTTEN_S:
            return 0.0
        return max(0.0, min(LONGEST_WAIT_S, 2.0 ** (count - FREE)) - passed)

    def wrong(self, address: str) -> None:
        """Count a wrong token."""
        key, now = _household(address), self._clock()
        count, last = self._wrong.pop(key, (0, now))
        self._wrong[key] = (1 if now - last > FORGOTTEN_S else count + 1, now)
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        """The token was right: mistakes are forgiven."""
        self._wrong.pop(_household(address), None)


def _household(address: str) -> str:
    """The address, or of IPv6 the network of 64 bits, all of which one customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))

"""Between what holds and what is given out: texts that come and go at once, repetitions, and the rules of meters."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from threading import Event
from time import monotonic

from edge_ocr.errors import EdgeOcrError
from edge_ocr.live.loop import Sight
from edge_ocr.live.meter import LastValues, Meter
from edge_ocr.live.region import Region
from edge_ocr.live.watch import Finding
from edge_ocr.page import Page


@dataclass(frozen=True, slots=True)
class Pace:
    """When texts are given out, in seconds."""

    debounce: float = 0.0
    """For how long a text must stay before it is given out."""
    repeat_after: float | None = None
    """After how long a text that stays is given out again; None is never."""


class Gate:
    """The gate of one region."""

    def __init__(self, pace: Pace, values: Callable[[], LastValues]) -> None:
        self._pace, self._values = pace, values
        self._region = Region()
        self._coming: Page | None = None
        self._since = 0.0
        self._last: Page | None = None
        self._last_at = 0.0
        self._breach: EdgeOcrError | None = None

    def pass_on(self, finding: Finding, now: float, *, is_seen: bool = True, is_end: bool = False) -> Finding:
        """The finding with what is given out of it `now`, in seconds on any clock.

        Args:
            finding: what is known of the region.
            now: seconds.
            is_seen: whether there is a picture; without one nothing is repeated.
            is_end: whether this is the last finding, so that nothing more can change a text that was coming.
        """
        if finding.region != self._region:
            self._region, self._breach = finding.region, None
        page = self._settled(finding.given, now, is_end=is_end)
        if page is not None:
            page = self._checked(page)
        elif is_seen and self._is_due(finding.voted, now):
            page = finding.voted
        if page is not None:
            self._last, self._last_at = page, now
        return replace(finding, given=page, trouble=finding.trouble or self._breach)

    def _settled(self, given: Page | None, now: float, *, is_end: bool) -> Page | None:
        """The newest text, once it has stayed for long enough."""
        if given is not None:
            # What comes back before anything else was given out has never been away.
            is_back = self._pace.debounce > 0 and self._last is not None and given.text == self._last.text
            self._coming, self._since = None if is_back else given, now
        if self._coming is None or (now - self._since < self._pace.debounce and not is_end):
            return None
        page, self._coming = self._coming, None
        return page

    def _checked(self, page: Page) -> Page | None:
        """The page, if it keeps to the meter's rules and is news."""
        region = self._region
        if not region.rules.are_any:
            return page
        self._breach = None
        if not page.text:  # A meter that is hidden for a while still has its value.
            return None
        try:
            Meter(region.rules, region.name, self._values()).check(page.text)
        except EdgeOcrError as error:  # The rule is broken, or there is no folder to keep the value in.
            self._breach = error
            return None
        return None if self._last is not None and page.text == self._last.text else page

    def _is_due(self, voted: Page | None, now: float) -> bool:
        after = self._pace.repeat_after
        if after is None or self._last is None or not self._last.text or now - self._last_at < after:
            return False
        return voted is not None and voted.text == self._last.text


class Gates:
    """The gates of all regions, by name."""

    def __init__(self, pace: Pace, open_values: Callable[[], LastValues]) -> None:
        """`open_values` is called once, for the first meter; a meter's text is not given out if it raises."""
        self.values: LastValues | None = None
        """The last values of meters; None before the first meter."""
        self._pace, self._open_values = pace, open_values
        self._gates: dict[str, Gate] = {}

    def open(self) -> LastValues:
        """The last values. Raises EdgeOcrError if they cannot be read."""
        self.values = self.values or self._open_values()
        return self.values

    def through(self, sights: Iterable[Sight], stop: Event) -> Iterator[Sight]:
        """The sights, with what is given out of them.

        Args:
            sights: as they come.
            stop: whether they end early; then a text that was just coming is not given out.
        """
        last = None
        for sight in sights:
            last = sight
            yield self._pass_on(sight)
        if last is not None and not stop.is_set():
            rest = replace(last, findings=tuple(replace(finding, given=None) for finding in last.findings))
            end = self._pass_on(rest, is_end=True)
            if end.given:
                yield end

    def _pass_on(self, sight: Sight, *, is_end: bool = False) -> Sight:
        now, is_seen = monotonic(), sight.image is not None
        findings = tuple(
            self._gate(finding.region.name).pass_on(finding, now, is_seen=is_seen, is_end=is_end)
            for finding in sight.findings
        )
        breach = next((finding.trouble for finding in findings if finding.trouble), None)
        return replace(sight, findings=findings, trouble=sight.trouble or breach)

    def _gate(self, region: str) -> Gate:
        if region not in self._gates:
            self._gates[region] = Gate(self._pace, self.open)
        return self._gates[region]

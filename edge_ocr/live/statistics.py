"""What the loop did so far, counted and averaged."""

from collections import defaultdict
from dataclasses import dataclass, field

SMOOTHING = 0.1
"""Weight of the newest value in the shown averages."""


@dataclass(slots=True)
class Statistics:
    """The state of the loop; averages over the last few pictures."""

    pictures: int = 0
    """Pictures that came to the loop."""
    readings: int = 0
    blurred: int = 0
    """Pictures skipped because sharper ones were expected."""
    still: int = 0
    """Pictures skipped because nothing had changed."""
    dropped: int = 0
    """Pictures that came while another one was read."""
    losses: int = 0
    """How often the camera was lost."""
    interval: float = 0.0
    """Seconds from one picture to the next; 0 if unknown."""
    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Milliseconds of each stage of a reading."""

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return 1 / self.interval if self.interval else 0.0

    def came(self, seconds: float) -> None:
        """Count a picture that came `seconds` after the one before; 0 for the first one."""
        self.pictures += 1
        self.interval = (1 - SMOOTHING) * self.interval + SMOOTHING * seconds if self.interval else seconds

    def read(self, laps: dict[str, float]) -> None:
        """Count a reading with the seconds of its stages."""
        self.readings += 1
        for stage, seconds in laps.items():
            known = self.stages.get(stage, 1000 * seconds)
            self.stages[stage] = (1 - SMOOTHING) * known + SMOOTHING * 1000 * seconds

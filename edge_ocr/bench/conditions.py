"""What the board is doing: clock, governor, temperature, throttling, other programs. What is unknown is None."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge_ocr.board import number, read_fact, temperature

FLAGS = {
    0: "under-voltage",
    1: "clock capped",
    2: "throttled",
    3: "soft temperature limit",
}
"""Bits of the Raspberry Pi firmware's throttling word, as they hold now (vcgencmd's get_throttled)."""

SINCE_BOOT = 16
"""Bits between a current flag and the same flag since boot."""

THROTTLED_FILE = "sys/devices/platform/soc/soc:firmware/get_throttled"
"""Where some kernels show the word; otherwise the firmware's program vcgencmd knows."""

PATIENCE = 3
"""Longest time for vcgencmd, in seconds."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """One look at the board."""

    governor: str | None
    """How the kernel chooses the clock: "ondemand", "performance"; several are joined by commas."""
    clock_mhz: float | None
    """Of the fastest processor now."""
    top_clock_mhz: float | None
    """The highest clock the kernel would choose."""
    temperature_c: float | None
    """Of the processor; else of the hottest zone."""
    throttled: int | None
    """The firmware's word; see `FLAGS`."""
    load: float | None
    """Processes that ran or waited, mean of the last minute, this program included."""


def look(root: Path = Path("/")) -> Conditions:
    """Read the board's files below `root`, and ask vcgencmd if it exists. Never raises; takes milliseconds."""
    policies = sorted((root / "sys/devices/system/cpu/cpufreq").glob("policy*"))
    governors = sorted({text for policy in policies if (text := read_fact(policy / "scaling_governor"))})
    return Conditions(
        governor=", ".join(governors) or None,
        clock_mhz=_megahertz(policies, "scaling_cur_freq"),
        top_clock_mhz=_megahertz(policies, "scaling_max_freq"),
        temperature_c=temperature(root),
        throttled=_throttled(root),
        load=number(read_fact(root / "proc/loadavg").partition(" ")[0]),
    )


def flags_now(word: int) -> list[str]:
    """What limits the board at this moment."""
    return [name for bit, name in FLAGS.items() if word >> bit & 1]


def flags_since_boot(word: int) -> list[str]:
    """What limited it at some time since boot."""
    return [name for bit, name in FLAGS.items() if word >> (bit + SINCE_BOOT) & 1]


class Bystanders:
    """Processor time of all other programs, from now on."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._busy, self._own, self._since = self._all_busy(), _own_seconds(), time.monotonic()

    def cores(self) -> float | None:
        """Processors that the others kept busy on average until now; children of this process must have ended."""
        busy, taken = self._all_busy(), time.monotonic() - self._since
        if busy is None or self._busy is None or taken <= 0:
            return None
        return round(max(0.0, (busy - self._busy) - (_own_seconds() - self._own)) / taken, 3)

    def _all_busy(self) -> float | None:
        """Seconds that all processors together worked since the boot."""
        fields = read_fact(self._root / "proc/stat").partition("\n")[0].split()
        if len(fields) < 9 or fields[0] != "cpu" or not all(field.isdecimal() for field in fields[1:9]):
            return None
        user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, fields[1:9])
        ticks = user + nice + system + interrupts + soft_interrupts + stolen
        return ticks / float(os.sysconf("SC_CLK_TCK"))


def memory_mb(root: Path = Path("/")) -> tuple[float | None, float | None]:
    """This process' memory now and at its most (resident set: VmRSS, VmHWM), in millions of bytes."""
    found: dict[str, float] = {}
    for line in read_fact(root / "proc/self/status").splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "VmHWM") and value.split():
            found[name] = (number(value.split()[0]) or 0.0) * 1024 / 1e6
    return found.get("VmRSS"), found.get("VmHWM")


def _own_seconds() -> float:
    """Processor time of this process and of its children that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _megahertz(policies: list[Path], name: str) -> float | None:
    values = [value for policy in policies if (value := number(read_fact(policy / name)))]
    return max(values) / 1000 if values else None


def _throttled(root: Path) -> int | None:
    """The firmware's word, from the kernel or from vcgencmd ("throttled=0x50005")."""
    text = read_fact(root / THROTTLED_FILE) or _ask_firmware()
    try:
        return int(text.rpartition("=")[2], 16)
    except ValueError:
        return None


def _ask_firmware() -> str:
    program = shutil.which("vcgencmd")
    if program is None:
        return ""
    with suppress(OSError, subprocess.SubprocessError):
        command = [program, "get_throttled"]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, errors="replace").stdout
    return ""

"""What this machine is, from files of the system, never guessed; what is unknown is None."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

ARM_PARTS = {
    "0xd03": "Cortex-A53",
    "0xd04": "Cortex-A35",
    "0xd05": "Cortex-A55",
    "0xd07": "Cortex-A57",
    "0xd08": "Cortex-A72",
    "0xd0b": "Cortex-A76",
    "0xb76": "ARM1176",
    "0xc07": "Cortex-A7",
}
"""Cores of common boards, by the part number that /proc/cpuinfo has instead of a name."""

CPU_ZONES = ("cpu-thermal", "cpu_thermal", "soc-thermal", "x86_pkg_temp")
"""Types of thermal zones with the processor's own temperature, the better ones first."""

LARGEST_FACT = 1_000_000
"""Characters read of one file; /proc/cpuinfo of a large server has a few hundred thousand."""


@dataclass(frozen=True, slots=True)
class Board:
    """A machine, as it describes itself."""

    model: str | None
    """Of the board, from the device tree: "Raspberry Pi 4 Model B Rev 1.4"."""
    cpu: str | None
    """Model name of the first processor; "Cortex-A72" if only ARM's part number is known."""
    machine: str
    """Architecture: "aarch64", "armv7l", "x86_64"."""
    cores: int | None
    """Processors that this process may use."""
    memory_mb: int | None
    """All memory, in millions of bytes."""
    system: str | None
    """Name of the operating system's release."""
    python: str
    """Version of the Python that runs."""


def find_board(root: Path = Path("/")) -> Board:
    """Describe this machine, from /proc and /etc below `root`. Never raises."""
    cpuinfo = read_fact(root / "proc/cpuinfo")
    return Board(
        # The device tree's texts end in a zero byte. /sys has it where /proc/device-tree is hidden, as in containers.
        model=read_fact(root / "proc/device-tree/model")
        or read_fact(root / "sys/firmware/devicetree/base/model")
        or None,
        cpu=_field(cpuinfo, "model name", ":")
        or ARM_PARTS.get(_field(cpuinfo, "CPU part", ":") or "")
        or _field(cpuinfo, "Hardware", ":"),
        machine=platform.machine() or "unknown",
        cores=_cores(),
        memory_mb=_megabytes(_field(read_fact(root / "proc/meminfo"), "MemTotal", ":")),
        system=_field(read_fact(root / "etc/os-release"), "PRETTY_NAME", "="),
        python=platform.python_version(),
    )


def _field(text: str, key: str, separator: str) -> str | None:
    """The value of the first line `key SEPARATOR value`, without quotes."""
    for line in text.splitlines():
        name, found, value = line.partition(separator)
        if found and name.strip() == key:
            return value.strip().strip("\"'") or None
    return None


def _megabytes(kibibytes: str | None) -> int | None:
    """ "1882412 kB", where the kernel means 1024 bytes, as millions of bytes."""
    number = (kibibytes or "").partition(" ")[0]
    return int(number) * 1024 // 1_000_000 if number.isdecimal() else None


def _cores() -> int | None:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # Only Linux knows.
        return os.cpu_count()


def temperature(root: Path = Path("/")) -> float | None:
    """Of the processor in degrees Celsius, else of the hottest zone; None where the board has no thermal zones."""
    zones: dict[str, float] = {}
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        value = number(read_fact(zone / "temp"))
        if value is not None:
            kind = read_fact(zone / "type")
            zones[kind] = max(value / 1000, zones.get(kind, -273.0))
    own = next((zones[kind] for kind in CPU_ZONES if kind in zones), None)
    return max(zones.values(), default=None) if own is None else own


def read_fact(path: Path) -> str:
    """A file that the system keeps, without the zero byte of the device tree's texts; "" where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LARGEST_FACT).strip("\0 \n")
    except (OSError, ValueError):
        return ""


def number(text: str) -> float | None:
    """What a fact says as a number; None where it is none."""
    try:
        return float(text)
    except ValueError:
        return None

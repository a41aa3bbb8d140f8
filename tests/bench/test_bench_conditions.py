"""What the board was doing, from its own files; unknown where they are absent."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.bench import conditions
from edge_ocr.bench.conditions import FLAGS, Bystanders, Conditions, flags_now, flags_since_boot, look, memory_mb

PI = {
    "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "ondemand\n",
    "sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq": "600000\n",
    "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq": "1500000\n",
    "sys/class/thermal/thermal_zone0/type": "gpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "71000\n",
    "sys/class/thermal/thermal_zone1/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone1/temp": "48312\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    "proc/loadavg": "0.42 0.20 0.10 1/200 999\n",
}


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture(autouse=True)
def no_firmware(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder as the only place of programs: the machine that runs the tests may be a Pi."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin" if not Path("/usr/bin/vcgencmd").exists() else str(programs))
    return programs


def test_a_pi_shows_all(tmp_path: Path) -> None:
    """A run under a slow clock, or on a hot board, would look like any other."""
    seen = look(tree(tmp_path, PI))
    assert seen == Conditions("ondemand", 600.0, 1500.0, 48.312, 0x50005, 0.42)


def test_two_clusters_have_two_governors(tmp_path: Path) -> None:
    """Of a board with fast and slow processors only one half is seen."""
    fast = {name.replace("policy0", "policy4"): text for name, text in PI.items() if "policy0" in name}
    fast["sys/devices/system/cpu/cpufreq/policy4/scaling_governor"] = "performance"
    fast["sys/devices/system/cpu/cpufreq/policy4/scaling_cur_freq"] = "2400000"
    seen = look(tree(tmp_path, {**PI, **fast}))
    assert (seen.governor, seen.clock_mhz) == ("ondemand, performance", 2400.0)


@pytest.mark.parametrize("text", [None, "", "\0\0", "lots", "-", "nan-"])
def test_what_is_unknown_is_none(text: str | None, tmp_path: Path) -> None:
    """A board without these files would end the measurement, or have something made up."""
    files = {name: text for name in PI if text is not None and "governor" not in name}
    assert look(tree(tmp_path, files)) == Conditions(None, None, None, None, None, None)


def test_the_hottest_zone_stands_in(tmp_path: Path) -> None:
    """Boards whose zones have other names have no temperature."""
    zones = {"sys/class/thermal/thermal_zone0/type": "center", "sys/class/thermal/thermal_zone0/temp": "51000",
             "sys/class/thermal/thermal_zone1/temp": "61000"}  # fmt: skip
    assert look(tree(tmp_path, zones)).temperature_c == 61.0


@pytest.mark.parametrize(("script", "word"), [
    ("echo throttled=0x50005", 0x50005), ("echo throttled=0x0", 0), ("exit 1", None), ("echo VCHI failed", None),
    ("sleep 5; echo throttled=0x1", None),
])  # fmt: skip
def test_the_firmware_is_asked(
    script: str, word: int | None, tmp_path: Path, no_firmware: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newer kernels, which show no file, show no throttling; or a hanging firmware hangs us."""
    program = no_firmware / "vcgencmd"
    program.write_text(f'#!/bin/sh\n[ "$1" = get_throttled ] || exit 9\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setattr(conditions, "PATIENCE", 0.5)
    assert look(tmp_path).throttled == word


@pytest.mark.parametrize(("bit", "name"), [
    (0, "under-voltage"), (1, "clock capped"), (2, "throttled"), (3, "soft temperature limit"),
])  # fmt: skip
def test_every_flag_has_its_bit(bit: int, name: str) -> None:
    """Under-voltage would be called heat."""
    assert flags_now(1 << bit) == [name] and flags_since_boot(1 << bit) == []
    assert flags_since_boot(1 << (bit + 16)) == [name] and flags_now(1 << (bit + 16)) == []


@given(st.integers(0, (1 << 20) - 1))
def test_flags_do_not_disturb_each_other(word: int) -> None:
    """Two flags at once are read as a third one."""
    now = sum(1 << bit for bit, name in FLAGS.items() if name in flags_now(word))
    ever = sum(1 << bit for bit, name in FLAGS.items() if name in flags_since_boot(word))
    assert now == word & 0xF and ever == word >> 16 & 0xF


def test_other_programs_are_distinguished_from_our_own_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own load would pass for that of others, or theirs for none."""
    clock, own = iter([100.0, 110.0]), iter([1.0, 6.0])
    monkeypatch.setattr(conditions.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(conditions, "_own_seconds", lambda: next(own))
    monkeypatch.setattr(conditions.os, "sysconf", lambda _: 100)
    tree(tmp_path, {"proc/stat": "cpu  100 0 100 9000 50 0 0 0 0 0\ncpu0 1\n"})
    watch = Bystanders(tmp_path)
    # 8 seconds more of work in 10, 5 of them ours; waiting for the disk (50 more) is no work.
    tree(tmp_path, {"proc/stat": "cpu  600 100 200 9500 100 50 30 20 0 0\ncpu0 1\n"})
    assert watch.cores() == pytest.approx(0.3)


@pytest.mark.parametrize("text", ["", "cpu 1 2\n", "intr 1 2 3 4 5 6 7 8\n", "cpu a b c d e f g h\n"])
def test_without_the_kernels_count_nobody_knows(text: str, tmp_path: Path) -> None:
    """A machine without /proc/stat would be called quiet."""
    assert Bystanders(tree(tmp_path, {"proc/stat": text})).cores() is None


def test_memory(tmp_path: Path) -> None:
    """Megabytes would be off by the kernel's kilobytes, or made up where there is no /proc."""
    assert memory_mb(tmp_path) == (None, None)
    tree(tmp_path, {"proc/self/status": "Name:\tx\nVmHWM:\t  100000 kB\nVmRSS:\t   50000 kB\nVmSwap:\n"})
    assert memory_mb(tmp_path) == (51.2, 102.4)

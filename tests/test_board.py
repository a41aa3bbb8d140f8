"""What the machine is, from its own files."""

from pathlib import Path

import pytest

from edge_ocr.board import find_board


def test_a_raspberry_pi_is_named(tmp_path: Path) -> None:
    """Measurements would not say on which board they were made."""
    for name, text in {
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
        "proc/cpuinfo": "processor\t: 0\nHardware\t: BCM2835\n",
        "proc/meminfo": "MemTotal:        1882412 kB\nMemFree: 1 kB\n",
        "etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    board = find_board(tmp_path)
    assert (board.model, board.cpu) == ("Raspberry Pi 4 Model B Rev 1.4", "BCM2835")
    assert (board.memory_mb, board.system) == (1927, "Debian GNU/Linux 12 (bookworm)")


@pytest.mark.parametrize("content", [None, b"", b"\xff\0:=\n:", b"MemTotal: lots\nPRETTY_NAME=\n"])
def test_what_is_unknown_is_none(content: bytes | None, tmp_path: Path) -> None:
    """`edge-ocr info` would fail on machines that keep no such files, or make something up."""
    for name in ("proc/cpuinfo", "proc/meminfo", "etc/os-release", "proc/device-tree/model"):
        if content is not None and not (name.endswith("model") and content.strip()):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    board = find_board(tmp_path)
    assert (board.model, board.cpu, board.memory_mb, board.system) == (None, None, None, None)
    assert board.machine and board.python


def test_a_64_bit_pi_names_its_core(tmp_path: Path) -> None:
    """There the kernel knows only a part number, and the benchmark's table names no processor."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n")
    assert find_board(tmp_path).cpu == "Cortex-A76"
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nCPU part\t: 0xfff\n")
    assert find_board(tmp_path).cpu is None

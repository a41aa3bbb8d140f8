"""The service on a Pi: what its installer does and refuses, and that its unit is confined."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path("deploy").resolve()


def install(tmp_path: Path, codename: str, bits: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A dry run of the installer on a made system."""
    release = tmp_path / "os-release"
    release.write_text(f"VERSION_CODENAME={codename}\n")
    environment = {**os.environ, "OS_RELEASE": str(release), "BITS": str(bits)}
    command = ["bash", str(DEPLOY / "install.sh"), "--dry-run", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("codename", "bits"), [("bookworm", 64), ("trixie", 64), ("bookworm", 32)])
def test_a_dry_run_tells_every_step_and_does_none(tmp_path: Path, codename: str, bits: int) -> None:
    """A dry run installs, or an installation forgets the service."""
    done = install(tmp_path, codename, bits)
    assert done.returncode == 0
    for step in ("apt-get install", "venv --system-site-packages", "systemctl enable", "/etc/edge-ocr.conf"):
        assert step in done.stderr
    assert ("tflite-runtime" in done.stderr) == (bits == 32)
    assert not Path("/opt/edge-ocr").exists()


@pytest.mark.parametrize(("codename", "bits"), [("bullseye", 64), ("trixie", 32), ("noble", 64)])
def test_another_system_is_refused_in_one_sentence(tmp_path: Path, codename: str, bits: int) -> None:
    done = install(tmp_path, codename, bits)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "Bookworm" in done.stderr


def test_removing_keeps_what_the_user_wrote(tmp_path: Path) -> None:
    done = install(tmp_path, "bookworm", 64, "--uninstall")
    assert done.returncode == 0 and "/etc/edge-ocr.conf and" in done.stderr
    assert "rm -rf" in done.stderr and "rm -rf /etc/edge-ocr.conf" not in done.stderr


def test_an_unknown_option_is_told(tmp_path: Path) -> None:
    done = install(tmp_path, "bookworm", 64, "--instal")
    assert done.returncode == 1 and "--instal" in done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")
def test_the_service_is_confined() -> None:
    """Whoever gets into the camera's program gets into the board."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(DEPLOY / "edge-ocr.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    level = re.search(r"exposure level for edge-ocr.service: ([\d.]+)", done.stdout)
    if level is None:
        pytest.skip("this systemd-analyze knows no --offline")
    assert float(level[1]) <= 2.5


def test_the_unit_runs_what_the_configuration_says() -> None:
    unit, configuration = (DEPLOY / "edge-ocr.service").read_text(), (DEPLOY / "edge-ocr.conf").read_text()
    for name in re.findall(r"^(\w+)=", configuration, re.MULTILINE):
        assert f"${{{name}}}" in unit or f"${name}" in unit
    assert "WatchdogSec=" in unit and "Restart=always" in unit and "Type=notify" in unit

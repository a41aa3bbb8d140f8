"""The service on a Pi: what its installer does and refuses, and that its unit is confined."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path("deploy").resolve()


def install(
    tmp_path: Path, codename: str, bits: int, *arguments: str, architecture: str = ""
) -> subprocess.CompletedProcess[str]:
    """A dry run of the installer on a made system, whose environment, if any, is tmp_path/environment."""
    release = tmp_path / "os-release"
    release.write_text(f"VERSION_CODENAME={codename}\n")
    made = {
        "OS_RELEASE": str(release),
        "BITS": str(bits),
        "ARCHITECTURE": architecture or {64: "arm64", 32: "armhf"}[bits],
        "MADE_ENVIRONMENT": str(tmp_path / "environment"),
    }
    command = ["bash", str(DEPLOY / "install.sh"), "--dry-run", *arguments]
    return subprocess.run(command, env={**os.environ, **made}, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("codename", "bits"), [("bookworm", 64), ("trixie", 64), ("bookworm", 32)])
def test_a_dry_run_tells_every_step_and_does_none(tmp_path: Path, codename: str, bits: int) -> None:
    """A dry run installs, or an installation forgets the service."""
    done = install(tmp_path, codename, bits)
    assert done.returncode == 0
    for step in ("apt-get install", "venv --system-site-packages", "systemctl enable", "/etc/edge-ocr.conf"):
        assert step in done.stderr
    assert ("tflite-runtime" in done.stderr) == (bits == 32)
    assert not Path("/opt/edge-ocr").exists()
    assert "edge-ocr reads" not in done.stderr and done.stderr.endswith("Nothing was done: this was a dry run.\n")


@pytest.mark.parametrize(("codename", "bits"), [("bullseye", 64), ("trixie", 32), ("noble", 64)])
def test_another_system_is_refused_in_one_sentence(tmp_path: Path, codename: str, bits: int) -> None:
    done = install(tmp_path, codename, bits)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "Bookworm" in done.stderr


@pytest.mark.parametrize(("bits", "architecture"), [(64, "amd64"), (32, "i386"), (64, "riscv64")])
def test_another_machine_is_refused_in_one_sentence(tmp_path: Path, bits: int, architecture: str) -> None:
    """Debian on a desktop is called Bookworm too: apt would stop half way, as it has no picamera2 there."""
    done = install(tmp_path, "bookworm", bits, architecture=architecture)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert architecture in done.stderr and "arm64 or armhf" in done.stderr


@pytest.mark.parametrize(("codename", "bits"), [("bookworm", 64), ("trixie", 64), ("bookworm", 32)])
def test_bookworm_keeps_the_numpy_of_its_picamera2(tmp_path: Path, codename: str, bits: int) -> None:
    """pip would bring numpy 2, with which Bookworm's picamera2 cannot be imported; Trixie's can."""
    done = install(tmp_path, codename, bits)
    named = re.findall(r"--constraint (\S+)", done.stderr)
    assert bool(named) == ((codename, bits) == ("bookworm", 64))
    for path in named:
        wanted = Path(path).read_text().splitlines()
        assert "numpy<2" in wanted and "opencv-python-headless<4.12" in wanted


def make_environment(folder: Path, version: str) -> None:
    """What the installer looks at in an environment."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "pip").write_text("#!/bin/sh\n")
    (folder / "bin" / "pip").chmod(0o755)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")


@pytest.mark.skipif(shutil.which("python3") is None, reason="the system has no python3 on its path")
def test_an_environment_of_another_python_is_made_anew(tmp_path: Path) -> None:
    """After an upgrade of the system the service would not find its packages; or each run would make it anew."""
    command = ["python3", "-c", "import platform; print(platform.python_version())"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    make_environment(tmp_path / "environment", version)
    assert "-m venv" not in install(tmp_path, "trixie", 64).stderr
    (tmp_path / "environment" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    assert "-m venv --system-site-packages --clear" in install(tmp_path, "trixie", 64).stderr


@pytest.mark.parametrize("bits", [64, 32])
def test_a_wheel_of_the_same_version_is_installed_all_the_same(tmp_path: Path, bits: int) -> None:
    """pip passes over a wheel of the version that is there: an update would change nothing, and nobody would know."""
    wheel = tmp_path / "edge_ocr-0.1.0-py3-none-any.whl"
    wheel.touch()
    done = install(tmp_path, "bookworm", bits, str(wheel))
    assert re.search(rf"--no-deps --force-reinstall {re.escape(str(wheel))}$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("name", ["gone-0.1.0-py3-none-any.whl", "notes.txt"])
def test_what_is_no_wheel_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """It would be found out after apt has installed its packages."""
    (tmp_path / "notes.txt").touch()
    done = install(tmp_path, "bookworm", 64, str(tmp_path / name))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and name in done.stderr


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


def make(tmp_path: Path, program: str, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`make` with one of its programs replaced by a shell script."""
    stand_in = tmp_path / program.lower()
    stand_in.write_text(f"#!/bin/sh\n{script}\n")
    stand_in.chmod(0o755)
    command = ["make", "--no-print-directory", f"{program}={stand_in}", *arguments]
    return subprocess.run(command, cwd=DEPLOY.parent, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not there")
@pytest.mark.parametrize(("has_picamera2", "is_3_11"), [(True, True), (True, False), (False, True)])
def test_the_demo_sees_apts_picamera2(tmp_path: Path, has_picamera2: bool, is_3_11: bool) -> None:
    """On a Pi the demo would never find its camera, or on Bookworm not load what drives it."""
    answers = f'case "$2" in *picamera2*) {str(has_picamera2).lower()};; *version*) {str(is_3_11).lower()};; esac'
    done = make(tmp_path, "PYTHON", answers, "--dry-run", "--always-make", ".venv-demo/installed")
    assert done.returncode == 0 and "-m venv" in done.stdout
    assert ("--system-site-packages" in done.stdout) == has_picamera2
    assert ("--constraint deploy/constraints-bookworm.txt" in done.stdout) == (has_picamera2 and is_3_11)
    assert (DEPLOY / "constraints-bookworm.txt").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not there")
@pytest.mark.parametrize(("camera", "source"), [("pi:1  imx708", "pi:1"), ("", "edge_ocr/samples/note.mp4")])
def test_the_demo_asks_for_writing_before_a_camera(tmp_path: Path, camera: str, source: str) -> None:
    """It would wait before a bare wall for ever; or, without a camera, ask for what no one can do."""
    script = f'[ "$1" != cameras ] || echo "{camera}"\necho "$@" >> {tmp_path}/said'
    done = make(tmp_path, "EDGE_OCR", script, "--old-file=.venv-demo/installed", "demo")
    assert done.returncode == 0
    assert ("Hold writing before the camera." in done.stderr) == bool(camera)
    assert f"live --camera {source} --once" in (tmp_path / "said").read_text()


@pytest.mark.parametrize(("change", "code"), [
    ({}, 0),
    ({"reader": [1, 2, 4]}, 0),  # As far apart as from the reference.
    ({"reader": [1, 2, 7]}, 1),
    ({"reference": [1, 3, 3]}, 1),
])  # fmt: skip
def test_another_machine_may_differ_no_more_than_its_kernels_do(
    tmp_path: Path, change: dict[str, list[int]], code: int
) -> None:
    """A model that reads otherwise on a Pi passes for the same."""
    here = {"logits": {"lines": {"reader": [1, 2, 3], "reference": [1, 2, 2]}}, "texts": {"note.jpg": "HI"}}
    there = {**here, "logits": {"lines": {**here["logits"]["lines"], **change}}}  # type: ignore[dict-item]
    for name, digest in (("here", here), ("there", there)):
        (tmp_path / name).write_text(json.dumps(digest))
    command = [sys.executable, str(DEPLOY / "digest.py"), "--compare", str(tmp_path / "here"), str(tmp_path / "there")]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == code

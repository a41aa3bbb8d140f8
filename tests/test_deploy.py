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

NOTED = """#!/bin/sh
echo "${0##*/} $*" >> "$INSTALL_ROOT/done"
"""
"""A program that only notes how it was called."""

PROGRAMS = {
    "apt-get": NOTED,
    "systemctl": NOTED,
    "useradd": NOTED + 'echo "edge-ocr:x:998:998::/home/edge-ocr:/usr/sbin/nologin" > "$INSTALL_ROOT/account"\n',
    "userdel": NOTED + 'rm "$INSTALL_ROOT/account"\n',
    # The tests need not be root's; the account is there once useradd has made it.
    "id": '#!/bin/sh\nif [ "$1" = -u ]; then echo "${USER_ID:-0}"; else test -e "$INSTALL_ROOT/account"; fi\n',
    "getent": '#!/bin/sh\ncat "$INSTALL_ROOT/account" 2>/dev/null\n',
    "getconf": '#!/bin/sh\necho "$BITS"\n',
    "dpkg": '#!/bin/sh\necho "$ARCHITECTURE"\n',
    # Without an account there is no group to give a file to.
    "install": """#!/bin/bash
arguments=(); while [ $# -gt 0 ]; do if [ "$1" = -g ]; then shift; else arguments+=("$1"); fi; shift; done
exec /usr/bin/install "${arguments[@]}"
""",
    "python3": NOTED
    + """if [ "$1" = -c ]; then echo 3.13; exit; fi
for folder; do :; done
[ ! -e "$folder/stranger" ] || exit 1
mkdir -p "$folder/bin"
echo "version = 3.13.5" > "$folder/pyvenv.cfg"
printf '#!/bin/sh\\necho "pip $*" >> "$INSTALL_ROOT/done"\\n' > "$folder/bin/pip"
chmod +x "$folder/bin/pip"
""",
}
"""What the installer calls, without effects outside of its INSTALL_ROOT."""


SHELL = ("bash-completion/completions/edge-ocr", "zsh/site-functions/_edge-ocr", "man/man1/edge-ocr.1")
"""What makes the shell know the command."""


class Board:
    """A made Raspberry Pi: a root folder, and programs that note what they are asked for."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs = folder / "root", folder / "programs"
        self.programs.mkdir()
        for name, script in PROGRAMS.items():
            (self.programs / name).write_text(script)
            (self.programs / name).chmod(0o755)
        (self.root / "etc/systemd/system").mkdir(parents=True)
        self.unit, self.configuration = self.path("etc/systemd/system/edge-ocr.service"), self.path("etc/edge-ocr.conf")

    def path(self, name: str) -> Path:
        return self.root / name

    def install(
        self, *arguments: str, codename: str = "trixie", bits: int = 64, architecture: str = "", user: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run the installer; `self.done` then has a line for each program that it called."""
        self.path("etc/os-release").write_text(f"VERSION_CODENAME={codename}\n")
        self.path("done").write_text("")
        made = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "INSTALL_ROOT": str(self.root),
            "BITS": str(bits),
            "ARCHITECTURE": architecture or {64: "arm64", 32: "armhf"}[bits],
            "USER_ID": str(user),
        }
        command = ["bash", str(DEPLOY / "install.sh"), *arguments]
        return subprocess.run(command, env={**os.environ, **made}, capture_output=True, text=True, timeout=60)

    @property
    def done(self) -> list[str]:
        lines = self.path("done").read_text().splitlines()
        return [line for line in lines if not line.startswith("python3 -c")]

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()} - {"done"}


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def order(done: list[str], *starts: str) -> list[int]:
    """Where the first call that starts so stands among all calls."""
    return [next(number for number, line in enumerate(done) if line.startswith(start)) for start in starts]


@pytest.mark.parametrize(("codename", "bits"), [("bookworm", 64), ("trixie", 64), ("bookworm", 32)])
def test_an_installation_leaves_a_service_that_starts(board: Board, codename: str, bits: int) -> None:
    """The service lacks its program, its unit, its account or its configuration, or starts before it has them."""
    done = board.install(codename=codename, bits=bits)
    assert done.returncode == 0, done.stderr
    assert board.unit.read_text() == (DEPLOY / "edge-ocr.service").read_text()
    assert board.configuration.read_text() == (DEPLOY / "edge-ocr.conf").read_text()
    assert board.configuration.stat().st_mode & 0o777 == 0o640  # It may hold a token.
    assert board.path("etc/logrotate.d/edge-ocr").read_text() == (DEPLOY / "edge-ocr.logrotate").read_text()
    assert (board.root / "account").exists() and (board.root / "opt/edge-ocr/bin/pip").exists()
    assert board.files() >= {f"usr/local/share/{name}" for name in SHELL}
    steps = "apt-get update", "apt-get install", "python3 -m venv --system-site-packages", "pip install", "useradd"
    places = order(board.done, *steps, "systemctl daemon-reload", "systemctl enable", "systemctl restart")
    assert places == sorted(places)
    packages = next(line for line in board.done if line.startswith("apt-get install")).split()
    assert "python3-picamera2" in packages and ("python3-opencv" in packages) == (bits == 32)
    assert any("tflite-runtime==" in line for line in board.done) == (bits == 32)


def test_a_second_run_keeps_the_users_configuration_and_account(board: Board) -> None:
    """An update loses the camera that somebody chose, or fails since its account is there."""
    board.install()
    board.configuration.write_text("CAMERA=usb:0\n")
    done = board.install()
    assert done.returncode == 0 and board.configuration.read_text() == "CAMERA=usb:0\n"
    assert not any(line.startswith(("useradd", "python3 -m venv")) for line in board.done)
    assert any(line.startswith("systemctl restart") for line in board.done)


def test_a_dry_run_shows_each_step_and_takes_none(board: Board) -> None:
    """A dry run installs something, or hides a step of the real one."""
    shown = board.install("--dry-run", user=1000)
    assert shown.returncode == 0 and board.done == [] and board.files() == {"etc/os-release"}
    assert shown.stderr.endswith("Nothing was done: this was a dry run.\n")
    real = board.install()
    commands = [line for line in shown.stderr.splitlines() if line.startswith("+ ")]
    assert commands == [line for line in real.stderr.splitlines() if line.startswith("+ ")]


def test_only_root_may_install(board: Board) -> None:
    """It fails half way, at the first file that it may not write."""
    done = board.install(user=1000)
    assert done.returncode == 1 and "sudo" in done.stderr and board.done == []


@pytest.mark.parametrize(("codename", "bits"), [("bullseye", 64), ("trixie", 32), ("noble", 64)])
def test_another_system_is_refused_in_one_sentence(board: Board, codename: str, bits: int) -> None:
    """apt and pip fail one after the other, and leave half an installation."""
    done = board.install(codename=codename, bits=bits)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "Bookworm" in done.stderr
    assert board.done == []


@pytest.mark.parametrize(("bits", "architecture"), [(64, "amd64"), (32, "i386"), (64, "riscv64")])
def test_another_machine_is_refused_in_one_sentence(board: Board, bits: int, architecture: str) -> None:
    """Debian on a desktop is called Bookworm too: apt would stop half way, as it has no picamera2 there."""
    done = board.install(codename="bookworm", bits=bits, architecture=architecture)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and board.done == []
    assert architecture in done.stderr and "arm64 or armhf" in done.stderr


@pytest.mark.parametrize(("codename", "bits"), [("bookworm", 64), ("trixie", 64), ("bookworm", 32)])
def test_only_what_was_tried_is_installed(board: Board, codename: str, bits: int) -> None:
    """A package that was changed on its way, or a release that came out today, runs as the service."""
    board.install(codename=codename, bits=bits)
    named = re.findall(r"--require-hashes .*--requirement (\S+)", "\n".join(board.done))
    assert named == ([] if bits == 32 else [str(DEPLOY / f"requirements-{codename}.txt")])


def pins(codename: str) -> dict[str, str]:
    """The versions of a lock."""
    text = (DEPLOY / f"requirements-{codename}.txt").read_text()
    assert "://" not in text  # Whoever installs it chooses where from.
    entries = re.findall(r"^([\w-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^\w.*==", text, re.MULTILINE))
    return {name: version for name, version, _ in entries}


@pytest.mark.parametrize("codename", ["bookworm", "trixie"])
def test_the_locks_hold_what_the_service_needs(codename: str) -> None:
    """`make lock` was forgotten: the service lacks a package, or has a version that pyproject.toml refuses."""
    tomllib = pytest.importorskip("tomllib")
    from packaging.requirements import Requirement

    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    machine = {"platform_machine": "aarch64", "python_version": {"bookworm": "3.11", "trixie": "3.13"}[codename]}
    for line in (*project["dependencies"], *extras["preview"], *extras["mqtt"]):
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate(machine):
            assert needed.specifier.contains(pins(codename)[needed.name]), line


def test_bookworm_keeps_the_numpy_of_its_picamera2() -> None:
    """pip brings numpy 2, with which Bookworm's picamera2 cannot be imported; Trixie's can."""
    assert pins("bookworm")["numpy"].startswith("1.") and pins("trixie")["numpy"].startswith("2.")
    wanted = (DEPLOY / "constraints-bookworm.txt").read_text().splitlines()  # By hand, and for the demo.
    assert "numpy<2" in wanted and "opencv-python-headless<4.12" in wanted


def test_an_environment_of_another_python_is_made_anew(board: Board) -> None:
    """After an upgrade of the system the service does not find its packages."""
    board.install()
    board.path("opt/edge-ocr/pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    board.path("opt/edge-ocr/lib").mkdir()
    board.install()
    assert any(line.startswith("python3 -m venv --system-site-packages") for line in board.done)
    assert not board.path("opt/edge-ocr/lib").exists()
    assert "3.13" in board.path("opt/edge-ocr/pyvenv.cfg").read_text()


def test_an_environment_whose_pip_is_broken_is_made_anew(board: Board) -> None:
    """Every later update ends in pip's traceback."""
    board.install()
    board.path("opt/edge-ocr/bin/pip").write_text("#!/bin/sh\nexit 1\n")
    assert board.install().returncode == 0
    assert any(line.startswith("pip install") for line in board.done)


def test_an_installation_that_was_interrupted_goes_on(board: Board) -> None:
    """Its half of a folder is taken for a stranger's."""
    (board.programs / "python3").write_text(PROGRAMS["python3"] + "exit 1\n")
    assert board.install().returncode == 1
    (board.programs / "python3").write_text(PROGRAMS["python3"])
    assert board.install().returncode == 0


@pytest.mark.parametrize("kind", ["folder", "link", "file"])
def test_what_is_not_its_own_is_neither_emptied_nor_removed(board: Board, tmp_path: Path, kind: str) -> None:
    """Somebody's /opt/edge-ocr, or what it links to, is gone."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").touch()
    board.path("opt").mkdir()
    place = board.path("opt/edge-ocr")
    {"folder": precious.rename, "link": lambda to: to.symlink_to(precious), "file": Path.touch}[kind](place)
    for arguments in ((), ("--dry-run",)):
        done = board.install(*arguments)
        assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "move" in done.stderr
        assert board.done == []
    done = board.install("--uninstall")
    assert done.returncode == 0 and "not this installer's" in done.stderr
    assert os.path.lexists(place) and (kind == "file" or (place / "thesis.txt").exists())


def test_a_persons_account_is_neither_used_nor_removed(board: Board) -> None:
    """A person of that name is read by the service, and removed with it."""
    board.path("account").write_text("edge-ocr:x:1000:1000:Eddie:/home/edge-ocr:/bin/bash\n")
    done = board.install()
    assert done.returncode == 1 and "is a person's" in done.stderr and board.done == []
    done = board.install("--uninstall")
    assert done.returncode == 0 and "is a person's" in done.stderr
    assert not any(line.startswith("userdel") for line in board.done)


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_the_systems_file_is_read_not_run(board: Board, quote: str) -> None:
    """Whoever may write /etc/os-release, or an image of it, runs what he likes as root."""
    done = board.install(codename=f"{quote}trixie{quote}\ntouch $INSTALL_ROOT/run; $(touch $INSTALL_ROOT/run)")
    assert done.returncode == 0 and not board.path("run").exists()


@pytest.mark.parametrize("bits", [64, 32])
def test_a_wheel_of_the_same_version_is_installed_all_the_same(board: Board, tmp_path: Path, bits: int) -> None:
    """pip skips a wheel of the version that is there: an update changes nothing, and nobody knows."""
    wheel = tmp_path / "edge_ocr-0.1.0-py3-none-any.whl"
    wheel.touch()
    board.install(str(wheel), codename="bookworm", bits=bits)
    assert [line for line in board.done if line.endswith(f"--no-deps --force-reinstall {wheel}")]


@pytest.mark.parametrize("name", ["gone-0.1.0-py3-none-any.whl", "notes.txt"])
def test_what_is_no_wheel_is_refused_at_once(board: Board, tmp_path: Path, name: str) -> None:
    """It is found out after apt has installed its packages."""
    (tmp_path / "notes.txt").touch()
    done = board.install(str(tmp_path / name))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and name in done.stderr and board.done == []


def test_removing_keeps_what_the_user_wrote(board: Board) -> None:
    """The configuration and the texts are gone, or the service stays."""
    board.install()
    texts = board.path("var/lib/edge-ocr/texts.jsonl")
    texts.parent.mkdir(parents=True)
    texts.touch()
    done = board.install("--uninstall")
    assert done.returncode == 0 and "were left" in done.stderr
    assert board.files() == {"etc/os-release", "etc/edge-ocr.conf", "var/lib/edge-ocr/texts.jsonl"}
    assert board.done[0] == "systemctl disable --now edge-ocr.service" and "userdel edge-ocr" in board.done


def test_removing_what_was_never_installed_fails_at_nothing(board: Board) -> None:
    """Removing it twice ends with an error of systemctl."""
    assert board.install("--uninstall").returncode == 0
    assert board.done == ["systemctl daemon-reload"]


def test_an_unknown_option_is_refused(board: Board) -> None:
    """A mistyped --dry-run installs."""
    done = board.install("--dryrun")
    assert done.returncode == 1 and "--dryrun" in done.stderr and board.done == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")
def test_the_service_is_confined() -> None:
    """Whoever gets into the camera's program gets into the board."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(DEPLOY / "edge-ocr.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    level = re.search(r"exposure level for edge-ocr.service: ([\d.]+)", done.stdout)
    if level is None:
        pytest.skip("this systemd-analyze knows no --offline")
    assert float(level[1]) <= 2.5


def test_the_unit_is_watched() -> None:
    unit = (DEPLOY / "edge-ocr.service").read_text()
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

"""RTSP cameras against a real server, GStreamer's: passwords, a wrong address, a restart, TLS."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest

from edge_ocr import CameraNotFound, open_camera
from tests.live.test_loop import COMMAND, scene
from tests.outputs.mosquitto import free_port

PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
PARTS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst; Gst.init(None); " + (
    "raise SystemExit(not all(map(Gst.ElementFactory.find, ('x264enc', 'rtph264pay', 'pngdec'))))"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", PARTS], capture_output=True).returncode != 0,
        reason="there is no RTSP server: apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good "
        "gstreamer1.0-plugins-ugly",
    ),
]


@contextmanager
def serving(port: int, picture: Path, *certificate: str) -> Iterator[None]:
    """A server that knows ann and her password."""
    command = [PYTHON, str(SERVER), str(port), "ann", "hidden", str(picture), *certificate]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    for number, text in enumerate(("A1BO", "1A BOB")):
        cv2.imwrite(str(tmp_path / f"{number}.png"), scene(text))
    return tmp_path / "0.png", tmp_path / "1.png"


def test_a_camera_is_read_and_outlasts_its_restart(pictures: tuple[Path, Path]) -> None:
    """A router that starts anew at night leaves the service blind, or the password stands in the journal."""
    port = free_port()
    with subprocess.Popen(
        [*COMMAND, "--camera", f"rtsp://ann:hidden@127.0.0.1:{port}/live"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for picture, text in zip(pictures, ("A1BO\n", "1A BOB\n"), strict=True):
            with serving(port, picture):
                while process.stdout.readline() != text:
                    assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "hidden" not in said and "Traceback" not in said
    assert f"rtsp://ann:***@127.0.0.1:{port}/live" in said


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_a_refusal_says_what_is_wrong(scheme: str, pictures: tuple[Path, Path], tmp_path: Path) -> None:
    """Somebody looks for a wrong password where the path is wrong, or the other way round."""
    port, certificate = free_port(), []
    if scheme == "rtsps":
        names = "-subj", "/CN=camera", "-addext", "subjectAltName=IP:127.0.0.1"
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names]
        files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
        subprocess.run([*made, *files], check=True, capture_output=True)
        both = (tmp_path / "key.pem").read_text() + (tmp_path / "certificate.pem").read_text()
        (tmp_path / "both.pem").write_text(both)
        certificate = [str(tmp_path / "both.pem")]
    with serving(port, pictures[0], *certificate):
        with open_camera(f"{scheme}://ann:hidden@127.0.0.1:{port}/live") as camera:
            assert camera.grab() is not None
        for login, path, words in (
            ("", "live", "asks for a user and a password"),
            ("ann:wrong@", "live", "refuses the user or the password"),
            ("ann:hidden@", "other", "has no stream at this address"),
        ):
            with pytest.raises(CameraNotFound, match=words) as said:
                open_camera(f"{scheme}://{login}127.0.0.1:{port}/{path}").__enter__()
            assert "hidden" not in str(said.value)

"""Cameras at web addresses: snapshots and MJPEG, and what is said when there is none."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import CameraLost, CameraNotFound, open_camera
from edge_ocr.cameras import Settings
from edge_ocr.cameras.address import normal, shown, take_apart
from edge_ocr.cameras.multipart import parts
from tests.cameras.http_camera import CameraServer, jpeg, serving
from tests.live.test_loop import COMMAND

QUICK = Settings(snapshot_s=0.01)


@pytest.fixture(scope="module")
def camera() -> Iterator[CameraServer]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def usual_picture(camera: CameraServer) -> None:
    camera.picture = jpeg()
    camera.requests.clear()


@pytest.mark.parametrize("kind", ["image/jpeg", "image/jpg;x=1", ""])
def test_a_snapshot_is_asked_for_again_and_again(camera: CameraServer, kind: str) -> None:
    """One picture comes, and then the camera counts as lost."""
    with open_camera(camera.url(f"/snapshot.jpg?kind={kind}"), QUICK) as opened:
        first = opened.grab()
        camera.picture = jpeg(20)
        second = opened.grab()
    assert opened.live and first is not None and second is not None
    assert first.shape == (48, 64, 3) and abs(int(first.mean()) - 128) < 3 and abs(int(second.mean()) - 20) < 3
    assert len(camera.requests) == 2


@pytest.mark.parametrize("how", ["", "length=0", "bd=other&sep=frame", "ct=0", "length=0&end=0&sep=--x"])
def test_a_stream_gives_its_pictures_whatever_it_leaves_out(camera: CameraServer, how: str) -> None:
    """A camera that names another separator, or no length, shows nothing."""
    with pytest.raises(CameraLost, match="no pictures any more"), open_camera(camera.url(f"/stream?n=4&{how}")) as it:
        for number in range(9):
            image = it.grab()
            assert image is not None and image.shape == (48, 64, 3) and number < 4
    assert number == 4 or "end=0" in how


@pytest.mark.parametrize(("path", "kind", "words"), [
    ("/auth", CameraNotFound, "asks for a user and a password"),
    ("/none", CameraNotFound, "nothing at this address"),
    ("/html", CameraNotFound, "web page"),
    ("/forbidden", CameraNotFound, "rights"),
    ("/broken", CameraLost, "trouble of its own"),
])  # fmt: skip
def test_an_answer_that_is_no_picture_is_named(camera: CameraServer, path: str, kind: type, words: str) -> None:
    """A wrong password, a wrong address and a login page all 'do not answer'."""
    with pytest.raises(kind, match=words), open_camera(camera.url(path)):
        pass


def test_a_wrong_password_is_said_and_the_right_one_opens(camera: CameraServer) -> None:
    with pytest.raises(CameraNotFound, match="refuses the user or the password") as said:
        open_camera(camera.url("/auth", "admin:WRONG@")).__enter__()
    assert "WRONG" not in str(said.value) and "admin:***@127.0.0.1" in str(said.value)
    with open_camera(camera.url("/auth", "admin:s3cret@")) as opened:
        assert opened.grab() is not None and "s3cret" not in opened.name


def test_no_answer_is_a_loss_that_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(CameraLost, match=r"does not answer.*refused"), open_camera(f"http://127.0.0.1:{port}/x"):
        pass


@pytest.mark.parametrize("url", ["http://[::1/x", "http://host:port/"])
def test_an_address_that_is_none_is_one_sentence(url: str) -> None:
    with pytest.raises(CameraNotFound, match="no address"):
        open_camera(url)


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(camera: CameraServer) -> None:
    """A camera set to its largest pictures takes 2.5 GB of a board that has one."""
    small = bytearray(jpeg())
    place = small.index(b"\xff\xc0") + 5
    small[place : place + 4] = (16000).to_bytes(2, "big") * 2
    camera.picture = bytes(small)
    for path in ("/stream", "/snapshot.jpg"):
        with pytest.raises(CameraNotFound, match=r"16000x16000.*megapixels"), open_camera(camera.url(path)) as opened:
            opened.grab()


@pytest.mark.parametrize("data", [b"no picture", b"", b"\xff\xd8\xff\xff\xff", jpeg()[:100]])
def test_bytes_that_are_no_picture_are_a_loss(camera: CameraServer, data: bytes) -> None:
    """One torn picture ends the service with exit code 70."""
    camera.picture = data
    with pytest.raises(CameraLost), open_camera(camera.url("/snapshot.jpg"), QUICK) as opened:
        opened.grab()


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = 0
    for cut in cuts:
        yield data[at : at + cut]
        at += cut
    while at < len(data):
        yield data[at : at + 1000]
        at += 1000


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=4), st.booleans(), st.lists(st.integers(1, 50)))
def test_pictures_come_out_of_a_stream_as_they_went_in(
    pictures: list[bytes], has_length: bool, cuts: list[int]
) -> None:
    """A picture is cut where the network cuts it, or where it holds the letters of a separator."""
    body = b""
    for picture in pictures:
        length = b"Content-Length: %d\r\n" % len(picture) if has_length else b""
        body += b"--a-long-separator\r\n" + length + b"\r\n" + picture + b"\r\n"
    came = pieces(body + b"--a-long-separator--\r\n", cuts)
    got = list(parts(lambda _: next(came, b""), 1000))
    if not has_length:  # The end of line before a separator may be one byte or two.
        got, pictures = ([one.rstrip(b"\r") for one in some] for some in (got, pictures))
    assert got == pictures


@given(st.binary(max_size=3000))
def test_a_stream_of_anything_ends_in_a_sentence(body: bytes) -> None:
    came = pieces(body, [])
    try:
        assert all(isinstance(picture, bytes) for picture in parts(lambda _: next(came, b""), 500))
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(("source", "name"), [
    ("http://admin:pass@host/a.jpg", "http://admin:***@host/a.jpg"),
    ("rtsp://admin:p@ss:w@host:554/a?b=1", "rtsp://admin:***@host:554/a?b=1"),
    ("rtsp://admin:p/ss@host/a", "rtsp://admin:***@host/a"),
    ("http://host/snap?user=a&pwd=geheim&size=3", "http://host/snap?user=a&pwd=***&size=3"),
    ("http://host/cgi?loginpas=geheim", "http://host/cgi?loginpas=***"),
    ("htp://a:secret@host", "htp://a:***@host"), ("a:secret@host/x", "a:***@host/x"),
    ("http://[::1]:80/x", "http://[::1]:80/x"), ("notes/film@home.mp4", "notes/film@home.mp4"), ("usb:0", "usb:0"),
])  # fmt: skip
def test_a_name_is_shown_without_its_password(source: str, name: str) -> None:
    """The journal, and everybody who sees the page, knows the camera's password."""
    assert shown(source) == name


@given(st.text("ab:@/?#&=%.[]", max_size=20))
def test_a_password_is_hidden_whatever_stands_around_it(tail: str) -> None:
    assert "SECRET" not in shown(f"rtsp://user:SECRET@host/{tail}")
    assert "SECRET" not in shown(f"http://host/path?password=SECRET&{tail}")


def test_credentials_are_taken_out_of_an_address() -> None:
    assert take_apart("http://a%40b:p%3Aw@host:81/x?y=1") == ("http://host:81/x?y=1", "a@b", "p:w")
    assert take_apart("http://host") == ("http://host/", None, "")
    assert normal("RTSPS://Host/Path") == "rtsps://Host/Path" and normal("film.mp4") == "film.mp4"


class Rtsp(threading.Thread):
    """Answers every request with one status."""

    def __init__(self, status: bytes) -> None:
        super().__init__(daemon=True)
        self.status, self.socket = status, socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            try:
                channel, _ = self.socket.accept()
                with channel:
                    while data := channel.recv(4000):
                        number = data.partition(b"CSeq: ")[2].partition(b"\r")[0]
                        channel.sendall(b"RTSP/1.0 " + self.status + b"\r\nCSeq: " + number + b"\r\n\r\n")
            except OSError:
                if self.socket.fileno() < 0:
                    return


@pytest.mark.parametrize(("status", "credentials", "words"), [
    (b"401 Unauthorized", "", "asks for a user"), (b"401 Unauthorized", "a:SECRET@", "refuses the user"),
    (b"404 Not Found", "", "no stream at this address"), (b"500 Oops", "", "does not answer"),
])  # fmt: skip
def test_an_rtsp_camera_that_refuses_says_why(status: bytes, credentials: str, words: str) -> None:
    """OpenCV says only that the stream could not be opened."""
    server = Rtsp(status)
    try:
        with pytest.raises((CameraNotFound, CameraLost), match=words) as said:
            open_camera(f"RTSP://{credentials}127.0.0.1:{server.port}/live").__enter__()
        assert "SECRET" not in str(said.value)
    finally:
        server.socket.close()


def test_live_says_nothing_of_each_picture_and_no_password(camera: CameraServer) -> None:
    """The journal fills with two lines a picture, or holds the password."""
    camera.picture = jpeg(200, (320, 200))
    command = [*COMMAND, "--camera", camera.url("/snapshot.jpg?token=SECRET"), "--once", "--timeout", "4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 22 and len(camera.requests) >= 3
    assert len(done.stderr.splitlines()) <= 2 and "SECRET" not in done.stderr
    command = [*COMMAND, "--camera", camera.url("/auth", "admin:SECRET@")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 14 and "refuses the user" in done.stderr and "SECRET" not in done.stderr


@pytest.mark.slow
def test_a_slow_stream_does_not_abort_the_end(camera: CameraServer) -> None:
    """`--once` gives its text, and exit code 134 with it, in 5 of 8 runs."""
    camera.picture = jpeg(200, (320, 200))
    for path in ("/stream?fps=0.7", "/stream?fps=2.5", "/stream?fps=2.5"):
        command = [*COMMAND, "--camera", camera.url(path), "--once", "--timeout", "1.2"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 22 and "FATAL" not in done.stderr


HELD = """
import sys, threading
sys.path.insert(0, ".")
from edge_ocr.live.capture import Capture
from edge_ocr.cameras.behind import end_past_them
from tests.live.test_capture import Fake
asked, answer = threading.Event(), threading.Event()
class Held(Fake):
    def grab(self):
        asked.set()
        {wait}
        print("came back", flush=True)
with Capture(Held(1)):
    assert asked.wait(60)
threading.Timer(0.5, answer.set).start() if {program} else end_past_them(22)
"""


@pytest.mark.parametrize(("program", "code", "out"), [(True, 0, "came back\n"), (False, 22, "")])
def test_a_driver_that_holds_a_thread_is_waited_for_or_left(program: bool, code: int, out: str) -> None:
    """Native code that comes back into an ended interpreter aborts the process."""
    script = HELD.format(wait="answer.wait(60)", program=program)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, "")


def test_a_grey_snapshot_is_a_picture(camera: CameraServer) -> None:
    camera.picture = bytes(cv2.imencode(".png", np.full((48, 64), 90, np.uint8))[1])
    with open_camera(camera.url("/snapshot.jpg?kind=image/png")) as opened:
        image = opened.grab()
    assert image is not None and image.shape == (48, 64, 3)

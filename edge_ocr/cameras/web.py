"""A camera at a web address: one picture at each request (a snapshot), or a stream of JPEGs (MJPEG).

Other streams of the web, such as HLS, are left to FFmpeg. Python's own client is used where OpenCV would do, since that
distinguishes a wrong password from a missing page and from no answer, and since a picture's size is known before it is
decoded.
"""

import http.client
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    OpenerDirector,
    Request,
    build_opener,
)

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_ocr.cameras.address import Address, shown, take_apart
from edge_ocr.cameras.camera import Camera, Frames, Settings, check_size
from edge_ocr.cameras.multipart import JPEG, parts
from edge_ocr.cameras.video import TIMEOUT_MS, Video
from edge_ocr.errors import CameraLost, CameraNotFound
from edge_ocr.picture.decoding import still_png
from edge_ocr.picture.header import parse_header

TIMEOUT_S = TIMEOUT_MS / 1000

LARGEST_PICTURE = 32 << 20
"""Bytes of one compressed picture."""

REFUSED = {
    401: "refuses the user or the password: check both",
    403: "refuses to show its picture: check the user's rights and the address",
    404: "has nothing at this address: check what follows the host's name",
}
"""What answers mean."""

LOGIN = "asks for a user and a password: write http://USER:PASSWORD@HOST/..., or put that into a file (--camera @FILE)"


class WebCamera(Frames):
    """Asks first, then knows what kind of camera it is."""

    live = True

    def __init__(self, url: str, settings: Settings) -> None:
        """Raises CameraNotFound for an address that is none."""
        self.name = shown(url)
        self._url, self._settings = url, settings
        try:
            self._address = take_apart(url)
        except ValueError as error:
            raise CameraNotFound(f"{self.name} is no address ({error}): expected http://HOST/...") from error
        self._opener = _opener(self._address)
        self._stack = ExitStack()
        self._pictures: Iterator[bytes] | None = None
        self._video: Camera | None = None

    def __enter__(self) -> "WebCamera":
        """Raises CameraLost where nothing answers, CameraNotFound where the answer is no picture."""
        answer = self._stack.enter_context(self._ask())
        kind = (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        try:
            if kind == "text/html":
                raise CameraNotFound(
                    f"{self.name} is a web page: expected the address of the picture or the stream itself, such as "
                    "http://HOST/snapshot.jpg"
                )
            if kind.startswith("image/") or (not kind and answer.peek(2).startswith(JPEG)):
                self._pictures = self._snapshots(answer)
            elif kind.startswith("multipart/") or not kind:
                self._pictures = parts(answer.read1, LARGEST_PICTURE)
            else:
                self._stack.close()
                self._video = self._stack.enter_context(Video(self.name, self._url, self._settings, live=True))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pictures = self._video = None
        self._stack.close()

    def grab(self) -> NDArray[np.uint8] | None:
        """The next picture, BGR. Raises CameraLost if none comes, or none that can be decoded."""
        if self._video is not None:
            return self._video.grab()
        assert self._pictures is not None
        try:
            data = next(self._pictures, None)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if isinstance(error, CameraLost | CameraNotFound):
                raise
            raise CameraLost(f"{self.name} gives no pictures any more ({_reason(error)}): check its network") from error
        if data is None:
            raise CameraLost(f"{self.name} gives no pictures any more: check its cable or its network")
        return self._decode(data)

    def _decode(self, data: bytes) -> NDArray[np.uint8]:
        try:
            header = parse_header(data)
        except ValueError as error:
            raise CameraLost(f"{self.name} sends something that is no picture: expected JPEG") from error
        check_size(self.name, header.width, header.height)
        if header.animated:
            data = still_png(data)  # OpenCV 4.11 crashes on some animations.
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise CameraLost(f"{self.name} sends pictures that cannot be decoded: expected JPEG")
        return np.asarray(image, np.uint8)

    def _snapshots(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        """The picture of the first answer, then one of each further request."""
        due = time.monotonic()
        while True:
            with answer:
                data = answer.read(LARGEST_PICTURE + 1)
            if len(data) > LARGEST_PICTURE:
                raise ValueError(f"a picture of more than {LARGEST_PICTURE >> 20} MB")
            yield data
            due += self._settings.snapshot_s
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due, time.monotonic())
            answer = self._ask()

    def _ask(self) -> http.client.HTTPResponse:
        try:
            request = Request(self._address.url, headers={"User-Agent": "edge-ocr"})
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=TIMEOUT_S)
            return answer
        except HTTPError as error:
            with error:
                raise self._refused(error) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise CameraNotFound(
                    f"{self.name} has a certificate that this machine does not trust ({reason.verify_message}): name "
                    "its certificate in SSL_CERT_FILE, or use http://"
                ) from error
            raise CameraLost(
                f"{self.name} does not answer within {TIMEOUT_S:g} s ({_reason(reason)}): check address and network"
            ) from error

    def _refused(self, error: HTTPError) -> CameraNotFound | CameraLost:
        if error.code >= 500:
            return CameraLost(f"{self.name} has a trouble of its own ({error.code} {error.reason}): restart the camera")
        if error.code == 401 and self._address.user is None:
            return CameraNotFound(f"{self.name} {LOGIN}")
        meaning = REFUSED.get(error.code, f"refuses the request ({error.code} {error.reason}): check the address")
        return CameraNotFound(f"{self.name} {meaning}")


class _Closing:
    """Closes the first answer, which asks for credentials, where urllib leaves that to chance."""

    def http_error_401(self, request: Request, answer: IO[bytes], *rest: Any) -> Any:
        try:
            given: Any = super().http_error_401(request, answer, *rest)  # type: ignore[misc]
        except Exception:
            answer.close()
            raise
        if given is not None:
            answer.close()
        return given


class _Basic(_Closing, HTTPBasicAuthHandler): ...


class _Digest(_Closing, HTTPDigestAuthHandler): ...


def _opener(address: Address) -> OpenerDirector:
    """A client that knows the credentials, for either way to give them."""
    if address.user is None:
        return build_opener()
    known = HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, address.url, address.user, address.password)
    return build_opener(_Basic(known), _Digest(known))


def _reason(error: object) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, TimeoutError):
        return "timed out"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().splitlines()[0]

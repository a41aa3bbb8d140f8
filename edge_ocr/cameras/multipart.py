"""The body of an MJPEG stream -> its pictures, whatever its headers leave out."""

from collections.abc import Callable, Iterator

LONGEST_HEAD = 8192
"""Bytes before a picture: the separator and the part's headers."""

JPEG = b"\xff\xd8"
"""How a JPEG begins."""

PIECE = 65536


class _Buffer:
    """Bytes of a stream, taken up to a mark or by number."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read, self._bytes = read, bytearray()

    def until(self, mark: bytes, most: int) -> bytes | None:
        """What comes before `mark`, which is taken too; None at the stream's end. ValueError after `most` bytes."""
        looked = 0
        while (at := self._bytes.find(mark, looked)) < 0:
            if len(self._bytes) > most:
                raise ValueError(f"nothing ends within {most} bytes")
            looked = max(0, len(self._bytes) - len(mark))
            if not (piece := self._read(PIECE)):
                return None
            self._bytes += piece
        return self._take(at, len(mark))

    def exactly(self, count: int) -> bytes | None:
        """The next bytes; None if the stream ends before."""
        while len(self._bytes) < count:
            if not (piece := self._read(PIECE)):
                return None
            self._bytes += piece
        return self._take(count, 0)

    def _take(self, count: int, mark: int) -> bytes:
        taken = bytes(self._bytes[:count])
        del self._bytes[: count + mark]
        return taken


def parts(read: Callable[[int], bytes], most: int) -> Iterator[bytes]:
    """The pictures of a multipart/x-mixed-replace body (RFC 2046).

    Cameras name another separator in the head than they send, or no length: so the separator is the one that comes.

    Args:
        read: gives up to that many bytes, none at the end, as `HTTPResponse.read1`.
        most: bytes of the largest picture.

    Raises:
        ValueError: the body is of another kind, or a picture is larger. What `read` raises.
    """
    buffer = _Buffer(read)
    head = buffer.until(b"--", LONGEST_HEAD)
    line = buffer.until(b"\n", LONGEST_HEAD)
    if head is None or line is None or head.strip():
        raise ValueError("no MJPEG stream")
    separator = b"--" + line.strip()
    while (length := _length(buffer)) is not None:
        if length > most:
            raise ValueError(f"a picture of {length >> 20} MB")
        picture = buffer.exactly(length) if length else buffer.until(b"\n" + separator, most)
        if picture is None:
            return
        yield picture
        if length and buffer.until(separator, LONGEST_HEAD) is None:
            return
        line = buffer.until(b"\n", LONGEST_HEAD)
        if line is None or line.startswith(b"--"):
            return


def _length(buffer: _Buffer) -> int | None:
    """The length that the headers of a part give, 0 if they give none; None at the stream's end."""
    length = 0
    while (line := buffer.until(b"\n", LONGEST_HEAD)) is not None and line.strip():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    return None if line is None else length

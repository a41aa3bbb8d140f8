"""Pictures of every kind become 8-bit frames; what is none is refused with one sentence."""

import io
import os
import stat
import struct
import threading
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_ocr.errors import BadImage, EdgeOcrError, ImageNotFound
from edge_ocr.page import Frame
from edge_ocr.picture import decoding
from edge_ocr.picture import load as image
from edge_ocr.picture.header import parse_header, picture_kind
from edge_ocr.picture.load import load_image

LOSSLESS = [".png", ".bmp", ".tiff", ".ppm"]


def decode_image(data: bytes, name: str = "x") -> Frame:
    return load_image(data, name=name)


def encode(suffix: str, pixels: NDArray[np.generic]) -> bytes:
    return bytes(cv2.imencode(suffix, pixels)[1])


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims this size, whole but for its pixels."""
    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def turned(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF segment that says how it is to be turned."""
    exif = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x112, 3, 1, orientation, 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    """The message, which must be a single line that names the file first."""
    text = str(error.value)
    assert "\n" not in text and text.startswith("x")
    return text


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_formats_give_the_pixels_that_were_stored(suffix: str, noise: NDArray[np.uint8]) -> None:
    """Colours swapped or a format that no longer decodes: everything after would read another picture."""
    assert np.array_equal(decode_image(encode(suffix, noise)).image, noise)


@pytest.mark.parametrize("suffix", [*LOSSLESS[:3], ".pgm"])
def test_grey_stays_grey(suffix: str, noise: NDArray[np.uint8]) -> None:
    """Grey pictures would take three times the memory."""
    grey = noise[:, :, 0]
    assert np.array_equal(decode_image(encode(suffix, grey)).image, grey)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_formats_give_nearly_the_pixels(suffix: str, noise: NDArray[np.uint8]) -> None:
    """The formats of cameras and phones would not be read."""
    decoded = decode_image(encode(suffix, noise)).image
    assert decoded.shape == noise.shape
    assert np.abs(decoded.astype(int) - noise).mean() < 12


@pytest.mark.skipif(not cv2.haveImageWriter("x.gif"), reason="this OpenCV has no GIF")
def test_gif_is_read(noise: NDArray[np.uint8]) -> None:
    """GIF is announced as readable where OpenCV can."""
    assert decode_image(encode(".gif", noise)).image.shape == noise.shape


def test_exif_orientation_is_honoured(noise: NDArray[np.uint8]) -> None:
    """Photographs of upright phones would lie on their side, and nothing would be read in them."""
    jpeg = encode(".jpg", noise)
    upright, lying = decode_image(jpeg).image, decode_image(turned(jpeg, 6)).image
    assert np.array_equal(lying, np.rot90(upright, -1))


@pytest.mark.parametrize(("peak", "name"), [(65535, "16 bits"), (4095, "12 bits"), (1023, "10 bits"), (255, "8 bits")])
def test_deep_pictures_use_the_whole_range(peak: int, name: str) -> None:
    """Scanners' 16-bit pictures would be cut off, and 12-bit ones nearly black."""
    ramp = np.linspace(0, peak, 256).round().astype(np.uint16)
    decoded = decode_image(encode(".png", np.tile(ramp, (16, 1)))).image
    assert decoded.dtype == np.uint8
    assert np.abs(decoded[0].astype(int) - np.arange(256)).max() <= 1, name


def test_16_bits_are_rounded_not_cut() -> None:
    """White paper of 65534 would become 254, and every value half a step darker."""
    pixels = np.full((8, 8), 65535, np.uint16)
    pixels[0] = [0, 128, 129, 257, 32768, 65406, 65407, 65535]
    assert decode_image(encode(".png", pixels)).image[0].tolist() == [0, 0, 1, 1, 128, 254, 255, 255]


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_transparent_pixels_show_white_paper(depth: type[np.generic]) -> None:
    """Ink on transparent paper would be black on black."""
    full = np.iinfo(depth).max
    pixels = np.zeros((8, 12, 4), depth)
    pixels[:, 4:8, 3] = full // 2
    pixels[:, 8:, 3] = full
    row = decode_image(encode(".png", pixels)).image[0, :, 0].tolist()
    assert row == [255] * 4 + [128] * 4 + [0] * 4


def test_too_large_is_refused_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes of PNG could take all of a small board's memory."""
    monkeypatch.setattr(decoding.cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(BadImage) as error:
        decoding.decode_image(png_of_size(20000, 20000), "x.png")
    assert "20000x20000" in sentence(error) and "at most 50 megapixels" in sentence(error)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 100), (100, 7)])
def test_too_small_is_refused(width: int, height: int) -> None:
    """The stages after divide by what is left of such a picture."""
    with pytest.raises(BadImage) as error:
        decode_image(encode(".png", np.zeros((height, width), np.uint8)), "x.png")
    assert "at least 8x8" in sentence(error)


def test_smallest_picture_is_read() -> None:
    """The limit would be off by one."""
    assert decode_image(encode(".png", np.zeros((8, 8), np.uint8))).image.shape == (8, 8)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp", ".ppm"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.97])
def test_cut_short_is_refused(
    suffix: str, part: float, noise: NDArray[np.uint8], capfd: pytest.CaptureFixture[str]
) -> None:
    """Half a picture would be read as if the rest of the page were empty, with decoders' warnings on stderr."""
    data = encode(suffix, noise)
    with pytest.raises(BadImage) as error:
        decode_image(data[: int(len(data) * part)], "x")
    assert sentence(error)
    assert capfd.readouterr().err == ""


def test_jpeg_without_its_end_marker_is_read_if_nothing_else_is_missing(noise: NDArray[np.uint8]) -> None:
    """Small cameras' pictures, which lack the marker, would be refused, or half a picture would pass for a whole."""
    data = encode(".jpg", noise)
    thumbnail = b"\xff\xe1" + struct.pack(">H", 8) + b"\xff\xd8\xff\xd9\0\0"
    data = data[:2] + thumbnail + data[2:]  # Its end must not pass for the picture's.
    assert np.array_equal(decode_image(data[:-2]).image, decode_image(data).image)
    with pytest.raises(BadImage, match="cut short"):
        decode_image(data[: -len(data) // 4], "x.jpg")


def test_a_picture_that_is_still_being_written(noise: NDArray[np.uint8], tmp_path: Path) -> None:
    """Half a picture would pass for a whole, or the message not say what helps; a pipe would be left early."""
    data, path = encode(".png", noise), tmp_path / "x.png"
    path.write_bytes(data[:2000])
    with pytest.raises(BadImage, match=r"cut short.* wait until it is written"):
        load_image(path)
    with path.open("ab") as file:
        file.write(data[2000:])
    assert np.array_equal(load_image(path).image, noise)
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb", buffering=0) as pipe:
            for at in range(0, len(data), 1000):
                pipe.write(data[at : at + 1000])

    thread = threading.Thread(target=write)
    with open(reading, "rb") as pipe:
        thread.start()
        assert np.array_equal(load_image(pipe).image, noise)
        thread.join()


def test_trailing_bytes_are_no_fault(noise: NDArray[np.uint8]) -> None:
    """Phones append their own data to JPEG files; those would be refused."""
    for suffix in (".jpg", ".png"):
        assert decode_image(encode(suffix, noise) + b"more").image.shape == noise.shape


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"Dear diary,\n", "expected a PNG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "header is broken"),
        (b"\xff\xd8\xff\xe0", "header is broken"),
        (b"BM", "header is broken"),
        (b"P5 ten 10 255\n", "header is broken"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    """An empty file or a renamed text would end in a message of OpenCV's, or in none."""
    with pytest.raises(BadImage) as error:
        decode_image(data, "x.png")
    assert words in sentence(error)


def test_floating_point_tiff_is_refused() -> None:
    """What its numbers mean is not known, so they would be scaled wrongly."""
    with pytest.raises(BadImage, match="32 bits"):
        decode_image(encode(".tiff", np.zeros((9, 9), np.float32)), "x.tiff")


def test_absent_file_folder_and_forbidden_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user would see Python's own message, with an errno in it."""
    with pytest.raises(ImageNotFound, match="does not exist"):
        load_image(tmp_path / "absent.png")
    with pytest.raises(BadImage, match="is a folder"):
        load_image(tmp_path)
    with pytest.raises(BadImage, match="null"):
        load_image("a\0b.png")
    secret = tmp_path / "secret.png"
    secret.touch()
    secret.chmod(0)
    if os.geteuid() == 0:  # Root may read all: let the file system refuse instead.
        monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(BadImage, match="Permission denied"):
        load_image(secret)
    monkeypatch.undo()
    secret.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_endless_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reading /dev/zero, or a film, would take all memory."""
    monkeypatch.setattr(image, "LARGEST_FILE", 1000)
    (tmp_path / "film.png").write_bytes(bytes(1001))
    with pytest.raises(BadImage, match="larger than"):
        load_image(tmp_path / "film.png")


WHOLE = {
    suffix: encode(suffix, np.full((9, 11), 128, np.uint8)) for suffix in (".png", ".jpg", ".bmp", ".tiff", ".webp")
}


@pytest.mark.parametrize("suffix", WHOLE)
def test_headers_show_the_size(suffix: str) -> None:
    """A size read wrongly would refuse good pictures, or let huge ones pass."""
    header = parse_header(WHOLE[suffix])
    assert (header.width, header.height, header.whole) == (11, 9, True)
    assert header.kind == picture_kind(WHOLE[suffix])


@settings(max_examples=150)
@given(
    suffix=st.sampled_from(sorted(WHOLE)),
    at=st.floats(0, 1),
    damage=st.binary(min_size=1, max_size=12),
    keep=st.floats(0.05, 1),
)
@example(suffix=".tiff", at=0.5, damage=b"\xff" * 12, keep=1.0)
def test_damaged_files_are_read_or_refused_never_worse(suffix: str, at: float, damage: bytes, keep: float) -> None:
    """A broken file would end the program with a traceback, or with something else than an 8-bit picture."""
    data = bytearray(WHOLE[suffix])
    start = int(at * (len(data) - 1))
    data[start : start + len(damage)] = damage
    try:
        decoded = decode_image(bytes(data[: int(keep * len(data))]), "x")
    except BadImage as error:
        assert "\n" not in str(error)
    else:
        assert decoded.image.dtype == np.uint8 and decoded.image.ndim in (2, 3)


def test_every_kind_of_source_gives_the_same_picture(tmp_path: Path, noise: NDArray[np.uint8]) -> None:
    """Programs that hold a picture in memory would have to write it to a file first."""
    data = encode(".png", noise)
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with path.open("rb") as file:
        held = (data, bytearray(data), memoryview(data), io.BytesIO(data), noise, Frame(noise))
        for source in (path, str(path), file, *held):
            assert np.array_equal(load_image(source).image, noise), type(source)
    assert load_image(path).name == str(path)
    assert load_image(data, name="upload").name == "upload"


@pytest.mark.parametrize(
    "depth", ["uint8", "uint16", "int32", "int64", "float32", "float64", "float64 to 255", "one channel", "alpha"]
)
def test_arrays_of_any_depth_are_pictures(depth: str, noise: NDArray[np.uint8]) -> None:
    """What NumPy, OpenCV, scikit-image or a camera library gives would end in their own errors, or be read as black."""
    wanted = noise
    array: NDArray[np.generic]
    if depth == "one channel":
        array, wanted = noise[:, :, :1], noise[:, :, 0]
    elif depth == "alpha":
        array = np.dstack([noise, np.full(noise.shape[:2], 255, np.uint8)])
    elif depth == "float64 to 255":
        array = noise.astype(np.float64)
    elif depth.startswith("float"):
        array = (noise / 255).astype(depth)
    elif depth == "uint16":
        array = noise.astype(np.uint16) * 257
        array[0, 0] = 65535
    else:
        array = noise.astype(depth)
    difference = np.abs(load_image(array).image.astype(int) - wanted)
    assert difference[1:].max() <= 0


def test_truth_values_are_black_and_white() -> None:
    """A thresholded picture would be all black."""
    array = np.zeros((9, 9), bool)
    array[2] = True
    assert load_image(array).image[1:3].tolist() == [[0] * 9, [255] * 9]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (5, "int"),
        (None, "NoneType"),
        (io.StringIO("text"), "expected a file of bytes"),
        (np.zeros((3, 90, 120), np.uint8), r"shape \(3, 90, 120\)"),
        (np.zeros((1, 90, 120, 3), np.uint8), "shape"),
        (np.zeros((0, 0), np.uint8), "0x0 pixels"),
        (np.full((9, 9), np.nan), "from nan"),
        (np.full((9, 9), -1), "from -1"),
        (np.full((9, 9), "a"), "holds <U1"),
        (np.full((9, 9), 300.0), "float64 up to 300"),
        (Frame("note.jpg"), "Frame.image is a str"),  # type: ignore[arg-type]
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_picture_in_memory_is_refused(source: object, words: str) -> None:
    """A wrong argument would end in NumPy's or OpenCV's own words."""
    with pytest.raises(EdgeOcrError, match=words):
        load_image(source)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "1", "P", "I;16", "CMYK"])
def test_pillow_images_of_any_mode_are_read(mode: str) -> None:
    """Pillow is what most Python programs hold pictures in; colours might be swapped, and palettes taken for grey."""
    images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    red = images.new("RGB", (12, 9), (255, 0, 0))
    image = images.new("I;16", (12, 9), 65535) if mode == "I;16" else red.convert(mode)
    pixel = np.atleast_1d(load_image(image).image[4, 4]).tolist()
    grey = [76] if mode == "L" else [255] if mode == "I;16" else None
    assert pixel == (grey or pixel) and (mode in ("L", "1", "I;16") or (pixel[2] > 200 and pixel[0] < 60))


def test_pillow_images_are_turned_as_exif_says() -> None:
    """A phone's upright photograph would lie on its side."""
    images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    image = images.new("L", (12, 9), 255)
    image.putpixel((0, 0), 0)
    image.getexif()[0x112] = 6
    loaded = load_image(image).image
    assert loaded.shape == (12, 9) and loaded[0, 8] == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_honoured_beside_transparency(orientation: int, noise: NDArray[np.uint8]) -> None:
    """Pictures with transparency would be read sideways, though their EXIF says how they stand."""
    opaque = encode(".jpg", noise)
    upright = decode_image(turned(opaque, orientation)).image
    stored = decode_image(opaque).image
    png = encode(".png", np.dstack([stored, np.full(stored.shape[:2], 255, np.uint8)]))
    exif = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x112, 3, 1, orientation, 0)
    with_exif = png[:33] + chunk(b"eXIf", exif) + png[33:]
    assert np.array_equal(decode_image(with_exif).image, upright)


def test_pages_of_a_tiff_are_counted(noise: NDArray[np.uint8]) -> None:
    """A scan of three pages would be read as one, without a word."""
    pages = bytes(cv2.imencodemulti(".tiff", [noise, noise, noise])[1])
    assert decode_image(pages).pages == 3
    assert decode_image(encode(".tiff", noise)).pages == 1


def test_animated_png_shows_its_picture(noise: NDArray[np.uint8]) -> None:
    """OpenCV 4.11 crashes on some animations, and newer ones would show a frame of it instead of the picture."""
    png = encode(".png", noise)
    control = chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"fcTL", bytes(26))
    assert np.array_equal(decode_image(png[:33] + control + png[33:]).image, noise)


def test_stray_bytes_between_jpeg_segments_are_no_fault(noise: NDArray[np.uint8]) -> None:
    """Cameras that pad their segments would be refused, though every viewer shows their pictures."""
    jpeg = encode(".jpg", noise)
    end = 4 + struct.unpack_from(">H", jpeg, 4)[0]
    assert np.array_equal(decode_image(jpeg[:end] + b"\0\0" + jpeg[end:]).image, decode_image(jpeg).image)

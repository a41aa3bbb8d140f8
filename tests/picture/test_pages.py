"""Files of phones and scanners: HEIC, PDF, TIFF of several pages, and photographs of more than 50 megapixels."""

import io
import struct
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_ocr.errors import BadImage
from edge_ocr.picture import decoding
from edge_ocr.picture.heic import decode_heic
from edge_ocr.picture.load import load_image, load_images
from edge_ocr.picture.pdf import decode_pdf

pillow: Any = pytest.importorskip("PIL.Image", reason="Pillow makes the files: pip install pillow")
features: Any = pytest.importorskip("PIL.features")

TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180)


@pytest.fixture
def scans(noise: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Three pages (90 x 60, the second on its side), in BGR."""
    return [noise if turn is None else np.asarray(cv2.rotate(noise, turn), np.uint8) for turn in TURNS]


def saved(scans: list[NDArray[np.uint8]], form: str, **options: Any) -> bytes:
    pages = [pillow.fromarray(np.ascontiguousarray(scan[:, :, ::-1])) for scan in scans]
    file = io.BytesIO()
    pages[0].save(file, form, save_all=len(pages) > 1, append_images=pages[1:], **options)
    return file.getvalue()


def far(found: NDArray[np.uint8], expected: NDArray[np.uint8]) -> float:
    """How far two pictures are apart, in grey levels."""
    assert found.shape == expected.shape
    return float(np.abs(found.astype(int) - expected).mean())


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "jpeg"}, {"big_tiff": False}])
def test_all_pages_of_a_tiff_are_read(scans: list[NDArray[np.uint8]], options: dict[str, Any], tmp_path: Path) -> None:
    """A scanner's second page would be lost without a word, or be the first one again."""
    path = tmp_path / "scan.tif"
    path.write_bytes(saved(scans, "TIFF", **options))
    frames = list(load_images(path))
    assert [frame.name for frame in frames] == [f"{path}#page={number}" for number in (1, 2, 3)]
    assert all(far(frame.image, scan) < 12 for frame, scan in zip(frames, scans, strict=True))
    assert [frame.name for frame in load_images(path.read_bytes(), name="s")] == ["s#page=1", "s#page=2", "s#page=3"]
    assert load_image(path).name == str(path) and np.array_equal(load_image(path).image, frames[0].image)


def test_a_page_that_is_broken_does_not_hide_those_before_it(scans: list[NDArray[np.uint8]]) -> None:
    """The pages of a scan whose end is lost would be lost with it."""
    content = bytearray(saved(scans, "TIFF"))
    frames = load_images(bytes(content[:-6000]), name="scan")
    assert far(next(frames).image, scans[0]) == 0
    with pytest.raises(BadImage, match=r"scan#page=[23]"):
        list(frames)


def test_a_scan_in_a_pdf_keeps_its_pixels(scans: list[NDArray[np.uint8]]) -> None:
    """Small writing would be blurred, or a page come out on its side."""
    pytest.importorskip("pypdfium2", reason="it draws PDFs: pip install pypdfium2")
    frames = list(load_images(saved(scans, "PDF", resolution=150, quality=100), name="scan.pdf"))
    assert [frame.name for frame in frames] == ["scan.pdf#page=1", "scan.pdf#page=2", "scan.pdf#page=3"]
    assert all(far(frame.image, scan) < 4 for frame, scan in zip(frames, scans, strict=True))


def test_a_pdf_of_one_page_is_a_picture(scans: list[NDArray[np.uint8]]) -> None:
    """Its text would stand under another name than the file's."""
    pytest.importorskip("pypdfium2", reason="it draws PDFs: pip install pypdfium2")
    (frame,) = load_images(b"\n" + saved(scans[:1], "PDF"), name="scan.pdf")
    assert (frame.name, frame.pages) == ("scan.pdf", 1)


def drawn_pdf(width: float, height: float) -> bytes:
    """A page of this size in points, with a thick line across it."""
    pdf = pytest.importorskip("fpdf", reason="it makes PDFs: pip install fpdf2").FPDF(unit="pt")
    pdf.add_page(format=(width, height))
    pdf.set_line_width(9)
    pdf.line(0, 0, width, height)
    return bytes(pdf.output())


@pytest.mark.parametrize(
    ("points", "pixels"), [((144, 72), (400, 200)), ((14_000, 14_000), (5000, 5000)), ((7000, 70), (19_445, 195))]
)
def test_a_drawn_page_has_a_size_that_can_be_read(points: tuple[float, float], pixels: tuple[int, int]) -> None:
    """A page from a tablet would be too coarse to read, or a poster take all memory."""
    pytest.importorskip("pypdfium2", reason="it draws PDFs: pip install pypdfium2")
    image = load_image(drawn_pdf(*points)).image
    assert abs(image.shape[1] - pixels[0]) <= 1 and abs(image.shape[0] - pixels[1]) <= 1
    assert image.min() < 60 and image.max() == 255


def locked() -> bytes:
    pikepdf = pytest.importorskip("pikepdf", reason="it locks PDFs: pip install pikepdf")
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn_pdf(90, 60))) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="a", user="b"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lambda: b"%PDF-1.7\n" + bytes(200), "cannot be opened"),
        (lambda: drawn_pdf(90, 60)[:400], "cannot be opened"),
        (locked, "locked by a password"),
        (lambda: b"\0\0\0\x18ftypheic" + bytes(400), "begins like an HEIC picture"),
        (lambda: b"\0\0\0\x18ftypqt  " + bytes(400), "is a film"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(content: Any, expected: str) -> None:
    """A broken file would end in a traceback of a library, or hang."""
    pytest.importorskip("pypdfium2", reason="it draws PDFs: pip install pypdfium2")
    pytest.importorskip("pillow_heif", reason="it decodes HEIC: pip install pillow-heif")
    with pytest.raises(BadImage, match=expected) as caught:
        load_image(content(), name="file")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("package", "decode"),
    [("pypdfium2", lambda: decode_pdf(io.BytesIO(), "a.pdf", 0)), ("pillow_heif", lambda: decode_heic(b"", "a.heic"))],
)
def test_a_missing_extra_is_one_sentence(package: str, decode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed the light runtime would see a traceback instead of what to install."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(BadImage, match=r"pip install 'edge-ocr\[(pdf|heic)\]', or"):
        decode()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_heic_is_read(mode: str, noise: NDArray[np.uint8]) -> None:
    """An iPhone's photographs could not be read, or in wrong colours."""
    heif = pytest.importorskip("pillow_heif", reason="it makes HEIC: pip install pillow-heif")
    picture = pillow.fromarray(np.ascontiguousarray(noise[:, :, ::-1])).convert(mode)
    file = io.BytesIO()
    heif.from_pillow(picture).save(file, quality=95)
    image = load_image(file.getvalue()).image
    expected = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    assert far(image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2), np.asarray(expected)) < 8


@pytest.mark.parametrize("is_built_in", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_avif_is_read_by_every_opencv(
    mode: str, is_built_in: bool, noise: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone's photographs could not be read where OpenCV was built without AVIF, or lie on their side."""
    if not features.check("avif"):
        pytest.skip("this Pillow makes no AVIF: pip install 'pillow>=11.3'")
    scan = np.asarray(cv2.resize(noise, None, fx=2, fy=2), np.uint8)
    picture, exif, file = (
        pillow.fromarray(np.ascontiguousarray(scan[:, :, ::-1])).convert(mode),
        pillow.Exif(),
        io.BytesIO(),
    )
    exif[0x0112] = 6  # To be turned clockwise.
    picture.save(file, format="AVIF", quality=95, exif=exif)
    if not is_built_in:
        monkeypatch.setattr(decoding, "_decode", lambda *_: None)
    image = np.concatenate(list(decoding.decode_image(file.getvalue(), "a.avif").stripes()))
    assert far(image, np.asarray(cv2.rotate(scan, cv2.ROTATE_90_CLOCKWISE))) < 8


def test_avif_that_nothing_knows_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says to copy a file again that is whole."""
    data = b"\0\0\0\x18ftypavif" + bytes(12) + b"ispe" + bytes(4) + struct.pack(">II", 90, 60) + bytes(99)
    monkeypatch.setattr(decoding, "_decode", lambda *_: None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(BadImage, match=r"pip install 'edge-ocr\[heic\]'"):
        decoding.decode_image(data, "a.avif")


def test_a_broken_heic_is_one_sentence_whatever_its_decoder_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """pillow-heif raises IndexError for some; the message would say that the decoder crashed."""
    heif = pytest.importorskip("pillow_heif", reason="it decodes HEIC: pip install pillow-heif")
    monkeypatch.setattr(heif, "open_heif", lambda *args, **kwargs: [][0])
    with pytest.raises(BadImage, match=r"a\.heic begins like an HEIC picture but cannot be decoded"):
        decode_heic(b"", "a.heic")


@pytest.mark.slow
def test_a_phone_of_108_megapixels_is_read_at_half_its_size(tmp_path: Path) -> None:
    """The photograph would be refused, though all of its writing is there."""
    path = tmp_path / "108.jpg"
    image = np.full((9000, 12_000), 200, np.uint8)
    image[4500:] = 50
    cv2.imwrite(str(path), image)
    image = load_image(path).image
    assert image.shape[:2] == (4500, 6000)
    assert abs(int(image[2240, 10].max()) - 200) < 3 and abs(int(image[2260, 10].max()) - 50) < 3

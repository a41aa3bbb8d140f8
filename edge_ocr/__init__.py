"""Read handwriting in photographs on small boards: `Reader.load().read(load_image("note.jpg")).text`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from edge_ocr.errors import (
    BadBundle,
    BadCharset,
    BadData,
    BadForm,
    BadImage,
    BadPattern,
    BadRegions,
    CameraLost,
    CameraNotFound,
    CannotWrite,
    EdgeOcrError,
    FormNotFound,
    ImageNotFound,
    LimitMissed,
    NoInterpreter,
    NothingSteady,
    PreviewError,
    RegionOutside,
    RuleBroken,
    Undelivered,
)
from edge_ocr.version import __version__ as __version__

if TYPE_CHECKING:
    from edge_ocr.cameras import open_camera
    from edge_ocr.documents.hocr import to_hocr
    from edge_ocr.documents.pdf import to_pdf
    from edge_ocr.documents.table import to_csv, to_pandas
    from edge_ocr.forms.form_file import load_form
    from edge_ocr.forms.form_reader import FormReader
    from edge_ocr.live.steady import steady
    from edge_ocr.page import Box, Frame, Glyph, Line, Page, Word
    from edge_ocr.picture.load import load_image, load_images
    from edge_ocr.reader import Reader

__all__ = [
    "BadBundle",
    "BadCharset",
    "BadData",
    "BadForm",
    "BadImage",
    "BadPattern",
    "BadRegions",
    "Box",
    "CameraLost",
    "CameraNotFound",
    "CannotWrite",
    "EdgeOcrError",
    "FormNotFound",
    "FormReader",
    "Frame",
    "Glyph",
    "ImageNotFound",
    "LimitMissed",
    "Line",
    "NoInterpreter",
    "NothingSteady",
    "Page",
    "PreviewError",
    "Reader",
    "RegionOutside",
    "RuleBroken",
    "Undelivered",
    "Word",
    "load_form",
    "load_image",
    "load_images",
    "open_camera",
    "steady",
    "to_csv",
    "to_hocr",
    "to_pandas",
    "to_pdf",
]

_LATER = {
    "cameras": ("open_camera",),
    "documents.hocr": ("to_hocr",),
    "documents.pdf": ("to_pdf",),
    "documents.table": ("to_csv", "to_pandas"),
    "forms.form_file": ("load_form",),
    "forms.form_reader": ("FormReader",),
    "live.steady": ("steady",),
    "page": ("Box", "Frame", "Glyph", "Line", "Page", "Word"),
    "picture.load": ("load_image", "load_images"),
    "reader": ("Reader",),
}
"""What is imported when it is asked for: numpy and OpenCV take a second on a board, and a command can answer sooner."""


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(f"edge_ocr.{module}"), name)
    raise AttributeError(f"module 'edge_ocr' has no attribute {name!r}")

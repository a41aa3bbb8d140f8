"""RapidOCR as one of the readers that are compared; it runs in an environment of its own."""

from pathlib import Path
from typing import Any

from convert.comparison.reader import OpenReader

ONE_THREAD = {
    "Global.log_level": "error",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
"""RapidOCR with its defaults, but on one thread."""

QUICK = {"Global.use_cls": False, "Det.limit_type": "max", "Det.limit_side_len": 736}
"""Settings that make RapidOCR faster: no classifier for upside-down lines; larger pictures are reduced to 736 pixels
instead of smaller ones enlarged to it."""


def open_rapidocr(settings: str = "") -> OpenReader:
    """RapidOCR with the networks of its package, with its defaults or "quick"."""
    import cv2

    engine = rapidocr({**ONE_THREAD, **(QUICK if settings == "quick" else {})})
    parts = engine.cfg.Det, engine.cfg.Rec, *((engine.cfg.Cls,) if engine.cfg.Global.use_cls else ())
    return OpenReader(rapidocr_facts(engine, parts), cv2.imread, lambda image: "\n".join(engine(image).txts or ()))


def open_rapidocr_line() -> OpenReader:
    """RapidOCR's recogniser only, on pictures of one line each."""
    import cv2

    engine = rapidocr(ONE_THREAD)

    def read(image: Any) -> str:
        return "".join(engine(image, use_det=False, use_cls=False).txts or ())

    return OpenReader(rapidocr_facts(engine, (engine.cfg.Rec,)), cv2.imread, read)


def rapidocr(settings: dict[str, Any]) -> Any:
    """The engine, which loads its networks at the first reading."""
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(params=settings)


def rapidocr_facts(engine: Any, parts: tuple[Any, ...]) -> dict[str, Any]:
    """The size is that of the networks in `parts`."""
    from importlib.metadata import version

    folder = Path(engine.cfg.Global.model_root_dir)
    files = [path for part in parts for path in folder.glob(f"*_{part.task_type.value}_{part.model_type.value}.onnx")]
    size = sum(path.stat().st_size for path in files) / 1e6
    return {"name": "RapidOCR", "version": version("rapidocr"), "model_mb": size}

"""What the runtime may load when it starts; pyproject.toml (importlinter) says which package may import which."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import edge_ocr
from edge_ocr import errors
from edge_ocr.errors import ExitCode
from tests.places import ROOT

MODULES = sorted((ROOT / "edge_ocr").rglob("*.py"))
ALLOWED = {"cv2", "edge_ocr", "numpy", *sys.stdlib_module_names}
EXTRAS = {
    "model/keras_layers.py": {"keras", "tensorflow"},
    "cameras/pi.py": {"picamera2"}, "cameras/listing.py": {"picamera2"},
    "live/regions_file.py": {"tomli_w"},
    "batch/arrivals.py": {"watchdog"}, "batch/cluster.py": {"dask", "distributed"},
    "picture/avif.py": {"PIL"}, "picture/heic.py": {"pillow_heif"}, "picture/pdf.py": {"pypdfium2"},
    "documents/pdf.py": {"fontTools", "fpdf"}, "documents/table.py": {"pandas"},
    **{f"preview/{name}.py": {"tornado"} for name in (
        "server", "connections", "client", "guarded", "handlers", "programs", "addresses")},
    "outputs/mqtt.py": {"paho"},
    "commands/completion.py": {"shtab", "argparse_manpage"},
}  # fmt: skip
"""Modules that are imported only where somebody asks for what they need."""
HEAVY = ("tensorflow", "keras", "convert", "matplotlib", "ai_edge_litert", "tflite_runtime", "scipy", "PIL",
         "tornado", "tomli_w", "picamera2", "fpdf", "pandas", "watchdog", "distributed",
         "pillow_heif", "pypdfium2")  # fmt: skip


def imports(module: Path) -> set[str]:
    """Top names of all packages that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}: write the whole name of what is imported"
            names.add((node.module or "").partition(".")[0])
    return names


def in_new_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["edge_ocr", "edge_ocr.reader", "edge_ocr.commands.main", "edge_ocr.commands.read"])
def test_import_is_light(module: str) -> None:
    """A Pi would load half a gigabyte of TensorFlow, or fail where it is not installed."""
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert in_new_process(code) == "[]"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_runtime_imports_only_what_it_declares(module: Path) -> None:
    """The wheel, which holds no convert/ and asks for three packages, would not start."""
    extra = EXTRAS.get(module.relative_to(ROOT / "edge_ocr").as_posix(), set())
    assert imports(module) <= ALLOWED | extra


def test_all_is_right() -> None:
    """`from edge_ocr import *` and the documentation would name what is not there, or miss an error."""
    assert sorted(edge_ocr.__all__) == list(edge_ocr.__all__)
    assert all(hasattr(edge_ocr, name) for name in edge_ocr.__all__)
    ours = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    expected = {"Reader", "load_image", "open_camera", "steady", "Frame", "Page", "Line", "Word", "Glyph", "Box"} | ours
    expected |= {"FormReader", "load_form", "load_images", "to_csv", "to_hocr", "to_pandas", "to_pdf"}
    assert set(edge_ocr.__all__) == expected


def test_exit_codes_differ() -> None:
    """Two kinds of error look alike to scripts."""
    codes = [value.exit_code for value in vars(errors).values() if hasattr(value, "exit_code")]
    assert len(set(codes)) == len(codes) and not {ExitCode.DONE, ExitCode.USAGE} & set(codes)
    assert all(isinstance(code, ExitCode) for code in codes)

"""Every installed backend gives the same numbers, and every failure says whose fault it is."""

import os
import threading
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edge_ocr.errors import BadBundle, NoInterpreter
from edge_ocr.model import interpreter
from edge_ocr.model.interpreter import AUTO_ORDER, BACKENDS, LARGEST_BATCH, open_model
from tests.places import ROOT, TINY

MODEL = TINY / "model.tflite"
PACKAGES = {
    "litert": "ai_edge_litert",
    "tflite-runtime": "tflite_runtime",
    "tensorflow": "tensorflow",
    "keras": "keras",
}


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    """(48, 32, 32, 1) int8."""
    tiles = np.load(TINY / "tiles.npz")["tiles"]
    return (tiles ^ 128).view(np.int8)[..., np.newaxis]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Module name -> what importing it gives (an exception: what it raises); the real ones where it says nothing."""
    answers: dict[str, Any] = {}

    def fake_import(name: str) -> Any:
        answer = answers.get(name.partition(".")[0], import_module)
        if isinstance(answer, Exception):
            raise answer
        return import_module(name) if answer is import_module else answer

    monkeypatch.setattr(interpreter, "import_module", fake_import)
    return answers


class FakeInterpreter:
    """Runs no network: gives zeros for whatever it is fed."""

    def __init__(self, model_content: bytes, num_threads: int) -> None:
        self.rows = 1

    def allocate_tensors(self) -> None:
        pass

    def get_input_details(self) -> list[dict[str, Any]]:
        shape = np.array([1, 32, 32, 1])
        return [{"index": 0, "shape": shape, "shape_signature": shape, "dtype": np.int8, "quantization": (1.0, -128)}]

    def get_output_details(self) -> list[dict[str, Any]]:
        shape = np.array([1, 6])
        return [{"index": 1, "shape": shape, "shape_signature": shape, "dtype": np.int8, "quantization": (0.5, 3)}]


def failing(error: Exception) -> Any:
    """A package that imports but whose Interpreter cannot be made."""

    def make(**_: Any) -> None:
        raise error

    return SimpleNamespace(Interpreter=make, __version__="9")


WORKING = SimpleNamespace(Interpreter=FakeInterpreter, __version__="9")


@pytest.mark.parametrize("backend", AUTO_ORDER)
def test_backends_give_the_same_logits(backend: str, batch: np.ndarray) -> None:
    """Reading depends on the package that happens to be installed: more than one step of an int8 logit apart."""
    pytest.importorskip(PACKAGES[backend])
    model = open_model(MODEL, backend)
    assert (model.backend, model.input.dtype, model.output.dtype) == (backend, "int8", "int8")
    expected = np.load(TINY / "tiles.npz")["logits"]
    assert np.abs(model(batch).astype(int) - expected).max() <= 1


def test_keras_model_agrees_with_the_quantized_one(batch: np.ndarray) -> None:
    """The float model beside the bundle is another network, is scaled otherwise, or its graph is wrong."""
    pytest.importorskip("keras")
    model = open_model(MODEL, "keras")
    assert model.input == interpreter.Tensor((32, 32, 1), "float32", 1.0, 0)
    logits = model(batch.astype(np.float32) + 128)
    assert logits.dtype == np.float32
    assert (logits.argmax(axis=1) == np.load(TINY / "tiles.npz")["logits"].argmax(axis=1)).mean() > 0.95
    assert model(np.zeros((0, 32, 32, 1), np.float32)).shape == (0, 6)


def test_every_float_model_opens_by_itself() -> None:
    """Fails when a bundle's model.keras needs a layer that only the training code knows."""
    pytest.importorskip("keras")
    for kind in ("characters", "lines", "finder"):
        assert open_model(ROOT / "models" / kind / "model.tflite", "keras").backend == "keras"


def test_batch_size_changes_nothing(batch: np.ndarray) -> None:
    """A tile is read differently beside others: resizing the input or cutting into batches has a fault."""
    model = open_model(MODEL)
    many = np.concatenate([batch] * 2)[: 2 * LARGEST_BATCH + 5]
    alone = np.concatenate([model(many[i : i + 1]) for i in range(len(many))])
    assert np.array_equal(model(many), alone)
    assert np.array_equal(model(many[:LARGEST_BATCH]), alone[:LARGEST_BATCH])
    nothing = model(many[:0])
    assert (nothing.shape, nothing.dtype) == ((0, 6), np.int8)


def test_threads_change_nothing(batch: np.ndarray) -> None:
    """Two threads give other numbers than one, or no threads at all are accepted as a corrupt model."""
    assert np.array_equal(open_model(MODEL, threads=2)(batch), open_model(MODEL)(batch))
    with pytest.raises(ValueError, match="threads is 0") as caught:
        open_model(MODEL, threads=0)
    assert not isinstance(caught.value, BadBundle)


@pytest.mark.parametrize("backend", BACKENDS)
def test_missing_package_says_what_to_install(backend: str, world: dict[str, Any]) -> None:
    """Someone asks for a backend by name, has not installed it, and does not learn how."""
    world[PACKAGES[backend]] = ModuleNotFoundError(f"No module named {PACKAGES[backend]!r}")
    with pytest.raises(NoInterpreter, match=f"{backend}: No module named .*pip install"):
        open_model(MODEL, backend)


def test_nothing_installed_names_every_reason(world: dict[str, Any]) -> None:
    """A bare Python gets a traceback, or a message that hides why each interpreter was passed over."""
    world["ai_edge_litert"] = OSError("version `GLIBC_2.34' not found")
    world["tflite_runtime"] = failing(SystemError("numpy 2"))
    world["tensorflow"] = ModuleNotFoundError("No module named 'tensorflow'")
    with pytest.raises(NoInterpreter) as caught:
        open_model(MODEL)
    for part in ("GLIBC_2.34", "numpy 2", "No module named 'tensorflow'", "pip install ai-edge-litert"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "broken",
    [
        ModuleNotFoundError("No module named 'ai_edge_litert'"),
        ImportError("libLiteRt.so: cannot open shared object file"),
        OSError("GLIBC_2.34 not found"),
        AttributeError("_ARRAY_API not found"),
        SimpleNamespace(__version__="9"),
        failing(SystemError("CreateWrapperFromBuffer returned a result with an exception set")),
        failing(ImportError("numpy.core.multiarray failed to import")),
    ],
    ids=lambda broken: type(broken).__name__,
)
def test_auto_passes_over_what_cannot_make_an_interpreter(broken: Any, world: dict[str, Any]) -> None:
    """A half installed LiteRT stops a reader that has a working interpreter beside it."""
    world["ai_edge_litert"] = broken
    world["tflite_runtime"] = WORKING
    assert open_model(MODEL).backend == "tflite-runtime"


def test_numpy_2_beside_tflite_runtime_is_explained(world: dict[str, Any]) -> None:
    """tflite-runtime with numpy 2 imports, then raises a SystemError without a reason: the message must name it."""
    error = SystemError("<built-in method CreateWrapperFromBuffer> returned a result with an exception set")
    error.__cause__ = ImportError("numpy.core.multiarray failed to import")
    world["tflite_runtime"] = failing(error)
    with pytest.raises(NoInterpreter, match=r"multiarray failed to import.*numpy<2.*Python 3\.11 or older"):
        open_model(MODEL, "tflite-runtime")


def test_refused_model_is_not_a_missing_interpreter(world: dict[str, Any]) -> None:
    """A corrupt model sends its user to install packages that are there already."""
    world["ai_edge_litert"] = failing(ValueError("The model is not a valid Flatbuffer buffer"))
    world["tflite_runtime"] = WORKING
    with pytest.raises(BadBundle, match="not a valid Flatbuffer buffer"):
        open_model(MODEL)


def test_unknown_backend_is_refused() -> None:
    """A misspelt backend ends in a KeyError."""
    with pytest.raises(NoInterpreter, match="choose auto, litert"):
        open_model(MODEL, "litter")


@pytest.mark.parametrize(
    "content",
    [b"", b"TFL3", b"not a model at all\n" * 50, np.random.default_rng(3).bytes(4000), MODEL.read_bytes()[:40]],
    ids=["empty", "four bytes", "text", "random", "cut"],
)
def test_what_is_no_model_never_reaches_an_interpreter(content: bytes, tmp_path: Path, world: dict[str, Any]) -> None:
    """Native code gets bytes that can crash the whole process."""
    world["ai_edge_litert"] = failing(AssertionError("the interpreter saw it"))
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(BadBundle, match="not a TFLite model"):
        open_model(path)


def test_corrupt_model_with_a_right_beginning(tmp_path: Path) -> None:
    """LiteRT's own refusal of a damaged file comes out as a traceback or as a missing package."""
    pytest.importorskip("ai_edge_litert")
    content = MODEL.read_bytes()
    path = tmp_path / "model.tflite"
    for damaged in (content[: len(content) // 2], content[:8] + np.random.default_rng(4).bytes(4000)):
        path.write_bytes(damaged)
        with pytest.raises(BadBundle, match="corrupt"):
            open_model(path, "litert")


def test_missing_files_are_bad_bundles(tmp_path: Path) -> None:
    """A folder without its model gives a traceback of the file system."""
    with pytest.raises(BadBundle, match="cannot be read"):
        open_model(tmp_path / "model.tflite")


def test_broken_keras_files_are_bad_bundles(tmp_path: Path) -> None:
    """The wheel's user asks for keras, whose model only a checkout has, and learns no cure."""
    pytest.importorskip("keras")
    with pytest.raises(BadBundle, match=r"is missing .*another backend"):
        open_model(tmp_path / "model.tflite", "keras")
    (tmp_path / "model.keras").write_bytes(b"no zip")
    with pytest.raises(BadBundle, match="is no Keras model"):
        open_model(tmp_path / "model.tflite", "keras")


def test_opening_leaves_file_descriptors_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """Log lines that other threads of the program write meanwhile vanish."""
    stop, written = threading.Event(), 0

    def log() -> None:
        nonlocal written
        while not stop.is_set():
            os.write(2, b"a line of the log\n")
            written += 1

    thread = threading.Thread(target=log)
    thread.start()
    for _ in range(5):
        open_model(MODEL)
    stop.set()
    thread.join()
    assert capfd.readouterr().err.count("a line of the log\n") == written

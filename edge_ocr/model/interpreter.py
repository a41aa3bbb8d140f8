"""The one seam to LiteRT, tflite-runtime, TensorFlow and Keras: a model file -> what maps batches to scores."""

import os
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadBundle, NoInterpreter, first_line

BACKENDS = ("litert", "tflite-runtime", "tensorflow", "keras")
"""What `open_model` knows. The first three run model.tflite; `keras` runs the float model.keras beside it."""

AUTO_ORDER = BACKENDS[:3]
"""What "auto" tries, from the lightest to the heaviest."""

LARGEST_BATCH = 32
"""Items to one invocation. More are no faster on one thread and cost 0.1 MB of activations each."""

SMALLEST_FILE = 64
"""Bytes; no TFLite file is smaller."""

_HOMES = {
    "litert": ("ai_edge_litert.interpreter", "Interpreter"),
    "tflite-runtime": ("tflite_runtime.interpreter", "Interpreter"),
    "tensorflow": ("tensorflow", "lite.Interpreter"),
}
"""Where each backend keeps its interpreter: module, attribute."""

_INSTALL = {
    "litert": "`pip install ai-edge-litert`",
    "tflite-runtime": "`pip install tflite-runtime 'numpy<2'`, which needs Python 3.11 or older",
    "tensorflow": "`pip install tensorflow`",
    "keras": "`pip install tensorflow keras`",
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A model's input or output: `value = (number - zero_point) * scale`."""

    shape: tuple[int, ...]
    """Of one item, without the batch: (32, 32, 1). -1 if any size is allowed."""
    dtype: str
    """NumPy's name: "int8", "uint8" or "float32"."""
    scale: float
    """The value of one step; 1.0 if the numbers are not quantized."""
    zero_point: int
    """The number for the value 0; 0 if the numbers are not quantized."""


class Model(Protocol):
    """An open model, the one of `BACKENDS` that runs it, and its version.

    Any number of threads may call it: they wait for each other. It survives `fork`, and pickling opens the file anew.
    """

    backend: str
    version: str
    input: Tensor
    output: Tensor

    def __call__(self, batch: NDArray[Any]) -> NDArray[Any]:
        """(n, *input.shape) of input.dtype -> (n, *output.shape) of output.dtype; n may be 0."""


class _Unusable(Exception):
    """Why a backend cannot run here."""


def open_model(path: Path, backend: str = "auto", threads: int = 1) -> Model:
    """Open a .tflite file (or the .keras file beside it) with one of `BACKENDS`.

    Open only files whose checksum was compared, as `load_bundle` does: tflite-runtime crashes on a file cut short.

    Args:
        path: of model.tflite; `keras` opens the file of the same name that ends in .keras.
        backend: one of `BACKENDS`, or "auto": the first of `AUTO_ORDER` that can make an interpreter here.
        threads: for one invocation, 1 or more; Keras takes TensorFlow's own setting instead.

    Raises:
        NoInterpreter: the backend is unknown, not installed or cannot run here; the message says what to install.
        BadBundle: the file is missing or is not a model.
        ValueError: `threads` is less than 1.
    """
    if threads < 1:
        raise ValueError(f"threads is {threads}: expected 1 or more")
    if backend not in ("auto", *BACKENDS):
        raise NoInterpreter(f"there is no backend {backend!r}: choose auto, {', '.join(BACKENDS)}")
    reasons = []
    for name in AUTO_ORDER if backend == "auto" else (backend,):
        try:
            return _KerasModel(path) if name == "keras" else _LiteModel(path, name, threads)
        except _Unusable as error:
            reasons.append(f"{name}: {error}")
    install = _INSTALL["litert" if backend == "auto" else backend]
    raise NoInterpreter(f"no interpreter can run the model here ({'; '.join(reasons)}): run {install}")


def _read_tflite(path: Path) -> bytes:
    """The bytes of a TFLite file, known by the flatbuffer identifier that follows its root's offset."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadBundle(f"{path} cannot be read ({error.strerror}): expected a TFLite model") from error
    if len(content) < SMALLEST_FILE or content[4:8] != b"TFL3":
        raise BadBundle(f"{path} is not a TFLite model: make it again with `python -m convert quantize characters`")
    return content


class _LiteModel:
    """A .tflite file in LiteRT, tflite-runtime or TensorFlow: the three share one interface."""

    def __init__(self, path: Path, backend: str, threads: int) -> None:
        self.backend = backend
        self._path, self._threads = path, threads
        self._lock, self._is_another_process = threading.Lock(), False
        self._before_fork: Any = None
        self._open()
        takes, gives = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(takes) != 1 or len(gives) != 1:
            raise BadBundle(f"{path} has {len(takes)} inputs and {len(gives)} outputs: expected one of each")
        self._takes, self._gives = int(takes[0]["index"]), int(gives[0]["index"])
        self.input, self.output = _tensor(takes[0]), _tensor(gives[0])
        _models.add(self)

    def __call__(self, batch: NDArray[Any]) -> NDArray[Any]:
        with self._lock:
            if self._is_another_process:
                self._before_fork = self._interpreter  # Freeing it might wait for a thread that is not here.
                self._is_another_process = False
                self._open()
            parts = [self._invoke(batch[i : i + LARGEST_BATCH]) for i in range(0, len(batch), LARGEST_BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, *self.output.shape), self.output.dtype)

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[Path, str, int]]:
        return open_model, (self._path, self.backend, self._threads)

    def _open(self) -> None:
        make, self.version = _find_interpreter(self.backend)
        self._interpreter = _make_interpreter(make, self._path, _read_tflite(self._path), self._threads)
        self._shape = tuple(int(size) for size in self._interpreter.get_input_details()[0]["shape"])

    def after_fork(self) -> None:
        """In the child: a thread that is not here may hold the lock, and be in the middle of an inference."""
        self._lock, self._is_another_process = threading.Lock(), True

    def _invoke(self, batch: NDArray[Any]) -> NDArray[Any]:
        # A new size costs less than one item (0.02 of 0.08 ms for 3 million multiply-adds on one x86 thread), so
        # neither padding to a fixed batch nor feeding item by item is cheaper.
        if batch.shape != self._shape:
            self._interpreter.resize_tensor_input(self._takes, batch.shape)
            self._interpreter.allocate_tensors()
            self._shape = batch.shape
        self._interpreter.set_tensor(self._takes, batch)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._gives))


class _KerasModel:
    """The float .keras file as one TensorFlow graph, far faster than `predict` for small batches."""

    backend = "keras"

    def __init__(self, path: Path) -> None:
        # With oneDNN, TensorFlow 2.21 fuses a convolution of one channel wrongly on some processors, and refuses it.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
        self._path = path
        tensorflow, keras = _import("tensorflow"), _import("keras")
        if keras.backend.backend() != "tensorflow":
            raise _Unusable(f"Keras is set to {keras.backend.backend()}, expected KERAS_BACKEND=tensorflow")
        model = _load_keras(keras, path.with_suffix(".keras"))
        self.version = str(keras.__version__)
        self.input = Tensor(_item_shape(model.input_shape), "float32", 1.0, 0)
        self.output = Tensor(_item_shape(model.output_shape), "float32", 1.0, 0)
        signature = [tensorflow.TensorSpec(model.input_shape, tensorflow.float32)]
        self._graph = tensorflow.function(lambda batch: model(batch, training=False), input_signature=signature)

    def __call__(self, batch: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self._graph(batch))

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[Path, str]]:
        return open_model, (self._path, self.backend)


_models: "weakref.WeakSet[_LiteModel]" = weakref.WeakSet()
"""All that are open, to be opened again after `fork`."""


def _after_fork() -> None:
    for model in _models:
        model.after_fork()


os.register_at_fork(after_in_child=_after_fork)


def _find_interpreter(backend: str) -> tuple[Any, str]:
    """The backend's Interpreter class and its package's version."""
    module, attribute = _HOMES[backend]
    home, package = _import(module), _import(module.partition(".")[0])
    try:
        return attrgetter(attribute)(home), str(getattr(package, "__version__", "unknown"))
    except Exception as error:  # TensorFlow loads `lite` only here, and a broken wheel may raise anything.
        raise _Unusable(_reason(error)) from error


def _make_interpreter(make: Any, path: Path, content: bytes, threads: int) -> Any:
    try:
        interpreter = make(model_content=content, num_threads=threads)
    except ValueError as error:  # All three raise only this for a model that they refuse.
        raise BadBundle(f"{path} is corrupt or too new for this interpreter ({_reason(error)})") from error
    except Exception as error:  # tflite-runtime with numpy 2 imports well and raises SystemError here.
        raise _Unusable(_reason(error)) from error
    try:
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise BadBundle(f"{path} cannot be prepared to run ({_reason(error)})") from error
    return interpreter


def _load_keras(keras: Any, path: Path) -> Any:
    if not path.is_file():
        cure = "choose another backend or run `python -m convert train characters`"
        raise BadBundle(f"{path} is missing (only a checkout keeps the float model that keras runs): {cure}")
    try:
        import_module("edge_ocr.model.keras_layers")  # Keras finds our own layers through it.
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Zip, JSON, HDF5 and Keras each have their own errors for a broken file.
        raise BadBundle(f"{path} is no Keras model ({_reason(error)})") from error


def _import(name: str) -> Any:
    try:
        return import_module(name)
    except Exception as error:  # A missing package, a missing glibc, a wheel for another numpy: all unusable here.
        raise _Unusable(_reason(error)) from error


def _reason(error: BaseException) -> str:
    """What went wrong, in a few words: the cause, where an error has one."""
    return first_line(error.__cause__ or error)


def _tensor(details: Any) -> Tensor:
    """An interpreter's description of one tensor as our record."""
    scale, zero_point = details["quantization"]
    return Tensor(
        _item_shape(details["shape_signature"]), np.dtype(details["dtype"]).name, float(scale) or 1.0, int(zero_point)
    )


def _item_shape(shape: Any) -> tuple[int, ...]:
    return tuple(-1 if size is None else int(size) for size in shape[1:])

"""Converting in a child process: whatever becomes of it, the parent gets bytes or one sentence."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization import converter_process as isolate  # noqa: E402
from convert.quantization.converter_process import CannotConvert, convert_model, model_layers, model_name  # noqa: E402
from convert.quantization.recipe import Recipe  # noqa: E402

pytestmark = pytest.mark.slow

TILES = np.random.default_rng(0).integers(0, 256, (4, 32, 32)).astype(np.uint8)


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with an LSTM, as tutorials for handwriting have it."""
    layers = [keras.layers.Reshape((32, 32)), keras.layers.LSTM(4, name="memory"), keras.layers.Dense(3)]
    path = tmp_path_factory.mktemp("models") / "recurrent.keras"
    keras.Sequential([keras.Input((32, 32, 1)), *layers], name="reader").save(path)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "plain.keras"
    keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]).save(path)
    return path


def worker(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(isolate, "WORKER", [sys.executable, "-c", code])


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", r"crashed \(SIGSEGV\); try another --scheme"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was killed, probably for lack of memory"),
        ("raise SystemExit('no such thing.')", r"cannot be converted \(no such thing\)"),
        ("raise SystemExit(3)", r"cannot be converted \(exit code 3\)"),
    ],
    ids=["crash", "memory", "words", "silence"],
)
def test_a_dead_converter_is_one_sentence(plain: Path, monkeypatch: pytest.MonkeyPatch, code: str, why: str) -> None:
    """A segmentation fault of the converter would end the whole program without a word."""
    worker(monkeypatch, code)
    with pytest.raises(CannotConvert, match=why) as raised:
        convert_model(plain, TILES, Recipe())
    assert "\n" not in str(raised.value)


def test_a_long_complaint_is_cut_and_the_users_own_file_named(
    plain: Path, recurrent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cure would stand behind hundreds of characters of MLIR, about a file that is gone."""
    place = 'loc(callsite(fused["List:", "a(b)"] at fused["Call:", "c"]))'
    words = f"<unknown>:0: error: {place}: 'tf.TensorListReserve' op " + "needs a static shape " * 20
    worker(monkeypatch, f"raise SystemExit({words!r})")
    for model, cure in ((plain, "cannot be converted"), (recurrent, r"replace memory \(LSTM\) by convolutions")):
        with pytest.raises(CannotConvert, match=f"^mine.keras:? {cure}.*TensorListReserve") as raised:
            convert_model(model, TILES, Recipe(), Path("mine.keras"))
        said = str(raised.value)
        assert "loc(" not in said and "unknown" not in said and len(said) < 300 and said.endswith("...)")


@pytest.mark.parametrize("text", ["loc(", "a loc(b", "loc((x) y", "loc(a)loc(b)c"])
def test_brackets_that_do_not_close_are_no_trap(text: str) -> None:
    """A strange complaint would hang the command, or be shown half."""
    assert isolate.brief(text) in ("", "a", "c")


def test_a_crash_on_recurrent_layers_names_them(recurrent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would know which layers to replace."""
    worker(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(CannotConvert, match=r"replace memory \(LSTM\) by convolutions"):
        convert_model(recurrent, TILES, Recipe())


def test_a_real_recurrent_model_does_not_take_us_along(recurrent: Path) -> None:
    """The real converter's crash or refusal of an LSTM is not one sentence."""
    with pytest.raises(CannotConvert, match=r"recurrent\.keras.*memory \(LSTM\)") as raised:
        convert_model(recurrent, TILES, Recipe())
    assert "\n" not in str(raised.value)


def test_ctrl_c_while_it_converts_ends_both(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C would be reported as an error of the model, or the converter go on for minutes that nobody waits for."""
    note = tmp_path / "pid"
    interrupt = f"open({str(note)!r}, 'w').write(str(os.getpid())); os.kill(os.getppid(), signal.SIGINT)"
    worker(monkeypatch, f"import os, signal, time; {interrupt}; time.sleep(600)")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # A suite in the background ignores it.
    try:
        with pytest.raises(KeyboardInterrupt):
            convert_model(plain, TILES, Recipe())
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_layers_are_read_without_keras(recurrent: Path, tmp_path: Path) -> None:
    """A crash could not be explained, and tensors would keep their cryptic names."""
    inner = keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten(name="flat")], name="inner")
    outer = keras.Sequential([keras.Input((32, 32, 1)), inner, keras.layers.Dense(3, name="last")], name="outer")
    outer.save(tmp_path / "nested.keras")
    kinds = dict(model_layers(recurrent))
    assert kinds["memory"] == "LSTM" and model_name(recurrent) == "reader"
    nested = dict(model_layers(tmp_path / "nested.keras"))
    assert nested["flat"] == "Flatten" and nested["last"] == "Dense" and "inner" not in nested
    assert model_layers(tmp_path / "missing.keras") == [] and model_name(tmp_path / "missing.keras") == ""

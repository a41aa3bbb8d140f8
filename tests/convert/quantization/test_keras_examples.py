"""Models in the shape of Keras's own examples become bundles that read, or the user learns what to do."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from keras import layers as L  # noqa: E402

from convert.quantization import converter_worker, job, quantize  # noqa: E402
from convert.quantization.converter_process import CannotConvert  # noqa: E402
from convert.quantization.own_job import own_job  # noqa: E402
from convert.quantization.recipe import Recipe  # noqa: E402
from edge_ocr.layout.strip import HEIGHT  # noqa: E402
from edge_ocr.model.bundle import load_bundle  # noqa: E402
from edge_ocr.model.characters import CharacterModel  # noqa: E402
from edge_ocr.model.lines import LineModel  # noqa: E402
from edge_ocr.page import Gray  # noqa: E402
from tests.idx import write_idx  # noqa: E402
from tests.places import TINY  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

NAMES = ("A", "B", "Oo", "1", ".", "")
DRAWN = np.load(TINY / "tiles.npz")
STRIPS = [np.ascontiguousarray(np.pad(np.hstack(DRAWN["tiles"][n : n + 3]), ((4, 4), (0, 0)))) for n in range(0, 30, 3)]


@pytest.fixture(autouse=True)
def lean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Converts in this process, and compares on few pictures: the same code, without waiting for another TensorFlow."""

    def convert(source: Path, images: list[Gray], recipe: Recipe, named: Path) -> bytes:
        model = source if source.is_dir() else keras.saving.load_model(source, compile=False)
        if recipe.scheme == "int8":
            return converter_worker.to_int8(model, images)
        return converter_worker.to_dynamic(model)

    monkeypatch.setattr(job, "convert_model", convert)
    monkeypatch.setattr(job, "seen_by_reader", lambda kind: list(DRAWN["tiles"]) if kind == "characters" else STRIPS)


@pytest.fixture(scope="module")
def learned() -> tuple[np.ndarray, np.ndarray]:
    """Drawings and the number of each one's label, (n, 32, 32, 1) from 0 to 1."""
    from tests.tiny_model.make import drawings

    tiles, labels = drawings(seed=3, each=120)
    return tiles[..., np.newaxis] / np.float32(255), labels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Labels, and drawings as MNIST has them."""
    (tmp_path / "labels.txt").write_text("".join(f"{name}\n" for name in NAMES))
    write_idx(tmp_path / "train-images-idx3-ubyte", DRAWN["tiles"])
    write_idx(tmp_path / "train-labels-idx1-ubyte", DRAWN["truth"])
    return tmp_path


def given(folder: Path, model: Path, *more: str) -> list[str]:
    pictures = [] if "dynamic" in more else ["--calibration", str(folder / "train-images-idx3-ubyte")]
    return [str(model), "--labels", str(folder / "labels.txt"), "--out", str(folder / "mine"), *pictures, *more]


def run(folder: Path, model: Path, *more: str) -> int:
    return quantize.main(given(folder, model, *more))


def convolutions() -> list[Any]:
    first, second = (L.Conv2D(filters, 3, activation="relu") for filters in (8, 16))
    return [first, L.MaxPooling2D(), second, L.MaxPooling2D(), L.Flatten(), L.Dropout(0.2)]


def normalized() -> list[Any]:
    """Convolutions that know the range of their input well."""
    parts = [[L.Conv2D(n, 3), L.BatchNormalization(momentum=0.8), L.ReLU(6.0), L.MaxPooling2D()] for n in (8, 16)]
    return [L.BatchNormalization(momentum=0.8), *parts[0], *parts[1], L.Flatten()]


def train(model: Any, pixels: np.ndarray, labels: np.ndarray) -> Any:
    keras.utils.set_random_seed(1)
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.fit(pixels, labels, batch_size=32, epochs=4, verbose=0)
    return model


def right(folder: Path) -> float:
    """Of unseen drawings, by the bundle."""
    answers = CharacterModel(load_bundle(folder / "mine"))(DRAWN["tiles"]).argmax(axis=1)
    return float((answers == DRAWN["truth"]).mean())


def test_a_convnet_for_mnist(
    folder: Path, learned: tuple[np.ndarray, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    """28x28 pixels from 0 to 1, a softmax, an .h5: the first model that anybody has is refused, or reads nothing."""
    tiles, labels = learned
    scans = np.stack([cv2.resize(tile, (28, 28), interpolation=cv2.INTER_LINEAR) for tile in tiles])[..., np.newaxis]
    model = keras.Sequential([keras.Input((28, 28, 1)), *convolutions(), L.Dense(6, activation="softmax")])
    train(model, scans, labels).save(folder / "mnist.h5")
    assert run(folder, folder / "mnist.h5", "--scale", "1/255") == 0
    said = capsys.readouterr().err
    assert "Resizing(28, 28) is put in front" in said and "of your labelled pictures right" in said
    assert "--scale" not in said and right(folder) >= 0.9


def test_a_tutorials_model_of_pixels_from_0_to_1_is_found_out(
    folder: Path, learned: tuple[np.ndarray, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    """Batch norm first hides that it wants pixels from 0 to 1: it is accepted as good, and reads ZZZZ."""
    inner = keras.Sequential([keras.Input((32, 32, 1)), *normalized(), L.Dense(6, activation="softmax")])
    train(inner, *learned).save(folder / "tutorial.keras")
    keras.Sequential([keras.Input((32, 32, 1)), inner]).save(folder / "wrapped.keras")
    for name in ("tutorial.keras", "wrapped.keras"):
        options = quantize.parse(given(folder, folder / name))
        own_job(options, Recipe(calibration=options.calibration))
        assert "warning: with pixels from 0 to 1 it reads" in capsys.readouterr().err
    assert run(folder, folder / "wrapped.keras", "--scale", "1/255") == 0
    assert "with pixels" not in capsys.readouterr().err and right(folder) >= 0.9
    scores = CharacterModel(load_bundle(folder / "mine"))(DRAWN["tiles"])
    assert len(np.unique(scores)) > 100  # Logits, not an int8 softmax.


def bottleneck(x: Any, filters: int) -> Any:
    """MobileNetV2's block: wider, each channel by itself, narrower, added."""
    wide = x
    for layer in (L.Conv2D(4 * filters, 1, use_bias=False), L.DepthwiseConv2D(3, padding="same", use_bias=False)):
        wide = L.ReLU(6.0)(L.BatchNormalization()(layer(wide)))
    return L.Add()([x, L.BatchNormalization()(L.Conv2D(filters, 1, use_bias=False)(wide))])


def test_a_mobilenet_that_was_taught_letters(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Transfer learning begins with a network of large colour pictures, frozen, that scales its pixels itself."""
    keras.utils.set_random_seed(1)
    picture = keras.Input((48, 48, 3))
    base = keras.Model(picture, bottleneck(L.Conv2D(8, 3, 4, padding="same", use_bias=False)(picture), 8))
    base.trainable = False
    picture = keras.Input((48, 48, 3))
    features = L.GlobalAveragePooling2D()(base(L.Rescaling(1 / 127.5, -1)(picture), training=False))
    keras.Model(picture, L.Dense(6)(L.Dropout(0.2)(features))).save(folder / "transfer.keras")
    assert run(folder, folder / "transfer.keras") == 0
    err = capsys.readouterr().err
    assert "Resizing(48, 48)" in err and "red, green and blue" in err
    bundle = load_bundle(folder / "mine")
    exact, quick = (CharacterModel(bundle, backend)(DRAWN["tiles"]) for backend in ("keras", "auto"))
    assert np.corrcoef(exact.ravel(), quick.ravel())[0, 1] > 0.95


def looking(across: int) -> list[Any]:
    """Convolutions, and their output for each column."""
    shrunk = [L.Conv2D(4, 3, activation="relu", padding="same"), L.MaxPooling2D(2)]
    return [*shrunk, L.Conv2D(8, 3, activation="relu", padding="same"), L.MaxPooling2D(2), L.Reshape((-1, across))]


def remembering(labels: int) -> list[Any]:
    """An LSTM over the columns, then labels, with the blank last."""
    return [L.Bidirectional(L.LSTM(4, return_sequences=True)), L.Dense(labels, activation="softmax")]


@pytest.mark.parametrize(("width", "height"), [(200, 50), (128, 32)], ids=["captcha", "handwriting"])
def test_lines_of_one_width_on_their_side_are_refused_with_the_cure(folder: Path, width: int, height: int) -> None:
    """The captcha and the handwriting example read pictures of one size, turned: the user is left with two shapes."""
    steps = [*looking(8 * (height // 4)), *remembering(8)]
    keras.Sequential([keras.Input((width, height, 1)), *steps]).save(folder / "lines.keras")
    with pytest.raises(CannotConvert, match=r"build it with keras\.Input\(\(40, None, 1\)\)") as raised:
        run(folder, folder / "lines.keras", "--blank", "last")
    assert "\n" not in str(raised.value)


def test_lines_with_an_lstm_read_as_dynamic(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The cure of the message above is none: LSTMs, [UNK] and the blank at the end still do not fit."""
    (folder / "labels.txt").write_text("[UNK]\nA\nB\no\n1\n.\n")
    keras.utils.set_random_seed(1)
    steps = [*looking(8)[:-1], L.AveragePooling2D((10, 1)), L.Reshape((-1, 8)), *remembering(7)]
    model = keras.Sequential([keras.Input((HEIGHT, None, 1)), *steps])
    model.save(folder / "lines.keras")
    assert run(folder, folder / "lines.keras", "--blank", "last", "--scale", "1/255", "--scheme", "dynamic") == 0
    assert "its frames are given the shape (1, frames, labels)" in capsys.readouterr().err
    bundle = load_bundle(folder / "mine")
    assert bundle.labels == ("", "\ufffd", "A", "B", "o", "1", ".") and bundle.stride == 4
    exact = np.log(model(np.pad(STRIPS[0], ((0, 0), (0, -STRIPS[0].shape[1] % 32)))[None, ..., None] / 255.0)[0])
    assert (
        np.abs(LineModel(bundle)(STRIPS[0])[:, [*range(1, 7), 0]] - exact[: -(-STRIPS[0].shape[1] // 4)]).max() < 0.05
    )


def test_characters_with_an_lstm_read_as_int8(folder: Path) -> None:
    """TensorFlow's int8 converter crashes on LSTMs that are not unrolled."""
    steps = [L.Rescaling(1 / 255), L.Reshape((8, 128)), L.LSTM(8), L.Dense(6)]
    keras.Sequential([keras.Input((32, 32, 1)), *steps]).save(folder / "rows.keras")
    assert run(folder, folder / "rows.keras") == 0
    bundle = load_bundle(folder / "mine")
    assert CharacterModel(bundle).model.input.dtype == "int8"
    exact, quick = (CharacterModel(bundle, backend)(DRAWN["tiles"]) for backend in ("keras", "auto"))
    assert np.corrcoef(exact.ravel(), quick.ravel())[0, 1] > 0.9


def test_code_of_ones_own_is_exported(folder: Path, learned: tuple[np.ndarray, np.ndarray]) -> None:
    """The cure for Lambda layers, model.export, makes a model that cannot be converted or keeps its softmax."""
    first = L.Lambda(lambda pixels: pixels * 1.0)
    model = keras.Sequential([keras.Input((32, 32, 1)), first, *convolutions(), L.Dense(6, activation="softmax")])
    train(model, *learned).export(folder / "exported", verbose=False)
    (folder / "mine").mkdir()
    (folder / "mine" / "model.keras").write_text("of another model")
    assert run(folder, folder / "exported", "--scale", "1/255") == 0
    assert right(folder) >= 0.9 and not (folder / "mine" / "model.keras").exists()
    assert len(np.unique(CharacterModel(load_bundle(folder / "mine"))(DRAWN["tiles"]))) > 100

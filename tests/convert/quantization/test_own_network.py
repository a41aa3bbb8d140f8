"""Users' networks made fit for the runtime: the same answers, in float32, for any batch, as logits."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from keras import layers as L  # noqa: E402

from convert.quantization.own_network import Fitting, fit, settle, to_logits  # noqa: E402

pytestmark = pytest.mark.slow

Pixels = np.ndarray


def network(*steps: Any, shape: tuple[int | None, ...] = (32, 32, 1), **options: Any) -> Any:
    return keras.Sequential([keras.Input(shape, **options), *steps])


def tiles(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)


def answers(model: Any, images: Pixels) -> Pixels:
    return np.asarray(model(images, training=False), np.float32)


def half() -> Any:
    return network(L.Rescaling(1 / 255), L.Conv2D(2, 3, dtype="mixed_float16"), L.Flatten(), L.Dense(3))


@pytest.mark.parametrize(
    "model",
    [
        half,
        lambda: network(L.Rescaling(1 / 255), L.Flatten(), L.Dense(3), dtype="uint8"),
        lambda: network(L.Conv2D(2, 3), L.Flatten(), L.Dense(3)),
    ],
    ids=["float16", "uint8", "plain"],
)
def test_types_for_training_and_files_become_float32(model: Callable[[], Any]) -> None:
    """The converter complains of MLIR operations, which nobody understands."""
    before = model()
    after = settle(before)
    assert after.inputs[0].dtype == "float32" and {layer.compute_dtype for layer in after.layers} == {"float32"}
    assert np.allclose(answers(before, tiles(2, 32, 32, 1)), answers(after, tiles(2, 32, 32, 1)), atol=0.02, rtol=0.02)


def test_a_batch_of_one_becomes_any() -> None:
    """The runtime gives as many tiles at once as it has, and the model would end it with a traceback."""
    image = keras.Input(batch_shape=(1, 32, 32, 1))
    before = keras.Model(image, L.Dense(3)(L.Flatten()(image)))
    after = settle(before)
    assert after.input_shape == (None, 32, 32, 1)
    assert np.allclose(answers(before, tiles(1, 32, 32, 1)), answers(after, tiles(1, 32, 32, 1)))


def test_recurrent_layers_become_what_the_converter_knows() -> None:
    """LSTMs crash the converter: unrolled, where the number of steps is known, they do not; nor for one line alone."""
    tile = settle(network(L.Reshape((32, 32)), L.Bidirectional(L.LSTM(2)), L.Dense(3)))
    assert tile.layers[1].forward_layer.unroll
    line = settle(network(L.Conv2D(2, (40, 4), (1, 4)), L.Reshape((-1, 2)), L.GRU(2), shape=(40, None, 1)))
    assert line.input_shape == (1, 40, None, 1)


ENDS: dict[str, Callable[[], list[Any]]] = {
    "in the last layer": lambda: [L.Dense(3, activation="softmax")],
    "a layer": lambda: [L.Dense(3), L.Softmax()],
    "an activation": lambda: [L.Dense(3), L.Activation("softmax")],
    "a model within": lambda: [network(L.Dense(3), L.Softmax(), shape=(1024,))],
    "in the last layer within": lambda: [network(L.Dense(3, activation="softmax"), shape=(1024,))],
    "before others": lambda: [L.Dense(3), L.Softmax(), L.Reshape((3,)), L.Dropout(0.1)],
    "log": lambda: [L.Dense(3, activation="log_softmax")],
}


@pytest.mark.parametrize("end", ENDS)
def test_a_softmax_at_the_end_is_left_out(end: str) -> None:
    """Confidences would be squeezed into 256 steps, and a softmax be taken of a softmax."""
    model = network(L.Rescaling(1 / 255), L.Flatten(), *ENDS[end]())
    _check_logits(model, is_log=end == "log")


def test_a_softmax_that_is_an_operation_is_left_out() -> None:
    """keras.ops.softmax is no layer."""
    image = keras.Input((32, 32, 1))
    _check_logits(keras.Model(image, keras.ops.softmax(L.Dense(3)(L.Flatten()(L.Rescaling(1 / 255)(image))))))


def _check_logits(model: Any, is_log: bool = False) -> None:
    before = answers(model, tiles(2, 32, 32, 1))
    after = answers(to_logits(model), tiles(2, 32, 32, 1))
    assert not np.allclose(after.sum(axis=1), 1, atol=1e-3)
    powers = np.exp(after - after.max(axis=1, keepdims=True))
    expected = np.exp(before) if is_log else before
    assert powers / powers.sum(axis=1, keepdims=True) == pytest.approx(expected, rel=1e-3)


def test_a_softmax_in_the_middle_stays() -> None:
    """Attention weights would be taken for the answer."""
    model = network(L.Flatten(), L.Dense(4, activation="softmax"), L.Dense(3))
    assert to_logits(model) is model


@pytest.mark.parametrize("shape", [(28, 28, 1), (48, 24, 3), (32, 32), (32, 32, 1)])
def test_other_sizes_and_colours_are_put_in_front(shape: tuple[int, ...], tmp_path: Any) -> None:
    """MNIST's 28x28 and MobileNet's colours, the commonest models of all, would be refused."""
    said: list[str] = []
    model = network(L.Flatten(), L.Dropout(0.5), L.Dense(3), shape=shape)
    fitted = fit(model, Fitting(), said.append)
    assert fitted.input_shape == (None, 32, 32, 1) and fitted.output_shape == (None, 3)
    assert (shape == (32, 32, 1)) == (fitted is model) == (not said)
    fitted.save(tmp_path / "fitted.keras")  # Keras can open it again without us.
    again = keras.saving.load_model(tmp_path / "fitted.keras", compile=False)
    assert np.array_equal(answers(again, tiles(2, 32, 32, 1)), answers(fitted, tiles(2, 32, 32, 1)))


def test_pixels_become_what_the_model_learned_from() -> None:
    """--scale and --invert, alone and together."""
    model = network(L.Flatten(), L.Dense(3))
    x = tiles(2, 32, 32, 1)
    for fitting, pixels in (
        (Fitting(scale=1 / 255), x / 255), (Fitting(invert=True), 255 - x),
        (Fitting(scale=1 / 255, invert=True), 1 - x / 255),
    ):  # fmt: skip
        assert np.allclose(answers(fit(model, fitting, print), x), answers(model, pixels), rtol=1e-3, atol=1e-3)


def test_the_blank_comes_first_and_frames_get_their_axis() -> None:
    """Keras puts CTC's blank last: every text would be read one label off."""
    model = network(L.Conv2D(3, (40, 4), (1, 4)), L.Reshape((-1, 3)), shape=(40, None, 1))
    x = tiles(1, 40, 64, 1)
    fitted = answers(fit(model, Fitting(blank_last=True), print), x)
    assert fitted.shape == (1, 1, 16, 3)
    assert np.array_equal(fitted[:, 0], answers(model, x)[..., [2, 0, 1]])

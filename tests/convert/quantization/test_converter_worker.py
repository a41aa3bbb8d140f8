"""The schemes themselves, in this process: what each gives, and what stays float."""

import os

import numpy as np
import pytest

pytest.importorskip("tensorflow")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization import converter_worker as converter  # noqa: E402
from convert.quantization.flatbuffer import read_model, write_model  # noqa: E402
from convert.quantization.tensor_names import Names, layers_of, rename  # noqa: E402

pytestmark = pytest.mark.slow

TILES = np.random.default_rng(0).integers(0, 256, (8, 32, 32)).astype(np.uint8)

FLOAT32, INT16, INT8 = 0, 7, 9
"""Types of tensors in TFLite's schema."""


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Two convolutions, the second named as the first's scope will be, and a dense layer."""
    layers = [
        keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3, 2, name="conv"),
        keras.layers.Conv2D(4, 3, 2, name="conv_1"), keras.layers.Flatten(name="flat"),
        keras.layers.Dense(3, name="last"),
    ]  # fmt: skip
    return keras.Sequential([keras.Input((32, 32, 1), name="tile"), *layers], name="net")


@pytest.fixture(scope="module")
def names(model: keras.Model) -> Names:
    return Names.of_model("net", converter.layer_names(model))


def ends(content: bytes) -> tuple[int, int]:
    graph = read_model(content).subgraphs[0]
    return graph.tensors[graph.inputs[0]].type, graph.tensors[graph.outputs[0]].type


def test_every_scheme_has_the_ends_it_promises(model: keras.Model) -> None:
    """The runtime would be given a model with other inputs than the table and the recipe say."""
    assert ends(converter.to_int8(model, TILES)) == (INT8, INT8)
    assert ends(converter.to_int16x8(model, TILES)) == (INT16, INT16)
    for make in (converter.to_float32, converter.to_float16, converter.to_dynamic):
        assert ends(make(model)) == (FLOAT32, FLOAT32)


def test_kept_layers_alone_are_float(model: keras.Model, names: Names) -> None:
    """--keep-float would keep nothing, everything, or silently accept a name that no layer has."""
    made = read_model(converter.to_mixed(model, TILES, "conv|la.*"))
    types = {tensor.name.decode(): tensor.type for tensor in made.subgraphs[0].tensors}
    found: dict[str, int] = {}
    for name, layers in layers_of(made, names).items():
        found.setdefault(layers[0], types[name])
    assert (found["conv"], found["conv_1"], found["last"]) == (FLOAT32, INT8, FLOAT32)
    with pytest.raises(ValueError, match=r"'con'.*choose from .*conv, conv_1.*last"):
        converter.to_mixed(model, TILES, "con")


def test_errors_are_those_of_rounding(model: keras.Model) -> None:
    """The table would name layers that lose nothing, or not name them by their Keras names."""
    rows = converter.layer_errors(model, TILES, TILES)
    assert [row["layer"].split("+")[-1] for row in rows if row["op"] == "CONV_2D"] == ["conv", "conv_1"]
    assert rows[-1]["layer"] == "last"
    for row in rows:
        assert 0.05 < row["rms_steps"] < 1.5 and row["snr_db"] > 15 and row["largest_steps"] >= row["rms_steps"]


def test_the_debugger_gets_a_fixed_width() -> None:
    """Line models, whose width is open, could not be measured."""
    image = keras.Input((8, None, 1), name="strip")
    model = keras.Model(image, keras.layers.Conv2D(2, (8, 1), name="last")(image))
    same = converter.fixed(model, 8, 16)
    assert same.input_shape == (None, 8, 16, 1)
    strip = np.random.default_rng(0).random((1, 8, 16, 1)).astype(np.float32)
    assert np.array_equal(model(strip), same(strip))


def test_tensors_are_called_as_their_layers(model: keras.Model, names: Names) -> None:
    """Netron would show "net_1/conv_1/convolution;net_1/..." or, worse, call one layer by another's name."""
    made = read_model(converter.to_int8(model, TILES))
    rename(made, names)
    called = [
        tensor.name if isinstance(tensor.name, str) else tensor.name.decode() for tensor in made.subgraphs[0].tensors
    ]
    assert {"tile", "logits", "conv/weights", "conv_1/weights", "last/weights"} <= set(called)
    assert len(set(called)) == len(called)
    sizes = {name: list(tensor.shape) for name, tensor in zip(called, made.subgraphs[0].tensors, strict=True)}
    assert sizes["conv/weights"] == [4, 3, 3, 1] and sizes["conv_1/weights"] == [4, 3, 3, 4]


@pytest.mark.parametrize(
    ("model", "tensor", "layers"),
    [
        ("net", "net_1/conv_1/convolution", ["conv"]),
        ("net", "net_1/conv_1_2/convolution", ["conv_1"]),
        ("net", "net/conv_1/convolution", ["conv_1"]),
        ("net", "net_1/relu_1/Relu;net_1/conv_1/convolution;net_1/conv_1/add_1", ["conv", "relu"]),
        ("net", "net_1/inner_1/conv_1_1/convolution", ["conv_1"]),
        ("net", "StatefulPartitionedCall:0", []),
    ],
)
def test_scopes_are_understood(model: str, tensor: str, layers: list[str]) -> None:
    """Keras numbers scopes: "conv_1" is layer conv in a second trace, and layer conv_1 in a first one."""
    assert Names.of_model(model, ["conv", "conv_1", "relu", "add"]).layers(tensor) == layers


def test_a_rewritten_file_is_aligned_and_the_same(model: keras.Model) -> None:
    """Kernels that load sixteen bytes at once would fault on some boards, or the weights be others."""
    content = converter.to_int8(model, TILES)
    again = write_model(read_model(content))
    assert write_model(read_model(again)) == again
    one, other = (read_model(file).buffers for file in (content, again))
    for buffer, copy in zip(one, other, strict=True):
        assert np.array_equal(buffer.data, copy.data)
    from ai_edge_litert import schema_py_generated as schema

    root = schema.Model.GetRootAs(again, 0)
    places = [root.Buffers(number) for number in range(root.BuffersLength())]
    starts = [place._tab.Vector(place._tab.Offset(4)) for place in places if place.DataLength()]
    assert len(starts) > 4 and all(start % 16 == 0 for start in starts)

"""TFLite metadata inside a .tflite: input, output and labels, for tools such as Netron or Model Explorer.

The format is TensorFlow Lite's metadata_schema.fbs: a flatbuffer in a buffer named TFLITE_METADATA, and its
files as a zip after the model. Interpreters ignore both.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from convert.quantization.flatbuffer import add_buffer, read_model, write_model
from convert.quantization.tensor_names import Names, rename

ENTRY = b"TFLITE_METADATA"
IDENTIFIER = b"M001"
LEAST_PARSER = "1.0.0"
"""Version of the metadata's readers that know all that is used here."""

LABELS = "labels.txt"
AXIS_LABELS = 2
"""AssociatedFileType: one label a line for each place along the last axis."""

IMAGE = 2
"""ContentProperties: the tensor is an image."""
GREY = 2
"""ColorSpaceType."""
NORMALIZATION = 1
"""ProcessUnitOptions."""

Table = dict[int, Any]
"""A flatbuffer table: values by the number of their field. Whole numbers are enums, one byte each."""

SIDE = 64
"""Height and width in pixels that an input of any size has until it is given another one."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""A zip's earliest time, so that the same model gives the same file."""


def inscribe(content: bytes, names: Names, labels: Sequence[str], title: str, version: str, takes: str) -> bytes:
    """A .tflite with readable names, metadata and its labels; its results do not change.

    Args:
        content: as the converter wrote it.
        names: of the Keras model that it was made of.
        labels: of the outputs; "" is an empty line.
        title: the bundle's name.
        takes: describes the input.
    """
    model = read_model(content)
    rename(model, names)
    _start_large_enough(model)
    model.description = title
    model.buffers.append(add_buffer(_metadata(title, version, model, takes)))
    entry = schema.MetadataT()
    entry.name, entry.buffer = ENTRY, len(model.buffers) - 1
    model.metadata = [*(old for old in model.metadata or [] if old.name != ENTRY), entry]
    return _with_file(write_model(model), LABELS, "".join(f"{label}\n" for label in labels))


def read_labels(content: bytes) -> list[str]:
    """The labels inside a .tflite; KeyError or BadZipFile if it has none."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(LABELS).decode().split("\n")[:-1]


def _start_large_enough(model: schema.ModelT) -> None:
    """Let a network of any height start at SIDE pixels: at one, its halved and doubled maps are not alike."""
    graph = model.subgraphs[0]
    image = graph.tensors[int(graph.inputs[0])]
    if image.shapeSignature is not None and image.shapeSignature[1] < 0:
        image.shape = [1, SIDE, SIDE, 1]


def _with_file(content: bytes, name: str, text: str) -> bytes:
    whole = io.BytesIO(content)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name, EPOCH), text)
    return whole.getvalue()


def _metadata(title: str, version: str, model: schema.ModelT, takes: str) -> bytes:
    """The metadata's flatbuffer; the numbers are the fields' places in metadata_schema.fbs."""
    graph = model.subgraphs[0]
    names = [graph.tensors[int(ends[0])].name for ends in (graph.inputs, graph.outputs)]
    image: Table = {0: IMAGE, 1: {0: GREY}}
    as_it_is: Table = {0: NORMALIZATION, 1: {0: [0.0], 1: [1.0]}}
    pixels: Table = {0: names[0], 1: takes, 3: image, 4: [as_it_is], 5: {0: [255.0], 1: [0.0]}}
    file: Table = {0: LABELS, 1: "the characters that each output may be", 2: AXIS_LABELS}
    logits: Table = {0: names[1], 1: "logits: a softmax over the last axis gives probabilities", 6: [file]}
    builder = flatbuffers.Builder(512)
    whole: Table = {
        0: title,
        1: "handwriting, by edge-ocr",
        2: version,
        3: [{2: [pixels], 3: [logits]}],
        7: LEAST_PARSER,
    }
    builder.Finish(_encode(builder, whole), IDENTIFIER)
    return bytes(builder.Output())


def _encode(builder: flatbuffers.Builder, value: str | list[Any] | Table) -> int:
    """Write a text, a vector or a table with its content; returns its place."""
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, list):
        places = [item if isinstance(item, float) else _encode(builder, item) for item in value]
        builder.StartVector(4, len(places), 4)
        for item in reversed(places):
            (builder.PrependFloat32 if isinstance(item, float) else builder.PrependUOffsetTRelative)(item)
        return int(builder.EndVector())
    written = {slot: item if isinstance(item, int) else _encode(builder, item) for slot, item in value.items()}
    builder.StartObject(max(value) + 1)
    for slot, item in value.items():
        if isinstance(item, int):
            builder.PrependInt8Slot(slot, item, 0)
        else:
            builder.PrependUOffsetTRelativeSlot(slot, written[slot], 0)
    return int(builder.EndObject())

"""A .tflite file as objects and back, to change only what describes the model."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"

ALIGNMENT = 16
"""Alignment of weights in the file, in bytes, as TFLite's schema demands; the generated code forgets it."""


class _AlignedBuffer(schema.BufferT):
    """A buffer whose data starts at a multiple of ALIGNMENT."""

    def Pack(self, builder: flatbuffers.Builder) -> int:
        if self.data is not None:
            data = np.ascontiguousarray(self.data, np.uint8)
            builder.StartVector(1, len(data), ALIGNMENT)
            builder.head = builder.head - len(data)
            builder.Bytes[builder.head : builder.head + len(data)] = data.tobytes()
            where = builder.EndVector()
        schema.BufferStart(builder)
        if self.data is not None:
            schema.BufferAddData(builder, where)
        return schema.BufferEnd(builder)


def read_model(content: bytes) -> schema.ModelT:
    """The model of a .tflite file's bytes; appended data, such as associated files, is left out.

    Weights behind the flatbuffer, where litert-quantizer puts those of large models, are included.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for buffer in model.buffers:
        if buffer.offset > 1:  # 0 is none, 1 is not yet known.
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return model


def write_model(model: schema.ModelT) -> bytes:
    """The file's bytes; equal models give equal bytes."""
    for buffer in model.buffers:
        buffer.__class__ = _AlignedBuffer
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def add_buffer(data: bytes) -> schema.BufferT:
    """A buffer with this data."""
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    return buffer

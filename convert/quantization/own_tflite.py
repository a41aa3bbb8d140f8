"""A .tflite that somebody brings: what it takes and gives, its softmax, and float to int8 by litert-quantizer."""

from collections.abc import Sequence
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from convert.quantization.converter_process import CannotConvert
from convert.quantization.flatbuffer import read_model, write_model
from convert.quantization.litert_quantizer import NAME, requantize
from convert.virtual_environments import NotInstalled
from edge_ocr.output import note
from edge_ocr.page import Gray

SOFTMAXES = (schema.BuiltinOperator.SOFTMAX, schema.BuiltinOperator.LOG_SOFTMAX)

MOVING = (
    schema.BuiltinOperator.RESHAPE, schema.BuiltinOperator.SQUEEZE, schema.BuiltinOperator.TRANSPOSE,
    schema.BuiltinOperator.QUANTIZE, schema.BuiltinOperator.DEQUANTIZE,
)  # fmt: skip
"""Operations that only move or re-express numbers: a softmax may stand before them."""

AS_IT_CAME = "as it came"
"""The scheme of a .tflite that was quantized before."""


def is_quantized(content: bytes) -> bool:
    """Whether any weights or values of a .tflite are whole numbers of 8 or 16 bits."""
    small = (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)
    return any(tensor.type in small for graph in read_model(content).subgraphs for tensor in graph.tensors)


def to_int8(content: bytes, images: Sequence[Gray], path: Path) -> bytes:
    """A float .tflite with int8 weights and activations, float32 in and out; one that is quantized stays as it is.

    Raises:
        CannotConvert: litert-quantizer cannot be installed, or refuses the model.
    """
    if is_quantized(content):
        note(f"{path} is quantized already: it is taken as it is")
        return content
    try:
        return requantize(content, images)
    except NotInstalled as error:
        raise CannotConvert(
            f"{path} needs litert-quantizer, which could not be installed ({error}): connect this machine to the "
            "network once, or name the Keras model that it was made of"
        ) from error
    except CannotConvert as error:
        raise CannotConvert(
            f"{path} cannot be made {NAME} ({error}): name the Keras model that it was made of"
        ) from error


def without_softmax(content: bytes) -> bytes:
    """A .tflite that gives logits: without the softmax at its end, if it has one."""
    model = read_model(content)
    graph = model.subgraphs[0]
    makers = {int(output): operator for operator in graph.operators for output in operator.outputs}
    passed: list[int] = []
    tensor = int(graph.outputs[0])
    while tensor in makers:
        maker, takes = makers[tensor], int(makers[tensor].inputs[0])
        code = model.operatorCodes[maker.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind in SOFTMAXES:
            graph.operators.remove(maker)
            _lead_around(model, tensor, takes, passed)
            return write_model(model)
        if kind not in MOVING:
            break
        passed.append(tensor)
        tensor = takes
    return content


def _lead_around(model: schema.ModelT, gone: int, logits: int, passed: list[int]) -> None:
    """Let what came from the tensor `gone` come from `logits`, in its steps of quantization."""
    graph = model.subgraphs[0]
    for operator in graph.operators:
        operator.inputs = [logits if int(tensor) == gone else int(tensor) for tensor in operator.inputs]
    graph.outputs = [logits if int(tensor) == gone else int(tensor) for tensor in graph.outputs]
    for signature in model.signatureDefs or []:
        for output in signature.outputs:
            output.tensorIndex = logits if output.tensorIndex == gone else output.tensorIndex
    for number in passed:
        if graph.tensors[number].type == graph.tensors[logits].type:
            graph.tensors[number].quantization = graph.tensors[logits].quantization

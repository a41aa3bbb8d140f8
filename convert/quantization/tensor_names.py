"""Readable names in a .tflite: the converter's lists of scopes become the names of Keras layers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

KERNEL = 1
"""Which input of a convolution or a dense layer holds its weights; its bias follows."""

WEIGHTED = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.FULLY_CONNECTED,
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the converter's names mean, such as "characters_1/re_lu_1/Relu;characters_1/conv2d_1/convolution"."""

    model: str
    """The Keras model's name."""
    known: tuple[str, ...]
    """Its layers' names, in its order."""

    @classmethod
    def of_model(cls, model: str, layers: Sequence[str]) -> "Names":
        """Names of a model with these layers."""
        return cls(model, tuple(dict.fromkeys(layers)))

    def layers(self, tensor: str) -> list[str]:
        """The layers that an operation stands for, in the model's order: those merged into one, too."""
        found = {self._layer(part) for part in tensor.split(";")} - {None}
        return [layer for layer in self.known if layer in found]

    def _layer(self, path: str) -> str | None:
        model, *scopes = path.split("/")
        # Keras numbers each scope when it traces a model for the second time: layer conv2d_1 gives the scope
        # conv2d_1_2, and conv2d gives conv2d_1, which is another layer's name. The model's own scope shows which it is.
        numbered = model != self.model
        for scope in scopes:
            bare = re.sub(r"_\d+$", "", scope)
            for name in (bare, scope) if numbered else (scope, bare):
                if name in self.known:
                    return name
        return None


def layers_of(model: schema.ModelT, names: Names) -> dict[str, list[str]]:
    """The layers behind the first output of each operation, by that tensor's name; those that name a layer alone.

    The name of the model's output says nothing: there the weights' name counts.
    """
    graph = model.subgraphs[0]
    found = {}
    for op in graph.operators:
        name = graph.tensors[op.outputs[0]].name.decode()
        layers = names.layers(name)
        if not layers and model.operatorCodes[op.opcodeIndex].builtinCode in WEIGHTED:
            layers = names.layers(graph.tensors[op.inputs[KERNEL]].name.decode())
        if layers:
            found[name] = layers
    return found


def rename(model: schema.ModelT, names: Names, output: str = "logits") -> None:
    """Name tensors, input, output and signature of a model after its layers; names without a layer stay."""
    graph = model.subgraphs[0]
    layers = layers_of(model, names)
    signature = model.signatureDefs[0] if model.signatureDefs else None
    if signature:
        signature.outputs[0].name = output
    wanted = {
        graph.inputs[0]: signature.inputs[0].name.decode() if signature else "image",
        graph.outputs[0]: output,
    }
    for op in graph.operators:
        behind = layers.get(graph.tensors[op.outputs[0]].name.decode())
        if not behind:
            continue
        wanted.setdefault(op.outputs[0], "+".join(behind))
        if model.operatorCodes[op.opcodeIndex].builtinCode in WEIGHTED:
            first = next(iter(names.layers(graph.tensors[op.inputs[KERNEL]].name.decode())), behind[0])
            for place, what in enumerate(("weights", "bias"), KERNEL):
                if place < len(op.inputs) and op.inputs[place] >= 0:
                    wanted.setdefault(op.inputs[place], f"{first}/{what}")
    counts = Counter(wanted.values())
    for number, name in wanted.items():
        graph.tensors[number].name = name if counts[name] == 1 else f"{name}#{number}"

"""Strip -> log probabilities of each character at each frame: the line model with its input and output steps."""

import numpy as np
from numpy.typing import NDArray

from edge_ocr.errors import BadBundle
from edge_ocr.model.bundle import WIDTH_STEP, Bundle, open_bundle
from edge_ocr.model.characters import dequantize, log_softmax, pixel_steps
from edge_ocr.page import Gray


class LineModel:
    """Recognises whole lines. Call it from one thread at a time."""

    def __init__(self, bundle: Bundle, backend: str = "auto", threads: int = 1) -> None:
        """Open the bundle's model.

        Args:
            bundle: from `load_bundle`, of kind "lines".
            backend: "auto" or one of `edge_ocr.model.interpreter.BACKENDS`.
            threads: for one line.

        Raises:
            BadBundle: the model is corrupt, contradicts the bundle or reads no lines.
            NoInterpreter: no installed package can run it.
        """
        if bundle.kind != "lines":
            raise BadBundle(f"{bundle.folder} reads {bundle.kind}: name a bundle of kind 'lines'")
        self.model = open_bundle(bundle, backend, threads)
        self.labels = bundle.labels
        self.stride = bundle.stride
        """Columns of a strip to one frame."""
        self._height, self._folder = bundle.height, bundle.folder
        self._steps = pixel_steps(self.model.input)

    def __call__(self, strip: Gray) -> NDArray[np.float32]:
        """Natural logarithms of the classes' probabilities, frame by frame.

        Args:
            strip: (40, width) uint8 as `edge_ocr.layout.strip` cuts it, 0 paper to 255 pen.

        Returns:
            (ceil(width / stride), classes) float32; class 0 is CTC's blank.

        Raises:
            ValueError: the strip has another height than the model's input.
            BadBundle: the model gives more or fewer frames than the bundle's stride says.
        """
        height, width = strip.shape
        if height != self._height:
            raise ValueError(f"a strip is {height} pixels high: expected {self._height}")
        padded = np.zeros((height, -(-width // WIDTH_STEP) * WIDTH_STEP), np.uint8)
        padded[:, :width] = strip
        logits = dequantize(self.model(self._steps[padded][np.newaxis, ..., np.newaxis]), self.model.output)
        if logits.shape[2] * self.stride != padded.shape[1]:
            raise BadBundle(
                f"{self._folder}/model.tflite gives {logits.shape[2]} frames for {padded.shape[1]} columns but "
                f"model.json says that a frame stands for {self.stride}: quantize the model again"
            )
        return log_softmax(logits[0, 0, : -(-width // self.stride)])

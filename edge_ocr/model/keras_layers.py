"""Layers of our float models beside Keras's own. Importing it loads Keras, so only the `keras` backend does."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("edge_ocr")
class DepthToSpace(layers.Layer):  # type: ignore[misc]  # mypy does not see into Keras here.
    """(n, h, w, 4 c) -> (n, 2 h, 2 w, c): sub-pixels (Shi et al., 2016) in TensorFlow's order."""

    def call(self, x: Any) -> Any:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.nn.depth_to_space(x, 2)
        _, height, width, depth = x.shape
        x = ops.reshape(x, (-1, height, width, 2, 2, depth // 4))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, 2 * height, 2 * width, depth // 4))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        height, width = (None if size is None else 2 * size for size in shape[1:3])
        return shape[0], height, width, (shape[3] or 0) // 4

"""The Keras models, each in one readable function. Scaling is the first layer, logits the last."""

from typing import Any

import keras
from keras import layers

from edge_ocr.layout.strip import HEIGHT
from edge_ocr.layout.tile import SIDE

Tensor = Any
"""Of whichever library Keras runs on."""


@keras.saving.register_keras_serializable("edge_ocr")
class BatchNorm(layers.BatchNormalization):
    """Batch norm over the last axis that trains with PyTorch's own kernel if PyTorch is the backend.

    Keras composes it of elementary operations there, which takes as long as all convolutions together.
    """

    def call(self, x: Tensor, training: bool | None = None, mask: Tensor = None) -> Tensor:
        if not training or keras.backend.backend() != "torch":
            return super().call(x, training=training, mask=mask)
        from torch.nn.functional import batch_norm

        y = batch_norm(
            x.movedim(-1, 1), self.moving_mean.value, self.moving_variance.value, self.gamma.value, self.beta.value,
            training=True, momentum=1 - self.momentum, eps=self.epsilon,
        )  # fmt: skip
        return y.movedim(1, -1)


@keras.saving.register_keras_serializable("edge_ocr")
class Conv2D(layers.Conv2D):
    """A convolution that leaves its output in the layout which the next one wants if PyTorch is the backend.

    Keras pads and transposes around PyTorch's kernel, so that each convolution first copies its input and its weights;
    a step of training takes two thirds of the time without that.
    """

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        if keras.backend.backend() != "torch" or self.data_format != "channels_last" or self.groups != 1:
            return super().convolution_op(inputs, kernel)
        import torch
        from torch.nn import functional

        x = inputs.movedim(-1, 1)
        own: Tensor = getattr(kernel, "value", kernel)
        weights = own.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
        padding = (0, 0)
        if self.padding == "same":
            sides = zip(x.shape[2:], self.strides, self.kernel_size, strict=True)
            down, across = (
                max((-(-length // stride) - 1) * stride + size - length, 0) for length, stride, size in sides
            )
            padding = (down // 2, across // 2)
            if down % 2 or across % 2:  # TensorFlow's rule, which no symmetric padding follows.
                x = functional.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
                padding = (0, 0)
        x = x.contiguous(memory_format=torch.channels_last)
        return functional.conv2d(x, weights, stride=self.strides, padding=padding).movedim(1, -1)


def plain(model: keras.Model) -> keras.Model:
    """The same model with Keras's own convolutions, so that a file of it opens where this module is not imported."""

    def own(layer: layers.Layer) -> layers.Layer:
        kind = layers.Conv2D if type(layer) is Conv2D else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=own)
    copy.set_weights(model.get_weights())
    return copy


MOMENTUM = 0.97
"""Of batch norm's running statistics."""


def _convolution(
    x: Tensor, norm: type[layers.Layer], filters: int, side: int = 3, stride: int | tuple[int, int] = 1
) -> Tensor:
    """Convolution, batch norm (folded into it on conversion) and ReLU."""
    x = Conv2D(filters, side, stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(norm(momentum=MOMENTUM)(x))


def _residual(x: Tensor, norm: type[layers.Layer], filters: int) -> Tensor:
    """Two 3x3 convolutions beside an identity (He et al., 2016)."""
    y = _convolution(x, norm, filters)
    y = Conv2D(filters, 3, padding="same", use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, norm(momentum=MOMENTUM)(y)]))


def character_network(
    classes: int,
    widths: tuple[int, int, int] = (16, 40, 80),
    dropout: float = 0.05,
    norm: type[layers.Layer] = layers.BatchNormalization,
) -> keras.Model:
    """A residual network for tiles: (n, 32, 32, 1) of 0 to 255 -> (n, classes) logits.

    Plain 3x3 convolutions, since XNNPACK runs them at several times the rate of depthwise ones, each stage at half the
    resolution of the one before. The last map is read by position (a depthwise 4x4 convolution), not averaged: the
    place of a stroke distinguishes 6 from 9 and p from d. `norm` is the batch norm's class: Keras's own, or `BatchNorm`
    to train.
    """
    image = keras.Input((SIDE, SIDE, 1), name="tile")
    x = layers.Rescaling(1 / 255)(image)
    x = _convolution(x, norm, widths[0], side=5, stride=2)  # (16, 16)
    x = _residual(x, norm, widths[0])
    x = _convolution(x, norm, widths[1], stride=2)  # (8, 8)
    x = _residual(x, norm, widths[1])
    x = _convolution(x, norm, widths[2], stride=2)  # (4, 4)
    x = _residual(x, norm, widths[2])
    x = layers.DepthwiseConv2D(4, depth_multiplier=2, use_bias=False)(x)  # (1, 1)
    x = layers.ReLU()(norm(momentum=MOMENTUM)(x))
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(classes, name="logits")(x), name="characters")


LINE_STRIDE = 4
"""Columns of a strip to one frame of `line_network`: its strides along the line, multiplied."""


def line_network(
    classes: int,
    widths: tuple[int, int, int] = (16, 32, 64),
    breadth: int = 192,
    depth: int = 8,
    dropout: float = 0.05,
    norm: type[layers.Layer] = layers.BatchNormalization,
) -> keras.Model:
    """A fully convolutional network for strips: (n, 40, width, 1) of 0 to 255 -> (n, 1, width / 4, classes) logits.

    Two-dimensional stages halve height and width and collapse the height; residual convolutions in time then look at
    some eight characters around each frame, which does what recurrent layers do elsewhere (as in Yousef et al., 2020,
    and Chaudhary and Bali, 2022). No pooling over the line, so that one line's text does not depend on its length.
    Plain convolutions as in `character_network`: depthwise ones run at a fraction of their rate as int8.
    """
    image = keras.Input((HEIGHT, None, 1), name="strip")
    x = layers.Rescaling(1 / 255)(image)
    x = _convolution(x, norm, widths[0], side=5, stride=2)  # (20, width / 2)
    x = _convolution(x, norm, widths[1], stride=(2, 1))  # (10, width / 2)
    x = _residual(x, norm, widths[1])
    x = _convolution(x, norm, widths[2], stride=2)  # (5, width / 4)
    x = _residual(x, norm, widths[2])
    x = Conv2D(breadth, (HEIGHT // 8, 1), use_bias=False)(x)  # (1, width / 4)
    x = layers.ReLU()(norm(momentum=MOMENTUM)(x))
    for _ in range(depth):
        y = Conv2D(breadth, (1, 5), padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.Add()([x, norm(momentum=MOMENTUM)(y)]))
    x = layers.Dropout(dropout)(x)
    return keras.Model(image, Conv2D(classes, 1, name="logits")(x), name="lines")


def tutorial_network(classes: int = 36) -> keras.Model:
    """The tutorial's ResNet, the yardstick of speed: stages (3, 3, 3), filters (64, 64, 128, 256), pre-activated."""

    def bottleneck(x: Tensor, filters: int, stride: int, first: bool) -> Tensor:
        pre = layers.ReLU()(layers.BatchNormalization()(x))
        y = layers.Conv2D(filters // 4, 1, use_bias=False)(pre)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(filters // 4, 3, stride, padding="same", use_bias=False)(y)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(filters, 1, use_bias=False)(y)
        return layers.Add()([y, layers.Conv2D(filters, 1, stride, use_bias=False)(pre) if first else x])

    image = keras.Input((SIDE, SIDE, 1))
    x = layers.Conv2D(64, 3, padding="same", use_bias=False)(layers.BatchNormalization()(image))
    for stage, filters in enumerate((64, 128, 256)):
        for block in range(3):
            x = bottleneck(x, filters, 2 if stage and not block else 1, first=not block)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.AveragePooling2D(8)(x))
    return keras.Model(image, layers.Dense(classes, activation="softmax")(x), name="tutorial")

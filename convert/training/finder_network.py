"""The finder's network: a grey picture -> pen, core zones of lines, and which way is up."""

from typing import Any

import keras
from keras import layers

from convert.training.networks import Conv2D, _convolution
from edge_ocr.model.keras_layers import DepthToSpace

BLOCK = 4
"""Pixels of the picture, each way, to one cell of the output."""

MULTIPLE = 32
"""Height and width of the input are multiples of this many pixels."""

PEN = BLOCK * BLOCK
"""Channels of pen: the pixels of a cell, row by row."""

WAYS = 5
"""No text, and up is up, right, down, left."""

MAPS = (*(f"pen {number}" for number in range(PEN)), "core zone", "no text", "up", "right", "down", "left")
"""What each channel of the output holds."""


def _raised(x: Any, filters: int) -> Any:
    """Twice the resolution: every cell says what its four parts hold."""
    return DepthToSpace()(Conv2D(4 * filters, 1)(x))


def finder_network(
    widths: tuple[int, int, int, int, int] = (8, 24, 48, 64, 48), norm: type[layers.Layer] = layers.BatchNormalization
) -> keras.Model:
    """A U-Net (Ronneberger et al., 2015): (n, h, w, 1) of 0 to 255 -> (n, h / 4, w / 4, channels of `MAPS`) logits.

    Plain 3x3 convolutions, which run fastest as int8, on five levels from half of the picture's resolution to a 32nd;
    on the way back each level is raised by sub-pixel convolutions, joined with its like, and read once more.
    """
    image = keras.Input((None, None, 1), name="picture")
    x = layers.Rescaling(1 / 255)(image)
    x = _convolution(x, norm, widths[0], side=5, stride=2)  # (h / 2, w / 2)
    levels = [_convolution(x, norm, widths[0])]
    for filters in widths[1:3]:  # h / 4, h / 8
        x = _convolution(levels[-1], norm, filters, stride=2)
        levels.append(_convolution(x, norm, filters))
    levels.append(_convolution(levels[-1], norm, widths[3], stride=2))  # h / 16
    x = _convolution(levels[-1], norm, widths[4], stride=2)  # h / 32
    x = _convolution(x, norm, widths[4])
    x = layers.Add()([_raised(x, widths[3]), levels.pop()])
    x = _convolution(layers.ReLU()(x), norm, widths[3])
    for filters in widths[2::-1]:  # h / 8, h / 4, h / 2
        x = layers.Concatenate()([_raised(x, filters), levels.pop()])
        x = _convolution(x, norm, filters)
        if filters == widths[1]:
            quarter = x
    pen = Conv2D(PEN, 2, 2, name="pen")(x)
    zones = Conv2D(1 + WAYS, 1, name="zones")(quarter)
    return keras.Model(image, layers.Concatenate(name="maps")([pen, zones]), name="finder")

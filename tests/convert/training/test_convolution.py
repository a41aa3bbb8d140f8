"""Our convolution, which spares PyTorch copies, against Keras's own."""

import keras
import numpy as np
import pytest
from keras import layers

from convert.training.networks import Conv2D

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="on other backends than PyTorch it is Keras's own: KERAS_BACKEND=torch"
)


@pytest.mark.parametrize(("side", "stride"), [(3, 1), (5, 2), (3, 2), (1, 1), ((1, 5), 1)])
def test_it_computes_what_keras_does(side: int | tuple[int, int], stride: int) -> None:
    """Fails when padding or the order of the weights differs: a model would be another one after loading."""
    picture = np.random.default_rng(0).uniform(0, 1, (2, 16, 24, 3)).astype(np.float32)
    ours, theirs = (kind(4, side, stride, padding="same") for kind in (Conv2D, layers.Conv2D))
    theirs.build(picture.shape)
    ours.build(picture.shape)
    ours.set_weights(theirs.get_weights())
    results = [keras.ops.convert_to_numpy(layer(picture)) for layer in (ours, theirs)]
    np.testing.assert_allclose(*results, atol=1e-5)

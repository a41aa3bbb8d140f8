"""How a bundle is quantized: the scheme, the layers kept in float, what calibration sees. model.json stores it."""

from dataclasses import asdict, dataclass
from typing import Any

SCHEMES = {
    "int8": "weights and activations int8",
    "int8-mixed": "as int8, but the layers of --keep-float stay float32",
    "int16x8": "activations int16, weights int8; few kernels are fast for it",
    "dynamic": "weights int8, activations float32 between layers",
    "float16": "weights float16, computed in float32",
    "float32": "nothing quantized, for comparison",
}
"""What `--scheme` takes."""

CALIBRATED = ("int8", "int8-mixed", "int16x8")
"""Schemes that need calibration pictures."""

DEFAULT = "int8"

TRAINING = "training"
"""Calibration for the two models of this repository, see `calibration.gather`."""

OWN_HAND = "own samples"
"""Calibration of a tuned model on its user's samples, which are not kept."""

SEED = 1
"""Chooses the calibration's pictures."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything needed to quantize a model.keras again."""

    scheme: str = DEFAULT
    """One of `SCHEMES`."""
    keep_float: str | None = None
    """A regular expression of Keras layer names, each matched as a whole."""
    calibration: str = TRAINING
    """`TRAINING`, `OWN_HAND`, or a folder of pictures."""
    seed: int = SEED

    def facts(self) -> dict[str, Any]:
        """As in model.json."""
        return asdict(self)

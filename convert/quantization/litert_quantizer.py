"""Static int8 by litert-quantizer instead of TensorFlow's converter, in a separate environment.

Run as a script, it is the part inside that environment: `litert_quantizer.py FLOAT.tflite PICTURES.npz RESULT.tflite`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ENVIRONMENT = Path("cache/.venv-litert-quantizer")

REQUIREMENTS = ("litert-quantizer==0.11.*",)

NAME = "int8 by litert-quantizer"


def requantize(content: bytes, images: Sequence[Any], environment: Path = ENVIRONMENT) -> bytes:
    """A float .tflite as static int8 (float32 in and out), weights per channel, calibrated on images (h, w) uint8.

    Raises:
        NotInstalled: litert-quantizer could not be installed.
        CannotConvert: it refused the model or crashed.
    """
    import numpy as np

    from convert.quantization.converter_process import CannotConvert
    from convert.virtual_environments import install
    from edge_ocr.child import last_line

    python = install(environment, REQUIREMENTS, 310)
    with tempfile.TemporaryDirectory() as folder:
        source, pictures, result = (Path(folder) / name for name in ("float.tflite", "pictures.npz", "int8.tflite"))
        source.write_bytes(content)
        np.savez(pictures, *images)
        command = [str(python.absolute()), "-I", str(Path(__file__).resolve()), *map(str, (source, pictures, result))]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise CannotConvert(f"litert-quantizer failed ({last_line(done.stderr) or done.returncode})")
        return result.read_bytes()


def main(argv: list[str]) -> int:
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter
    from litert_quantizer import quantizer, recipe

    source, pictures, result = argv
    signature, ends = next(iter(Interpreter(source).get_signature_list().items()))
    with np.load(pictures) as stored:
        data = [{ends["inputs"][0]: stored[name][None, ..., None].astype(np.float32)} for name in stored.files]
    work = quantizer.Quantizer(source)
    work.load_quantization_recipe(recipe.static_wi8_ai8())
    calibrated = work.calibrate({signature: data})
    work.quantize(calibrated).export_model(result, overwrite=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

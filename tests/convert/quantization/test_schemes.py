"""The table of schemes: what is judged, what is recommended, and where it is shown."""

import json
import os
import shutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ai_edge_litert")
os.environ["KERAS_BACKEND"] = "tensorflow"

from convert.evaluation.card import TEMPLATES, quantization
from convert.quantization import schemes
from convert.quantization.converter_process import CannotConvert
from convert.quantization.scheme_trials import TileTrial
from convert.quantization.schemes import FLOAT, Result, make_bundles, measure, recommended
from convert.templates import fill
from convert.virtual_environments import NotInstalled
from edge_ocr.errors import CannotWrite
from edge_ocr.model.bundle import load_bundle
from tests.places import TINY


def result(scheme: str, size: int, lost: float, ms: float) -> Result:
    return Result(scheme, size, 100, 0.05 + lost, lost, 1.0, ms)


def test_the_quickest_of_the_smallest_without_loss_is_recommended() -> None:
    """The table would recommend float, a scheme that reads worse, or one that is ten times slower."""
    exact, slow = result(FLOAT, 800, 0, 1), result("int16x8", 220, 0, 50)
    small, lossy = result("int8", 230, 0.002, 1.1), result("dynamic", 100, 0.02, 0.5)
    second = result("int8 by litert-quantizer", 200, 0, 0.5)
    assert recommended([exact, slow, small, lossy, second]) == "int8"
    assert recommended([exact, lossy]) == FLOAT
    assert recommended([exact, result("dynamic", 225, 0, 1), small]) == "int8"
    assert recommended([exact, result("dynamic", 225, 0, 0.5), small]) == "dynamic"


def trial() -> TileTrial:
    drawn = np.load(TINY / "tiles.npz")
    truths = tuple(frozenset({str(number)}) for number in drawn["truth"])
    return TileTrial((), drawn["tiles"], np.zeros(len(truths), int), truths)


def test_schemes_that_cannot_be_made_are_reported(tmp_path: Path) -> None:
    """One crash, or no internet, would cost the whole table."""
    content = (TINY / "model.tflite").read_bytes()

    def crash() -> bytes:
        raise CannotConvert("it crashed")

    def offline() -> bytes:
        raise NotInstalled("no internet")

    makers = {FLOAT: lambda: content, "int8": lambda: content, "dynamic": crash, "second": offline}
    made, troubles = make_bundles(load_bundle(TINY), makers, tmp_path)
    assert list(made) == [FLOAT, "int8"]
    assert troubles == {"dynamic": "it crashed", "second": "no internet"}
    exact, int8 = measure(made, trial())
    assert (int8.lost, int8.agreement, int8.pictures) == (0, 1, 48)
    assert exact.error is not None and exact.error < 0.05 and int8.ms > 0
    with pytest.raises(CannotConvert, match="it crashed"):
        other = tmp_path / "other"
        other.mkdir()
        make_bundles(load_bundle(TINY), {FLOAT: crash}, other)


def test_without_truth_agreement_counts() -> None:
    """Models with labels of their own would look as if they lost nothing, or as if they read nothing."""
    drawn = np.load(TINY / "tiles.npz")
    blind = TileTrial((), drawn["tiles"], np.zeros(len(drawn["tiles"]), int), ())
    assert blind.error(["0"]) is None
    right = trial()
    wrong = ["none" if number < 12 else next(iter(truth)) for number, truth in enumerate(right.truths)]
    assert right.error(wrong) == 0.25 and right.error(wrong[:12]) == 1


def test_the_card_shows_what_was_measured_with_this_model(tmp_path: Path) -> None:
    """The card would show figures of another model, or fail where nothing was measured."""
    ours, other = (replace(load_bundle(TINY), sha256=sha256) for sha256 in ("abc", "other"))
    assert quantization(tmp_path, ours) == {"schemes": None, "layers": None}
    row = {
        "scheme": "int8",
        "bytes": 226000,
        "pictures": 9,
        "error": 0.09,
        "lost": -0.001,
        "agreement": 0.995,
        "ms": 0.2,
    }
    figures = {"sha256": "abc", "cpu": "x86", "quality": "wrong", "recommended": "int8", "schemes": [row],
               "troubles": {"dynamic": "it crashed"}}  # fmt: skip
    (tmp_path / "schemes.json").write_text(json.dumps(figures))
    layer = {
        "layer": "conv2d_2+re_lu",
        "op": "CONV_2D",
        "step": 1,
        "rms_steps": 0.3,
        "largest_steps": 1,
        "snr_db": 32.4,
    }
    (tmp_path / "layers.json").write_text(json.dumps({"sha256": "abc", "layers": [layer]}))
    section = fill(TEMPLATES / "quantization.md", **quantization(tmp_path, ours))
    for text in ("| int8 | 226 | 9 | 9.00 % | -0.10 | 99.50 % | 0.200 |", "it crashed", "conv2d_2 (32 dB)"):
        assert text in section
    assert not fill(TEMPLATES / "quantization.md", **quantization(tmp_path, other)).strip()


@pytest.mark.parametrize("command", ["schemes", "layer_error"])
def test_a_report_that_cannot_be_written_is_reported_first(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes of converting would end in a traceback."""
    module = import_module(f"convert.quantization.{command}")
    monkeypatch.setattr(module, "gather", lambda *arguments: pytest.fail("it began"))
    bundle = shutil.copytree(TINY, tmp_path / "tiny")
    (bundle / "report").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match="report cannot be written"):
        module.main([str(bundle)])


def test_a_scheme_that_reads_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """`--most 0` would quietly read thousands of pictures."""
    with pytest.raises(SystemExit):
        schemes.main(["--most", "0"])
    assert "expected a whole number from 1" in capsys.readouterr().err

"""`python -m convert speed`: our network and the tutorial's, timed in turns."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from convert.quantization import speed
from edge_ocr.layout.tile import SIDE
from edge_ocr.model.interpreter import open_model
from tests.places import TINY

pytestmark = pytest.mark.slow

pytest.importorskip("ai_edge_litert")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the tiny model, where a report can be written."""
    for name in ("model.tflite", "model.json"):
        (tmp_path / "tiny").mkdir(exist_ok=True)
        shutil.copy(TINY / name, tmp_path / "tiny" / name)
    return tmp_path / "tiny"


def test_report_is_well_formed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The card would have no ratio, or another one than was measured; here a network is timed beside itself."""
    twin = speed.Network("tutorial", bundle / "model.tflite", 123)
    monkeypatch.setattr(speed, "tutorial", lambda: twin)
    assert speed.main([str(bundle), "--rounds", "5", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((bundle / "report" / "speed.json").read_text())
    assert printed["sha256"] == json.loads((bundle / "model.json").read_text())["sha256"]
    assert printed["networks"]["tutorial"] == {"parameters": 123, "bytes": twin.path.stat().st_size}
    assert [row["batch"] for row in printed["timings"]] == list(speed.BATCHES)
    for row in printed["timings"]:
        for figure in (row["ours_ms"], row["tutorial_ms"], row["ratio"]):
            assert 0 < figure["low"] <= figure["median"] <= figure["high"]
        assert 0.1 < row["ratio"]["median"] < 10


def test_ratio_is_theirs_to_ours() -> None:
    """A network that is slower than the tutorial's would be called faster, or one slow round would decide."""
    row = speed.timing(32, [1.0, 2.0, 1.0], [10.0, 20.0, 500.0])
    assert row.ratio.median == 10
    assert (row.ours_ms.median, row.tutorial_ms.median) == (1.0, 20.0)


def test_both_are_called_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 1 and 32 would not be comparable, if their time were not one of a single character."""
    calls: list[int] = []
    clock = iter([0.0, 0.064] * 2)
    monkeypatch.setattr(speed.time, "process_time", lambda: next(clock))
    for size in speed.BATCHES:
        assert speed.milliseconds(lambda batch: calls.append(len(batch)), np.zeros(size)) == pytest.approx(1.0)  # type: ignore[arg-type]
    assert sum(calls[: speed.MEASURED]) == sum(calls[speed.MEASURED :]) == speed.MEASURED


def test_table_of_a_model_without_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle whose maker did not write down its parameters could not be timed."""
    networks = tuple(speed.Network(name, TINY / "model.tflite", None) for name in ("ours", "tutorial"))
    speed.print_table(networks, [speed.timing(1, [1.0], [9.0])])  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert "unknown parameters" in out and "ratio 9.0 (9.0 to 9.0)" in out


def test_tutorial_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The yardstick would not be the tutorial's network as full int8, or every run would wait for TensorFlow."""
    pytest.importorskip("tensorflow")
    network = speed.tutorial(tmp_path / "cache" / "tutorial.tflite")
    model = open_model(network.path, "litert")
    assert (model.input.shape, model.input.dtype, model.output.dtype) == ((SIDE, SIDE, 1), "int8", "int8")
    assert model.output.shape == (36,)
    assert network.parameters is not None and 300_000 < network.parameters < 350_000
    monkeypatch.setattr(speed, "convert_tutorial", lambda: pytest.fail("converted again"))
    assert speed.tutorial(network.path) == network

"""edge_ocr.model.bundle: a model's folder is read whole and right, or refused in one sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_ocr.errors import BadBundle
from edge_ocr.model import bundle as bundles
from edge_ocr.model.bundle import bundle_names, load_bundle, open_bundle
from edge_ocr.model.interpreter import Tensor
from tests.places import TINY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny bundle that a test may spoil."""
    for name in ("model.tflite", "model.json"):
        shutil.copy(TINY / name, tmp_path)
    return tmp_path


def change(folder: Path, **facts: Any) -> None:
    """Write some entries of model.json anew."""
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def test_tiny_bundle_is_read() -> None:
    """A good bundle is refused, or its facts are mixed up."""
    bundle = load_bundle(str(TINY))
    assert bundle.labels == ("A", "B", "Oo", "1", ".", "")
    assert (bundle.name, bundle.kind, bundle.height, bundle.width) == ("tiny", "characters", 32, 32)
    assert bundle.model == TINY / "model.tflite"
    assert bundle.alphabet == ".1ABOo"
    described = bundle.describe()
    assert (described["bytes"], described["labels"]) == ((TINY / "model.tflite").stat().st_size, 6)
    assert json.loads(json.dumps(described)) == described
    assert open_bundle(bundle).output.shape == (6,)


@pytest.mark.parametrize("missing", ["model.tflite", "model.json"])
def test_missing_file_is_named(folder: Path, missing: str) -> None:
    """Half a bundle gives a traceback, or does not say which half is missing."""
    (folder / missing).unlink()
    with pytest.raises(BadBundle, match=f"{missing} cannot be read.*copy the whole folder again"):
        load_bundle(folder)


def test_a_file_or_nothing_is_no_bundle(folder: Path) -> None:
    """`--model model.tflite` instead of its folder is not explained."""
    for wrong in (folder / "model.tflite", folder / "nothing"):
        with pytest.raises(BadBundle, match="name the folder"):
            load_bundle(wrong)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000], ids=["empty", "cut", "bytes", "deep"])
def test_wrong_json_is_refused(folder: Path, text: bytes) -> None:
    """A broken model.json gives a traceback."""
    (folder / "model.json").write_bytes(text)
    with pytest.raises(BadBundle, match="is not JSON"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"format": 2}, "format 2"),
        ({"format": None}, "format None"),
        ({"kind": "faces"}, "kind 'faces'"),
        ({"kind": ["characters"]}, "kind"),
        ({"name": 5}, "'name'"),
        ({"version": ""}, "'version'"),
        ({"labels": "AB"}, "list of strings"),
        ({"labels": []}, "list of strings"),
        ({"labels": ["A", 1]}, "list of strings"),
        ({"labels": ["A", "B", "", ""]}, "stands twice"),
        ({"labels": ["A", "Oo", "o"]}, "o stands in its labels more than once"),
        ({"labels": ["A", "oo"]}, "o stands in its labels more than once"),
        ({"input": 32}, "'input'"),
        ({"input": {"height": 32}}, "'width'"),
        ({"input": {"height": 0, "width": 32}}, "'height'"),
        ({"input": {"height": 32.0, "width": True}}, "'height'"),
        ({"kind": "lines", "stride": 3}, "expected a divisor of 32 under 'stride', found 3"),
        ({"kind": "lines", "stride": 0}, "'stride'"),
        ({"kind": "lines", "stride": "4"}, "'stride'"),
        ({"kind": "lines", "stride": True}, "'stride'"),
        ({"made_by": []}, "'made_by'"),
        ({"sha256": None}, r"sha256 differs\): copy the whole folder again"),
        ({"sha256": "0" * 64}, r"sha256 differs\): copy the whole folder again"),
    ],
)
def test_each_wrong_fact_is_refused(folder: Path, facts: dict[str, Any], message: str) -> None:
    """A model.json that is wrong in one entry is believed, and fails later for no visible reason."""
    change(folder, **facts)
    with pytest.raises(BadBundle, match=message) as caught:
        load_bundle(folder)
    assert "\n" not in str(caught.value)


def test_json_that_is_no_object_is_refused(folder: Path) -> None:
    """A list as model.json ends in an AttributeError."""
    (folder / "model.json").write_text("[]")
    with pytest.raises(BadBundle, match="no JSON object"):
        load_bundle(folder)


def test_damaged_model_is_refused_before_it_is_opened(folder: Path) -> None:
    """A model cut short reaches an interpreter, and tflite-runtime dies of it with a segmentation fault."""
    content = (TINY / "model.tflite").read_bytes()
    flipped = bytearray(content)
    flipped[5000] ^= 1
    for damaged in (content[: len(content) // 2], content[:-1], bytes(flipped), np.random.default_rng(0).bytes(999)):
        (folder / "model.tflite").write_bytes(damaged)
        with pytest.raises(BadBundle, match="sha256 differs"):
            load_bundle(folder)


def test_labels_must_be_as_many_as_outputs(folder: Path) -> None:
    """A label too few or too many shifts what every output means."""
    for labels in (["A", "B", "Oo", "1", "."], ["A", "B", "Oo", "1", ".", "", "x"]):
        change(folder, labels=labels)
        with pytest.raises(BadBundle, match=rf"\(6,\) outputs but model.json has {len(labels)} labels"):
            open_bundle(load_bundle(folder))


def test_input_must_have_the_size_named(folder: Path) -> None:
    """Tiles of another size are cut than the model takes."""
    change(folder, input={"height": 28, "width": 32})
    with pytest.raises(BadBundle, match=r"takes \(32, 32, 1\) but model.json says \(28, 32, 1\)"):
        open_bundle(load_bundle(folder))


def test_model_for_pixels_from_0_to_1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network without Rescaling sees every pixel clipped to white, and reads nonsense in silence."""
    tensor = Tensor((32, 32, 1), "int8", 1 / 255, -128)
    model = type("Fake", (), {"input": tensor, "output": Tensor((6,), "int8", 0.1, 0)})
    monkeypatch.setattr(bundles, "open_model", lambda *_: model)
    with pytest.raises(BadBundle, match="values up to 1"):
        open_bundle(load_bundle(TINY))


def test_bundled_models_are_found_in_the_package_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed edge-ocr does not find the model that its wheel carries, or takes another one."""
    places = (tmp_path / "wheel", tmp_path / "checkout")
    monkeypatch.setattr(bundles, "_PLACES", places)
    assert bundle_names() == []
    with pytest.raises(BadBundle, match="no model 'characters' came with this edge-ocr"):
        load_bundle()
    for place in reversed(places):
        shutil.copytree(TINY, place / "characters", ignore=shutil.ignore_patterns("*.py"))
        assert load_bundle().folder == place / "characters"
    shutil.copytree(TINY, places[1] / "other")
    assert bundle_names() == ["characters", "other"]

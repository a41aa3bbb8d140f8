"""A Keras model that somebody else made: a bundle that the runtime reads with, or one sentence why not."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("ai_edge_litert")
# A process has one Keras backend, and `convert` needs this one.
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.quantization import job, quantize  # noqa: E402
from convert.quantization import user_model as own  # noqa: E402
from convert.quantization.converter_process import CannotConvert  # noqa: E402
from convert.quantization.own_labels import read_labels, with_blank  # noqa: E402
from convert.quantization.own_network import Fitting, to_logits  # noqa: E402
from convert.quantization.user_model import OwnModel  # noqa: E402
from edge_ocr.model.bundle import load_bundle  # noqa: E402
from edge_ocr.model.characters import CharacterModel  # noqa: E402
from tests.places import ROOT, TINY  # noqa: E402

pytestmark = pytest.mark.slow

Make = Callable[..., Any]


def network(*layers: Any, shape: tuple[int | None, ...] = (32, 32, 1)) -> Any:
    return keras.Sequential([keras.Input(shape), *layers])


def classifier(labels: int = 6, **options: Any) -> Any:
    """The smallest model of tiles."""
    return network(
        keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3, 4, activation="relu"), keras.layers.Flatten(),
        keras.layers.Dense(labels, **options),
    )  # fmt: skip


class Halves(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Two probabilities, as an average of models gives them."""

    def call(self, inputs: Any) -> Any:
        return inputs * 0 + 0.5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a user has: labels, tiles as pictures, and the tiny model."""
    (tmp_path / "labels.txt").write_text("A\nB\nOo\n1\n.\n\n")
    (tmp_path / "tiles").mkdir()
    for number, tile in enumerate(np.load(TINY / "tiles.npz")["tiles"]):
        cv2.imwrite(str(tmp_path / "tiles" / f"{number}.png"), tile)
    return tmp_path


def draft(model: Any, labels: tuple[str, ...]) -> Any:
    return own.draft(opened(model), labels, "mine", "1")


def opened(model: Any) -> OwnModel:
    """As `open_own` gives it."""
    return OwnModel(own.runner(model), tuple(model.input_shape[1:]), tuple(model.output_shape[1:]), model)


def run(folder: Path, model: Path, *more: str) -> int:
    arguments = ["--labels", str(folder / "labels.txt"), "--calibration", str(folder / "tiles")]
    return quantize.main([str(model), *arguments, "--out", str(folder / "out" / "mine"), "--name", "mine", *more])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A converter that knows the answer already."""
    monkeypatch.setattr(job, "convert_model", lambda *arguments: (TINY / "model.tflite").read_bytes())


def test_an_own_model_becomes_a_bundle_that_reads(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`quantize my_model.keras` makes something that the runtime refuses, or that reads otherwise than the model."""
    assert run(folder, TINY / "model.keras") == 0
    out, err = capsys.readouterr()
    assert "mine: " in out and "unlike" not in err and "has 48 pictures only" in err
    bundle = load_bundle(folder / "out" / "mine")
    assert (bundle.kind, bundle.name, bundle.labels) == ("characters", "mine", ("A", "B", "Oo", "1", ".", ""))
    drawn = np.load(TINY / "tiles.npz")
    assert (CharacterModel(bundle)(drawn["tiles"]).argmax(axis=1) == drawn["truth"]).mean() >= 0.95
    assert bundle.made_by["recipe"]["calibration"] == str(folder / "tiles")
    assert [path.name for path in (folder / "out").iterdir()] == ["mine"]


def test_a_failure_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A half-written bundle takes the place of one that worked."""
    out = folder / "out" / "mine"
    out.mkdir(parents=True)
    (out / "model.tflite").write_text("the old one")

    def fail(*arguments: object) -> bytes:
        raise CannotConvert("no")

    monkeypatch.setattr(job, "convert_model", fail)
    with pytest.raises(CannotConvert):
        run(folder, TINY / "model.keras")
    assert [path.name for path in out.iterdir()] == ["model.tflite"]
    assert (out / "model.tflite").read_text() == "the old one"
    assert [path.name for path in (folder / "out").iterdir()] == ["mine"]


@pytest.mark.usefixtures("quick")
def test_a_calibration_unlike_tiles_is_warned_about(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dark ink on white paper, as most data sets have it, would spoil the ranges unnoticed."""
    for number, path in enumerate((folder / "tiles").glob("*.png")):
        if number < 10:
            path.unlink()
            continue
        cv2.imwrite(str(path), 255 - cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    assert run(folder, TINY / "model.keras", "--scheme", "int8") == 0
    err = capsys.readouterr().err
    assert "warning: calibration looks unlike what the reader cuts: grey levels differ by 0." in err
    assert "has 38 pictures only" in err


def test_photographs_calibrate_too(folder: Path) -> None:
    """A folder of photographs, which is what users have, would be refused or squeezed into tiles."""
    from convert.quantization.calibration import gather
    from convert.quantization.recipe import Recipe
    from tests.scenes import photograph, write

    pages = folder / "pages"
    pages.mkdir()
    cv2.imwrite(str(pages / "note.png"), photograph(write("HELLO TAX").ink).image)
    tiles = gather("characters", Recipe(calibration=str(pages))).images
    assert len(tiles) >= 8 and all(tile.shape == (32, 32) for tile in tiles)
    strips = gather("lines", Recipe(calibration=str(pages))).images
    assert len(strips) == 2 and strips[0].shape[0] == 40


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: network(keras.layers.Flatten(), keras.layers.Dense(6), shape=(32, 32, 2)), r"32, 2\) and gives"),
        (lambda: network(keras.layers.Reshape((32, 32)), keras.layers.Dense(6)), r"Input\(\(40, None, 1\)\)"),
        (lambda: network(keras.layers.Conv2D(6, 3)), r"gives \(None, 30, 30, 6\)"),
        (lambda: classifier(5), "5 outputs but there are 6 labels"),
    ],
    ids=["channels", "width", "map", "labels"],
)
def test_a_model_that_the_runtime_has_no_use_for_is_refused(folder: Path, make: Make, why: str) -> None:
    """The bundle would be made, and refused on the Pi."""
    make().save(folder / "model.keras")
    with pytest.raises(CannotConvert, match=why) as raised:
        run(folder, folder / "model.keras")
    assert "\n" not in str(raised.value)
    assert not (folder / "out").exists()


def test_two_outputs_are_refused_with_the_way_out(tmp_path: Path) -> None:
    """The runtime would take the wrong one, or the user not know how to save the right one."""
    image = keras.Input((32, 32, 1))
    flat = keras.layers.Flatten()(image)
    both = keras.Model(image, [keras.layers.Dense(6, name="letter")(flat), keras.layers.Dense(2)(flat)])
    both.save(tmp_path / "both.keras")
    with pytest.raises(CannotConvert, match="1 inputs and 2 outputs") as raised:
        own.open_own(tmp_path / "both.keras", Fitting(), print)
    cure = str(raised.value).partition("reads: ")[2].replace("my_model.keras", str(tmp_path / "one.keras"))
    eval(cure, {"keras": keras, "model": both})  # As a user would run it.
    assert own.open_own(tmp_path / "one.keras", Fitting(), print).gives == (6,)


def test_line_models_are_recognised() -> None:
    """A line model would be bundled as a character model, or with a character where CTC's blank is."""
    model = network(keras.layers.Conv2D(3, (40, 1), (1, 4)), shape=(40, None, 1))
    made = draft(model, ("", "a", "b"))
    assert (made.width, made.stride) == ("any", 4)
    with pytest.raises(CannotConvert, match=r"blank.*--blank last"):
        draft(model, ("a", "b", ""))
    assert draft(model, with_blank(("a", "b", ""))).labels == with_blank(("a", "b")) == ("", "a", "b")


def test_the_documents_line_model_is_one() -> None:
    """What a message names as the way to go is refused itself."""
    text = (ROOT / "docs" / "convert.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    assert draft(names["model"], ("", *"0123456789")).stride == 4


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_a_line_models_own_stride_is_kept(stride: int) -> None:
    """The runtime would read a part of the line without a word, or see its end in the middle."""
    model = network(keras.layers.Conv2D(3, (40, 1), (1, stride)), shape=(40, None, 1))
    assert draft(model, ("", "a", "b")).stride == stride


@pytest.mark.parametrize(
    ("width", "stride", "frames"),
    [(1, 3, "43 frames for 128"), (5, 4, "31 frames for 128"), (1, 64, "2 frames for 128")],
)
def test_a_line_model_of_uneven_frames_is_refused(width: int, stride: int, frames: int) -> None:
    """The runtime would cut texts off, or give characters boxes beside them."""
    model = network(keras.layers.Conv2D(3, (40, width), (1, stride)), shape=(40, None, 1))
    with pytest.raises(CannotConvert, match=f"gives {frames} columns and .* needs one for 1, 2, 4"):
        draft(model, ("", "a", "b"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"A\nB\nA\n", "'A' stands on lines 1, 3"),
        (b"zero\none\n", "stands in the labels 'zero' and 'one'"),
        (b"\xff\xfe", "expected UTF-8"),
    ],
    ids=["twice", "names", "no text"],
)
def test_bad_labels_are_refused(tmp_path: Path, content: bytes, why: str) -> None:
    """The runtime would refuse the bundle, minutes later and on another machine."""
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(CannotConvert, match=why):
        read_labels(path)
    with pytest.raises(CannotConvert, match="cannot be read"):
        read_labels(tmp_path / "missing.txt")


@pytest.mark.parametrize("content", ["A\nOo\n\n", "A\r\nOo\r\n\r\n", "\ufeffA\nOo\n\n"], ids=["unix", "dos", "mark"])
def test_labels_as_editors_write_them(tmp_path: Path, content: str) -> None:
    """Invisible characters would become part of a label, or the empty last label be lost."""
    path = tmp_path / "labels.txt"
    path.write_bytes(content.encode())
    assert read_labels(path) == ("A", "Oo", "")


def test_likely_mistakes_are_reported() -> None:
    """Names would be taken letter by letter."""
    assert own.doubts(opened(classifier(2)), ("A", "Oo")) == []
    assert "'dot' means one of the characters d, o, t" in own.doubts(opened(classifier(2)), ("dot", "A"))[0]


@pytest.mark.parametrize(
    ("layers", "ending"),
    [
        (lambda: [keras.layers.Dense(2, activation="sigmoid", name="last")], "sigmoid (last)"),
        (lambda: [keras.layers.Dense(2), keras.layers.ReLU(name="last")], "ReLU (last)"),
        (lambda: [keras.layers.Dense(2), keras.layers.Activation("tanh", name="last")], "tanh (last)"),
        (lambda: [network(keras.layers.Dense(2, activation="tanh", name="last"), shape=(1024,))], "tanh (last)"),
        (lambda: [keras.layers.Dense(2), Halves()], "probabilities without a softmax, as an average of models does"),
        (lambda: [keras.layers.Dense(2), keras.layers.Reshape((2,))], ""),
        (lambda: [keras.layers.Dense(2, activation="softmax")], ""),
    ],
    ids=["sigmoid", "relu", "tanh", "within", "average", "logits", "softmax"],
)
def test_an_end_that_is_no_logits_is_doubted(layers: Make, ending: str) -> None:
    """A softmax of a sigmoid makes all characters about as likely, so that nothing is read for sure."""
    model = to_logits(network(keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), *layers()))
    found = own.doubts(opened(model), ("A", "B"))
    assert found == [] if not ending else f"the model ends in {ending}: the runtime takes the softmax" in found[0]


def test_labels_of_any_script_are_single_characters(tmp_path: Path) -> None:
    """An accent typed apart would be a character of its own, and Keras's [UNK] one of five letters."""
    path = tmp_path / "labels.txt"
    path.write_text("[UNK]\ne\u0301\nЖ\n字\n", encoding="utf-8")
    assert read_labels(path) == ("\ufffd", "\u00e9", "Ж", "字")


def test_an_empty_calibration_folder_is_reported(folder: Path) -> None:
    """The converter would be given nothing, and complain in its own words."""
    from edge_ocr.errors import EdgeOcrError

    for path in (folder / "tiles").glob("*.png"):
        path.unlink()
    with pytest.raises(EdgeOcrError, match="tiles"):
        run(folder, TINY / "model.keras")
    with pytest.raises(EdgeOcrError, match="There is no folder"):
        quantize.main([
            str(TINY / "model.keras"), "--labels", str(folder / "labels.txt"), "--calibration", str(folder / "none"),
            "--out", str(folder / "out" / "mine"),
        ])  # fmt: skip
    (folder / "tiles" / "white.png").write_bytes(cv2.imencode(".png", np.full((200, 200), 255, np.uint8))[1].tobytes())
    with pytest.raises(EdgeOcrError, match="show no writing"):
        run(folder, TINY / "model.keras")
    assert not (folder / "out").exists()


def test_a_folder_that_cannot_be_written_is_reported_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes of converting would end in "permission denied", or in a traceback."""
    from edge_ocr.errors import CannotWrite

    monkeypatch.setattr(job, "convert_model", lambda *arguments: pytest.fail("converted"))
    (folder / "out").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match="mine cannot be written"):
        run(folder, TINY / "model.keras")


def test_a_full_disk_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk would leave half a bundle, or a traceback."""
    from edge_ocr.errors import CannotWrite

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(job, "write_bundle", full)
    monkeypatch.setattr(job, "convert_model", lambda *arguments: b"")
    with pytest.raises(CannotWrite, match=r"No space left on device.*nothing was changed"):
        run(folder, TINY / "model.keras")
    assert list((folder / "out").iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_the_record_is_json_and_whole(folder: Path) -> None:
    """A bundle does not say what it was made of."""
    assert run(folder, TINY / "model.keras") == 0
    facts = json.loads((folder / "out" / "mine" / "model.json").read_text())["made_by"]
    assert facts["recipe"] == {
        "scheme": "int8", "keep_float": None, "calibration": str(folder / "tiles"), "seed": 1
    }  # fmt: skip
    assert facts["calibration"]["pictures"] == 50 and len(facts["calibration"]["sha256"]) == 64
    assert {"python", "tensorflow", "keras", "numpy", "opencv"} <= set(facts["versions"])
    assert len(facts["source"]["sha256"]) == len(facts["original_sha256"]) == 64

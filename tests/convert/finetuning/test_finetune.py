"""Fine-tuning from folder to bundle with tiny networks: it learns, and installs only what is better."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.data.arrays import DataNotFound  # noqa: E402
from convert.evaluation.gates import tuning_failures  # noqa: E402
from convert.evaluation.results import Rate  # noqa: E402
from convert.finetuning import batches as own_batches  # noqa: E402
from convert.finetuning import examples, finetune, training  # noqa: E402
from convert.finetuning import install as install_tuned  # noqa: E402
from convert.finetuning import rehearsal as general  # noqa: E402
from convert.finetuning.batches import plan_rows, strip_draw, tuning_loss  # noqa: E402
from convert.finetuning.examples import Examples, error_rate  # noqa: E402
from convert.finetuning.finetune import choose_kind  # noqa: E402
from convert.finetuning.samples import Sample  # noqa: E402
from convert.finetuning.training import Course, open_network, score, train  # noqa: E402
from convert.quantization import quantize  # noqa: E402
from convert.quantization.bundle_writer import write_bundle  # noqa: E402
from convert.quantization.converter_process import convert_model  # noqa: E402
from convert.quantization.recipe import Recipe  # noqa: E402
from convert.training.lines import ctc_loss  # noqa: E402
from convert.training.networks import character_network, line_network  # noqa: E402
from edge_ocr import Reader  # noqa: E402
from edge_ocr.errors import ExitCode  # noqa: E402
from tests.places import ROOT  # noqa: E402
from tests.scenes import photograph, write  # noqa: E402

pytestmark = pytest.mark.slow


def small_characters(classes: int) -> keras.Model:
    return character_network(classes, (4, 4, 8), 0.0)


def small_lines(classes: int) -> keras.Model:
    return line_network(classes, (4, 4, 8), 16, 1, 0.0)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles of untrained networks of some hundred weights."""
    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantize, "character_network", small_characters)
        patch.setattr(quantize, "line_network", small_lines)
        for name, height in (("characters", 32), ("lines", 40)):
            network, draft = quantize.open_kind(name, "1")
            ends = [np.zeros((height, 32), np.uint8), np.full((height, 32), 255, np.uint8)]
            (folder / name).mkdir()
            network.save(folder / name / "model.keras")
            content = convert_model(folder / name / "model.keras", ends, Recipe())
            write_bundle(folder / name, content, folder / name / "model.keras", draft)
    return folder


def no_strokes(category: str, part: str) -> None:
    raise DataNotFound("none")


@pytest.fixture
def tiny(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working folder with these bundles in models/, and no general shards."""
    for module in (training, quantize):
        monkeypatch.setattr(module, "character_network", small_characters)
        monkeypatch.setattr(module, "line_network", small_lines)
    monkeypatch.setattr(general, "SAMPLE_PAGES", tmp_path / "pages")
    monkeypatch.setattr(general, "load_strokes", no_strokes)
    monkeypatch.setattr(examples, "ALIGNED", -99.0)  # Untrained networks would align nothing.
    monkeypatch.setattr(own_batches, "TILES_A_BATCH", 32)
    (tmp_path / "pages").mkdir()
    page = photograph(write("TAXI 47", "HELLO", size=(640, 300)).ink)
    cv2.imwrite(str(tmp_path / "pages" / "page.png"), page.image)
    (tmp_path / "pages" / "truth.json").write_text(json.dumps({"page.png": "TAXI 47\nHELLO"}))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(models, tmp_path / "models")
    return tmp_path


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """Pictures of lone characters with a table of their texts."""
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = []
    for number, char in enumerate("AHTX" * 8):
        page = write(char, size=(160, 160), capital=60 + number, pen=4 + number % 5, corner=(40, 130))
        cv2.imwrite(str(folder / f"{number}.png"), photograph(page.ink, seed=number).image)
        rows.append(f"{number}.png\t{char}")
    (folder / "truth.txt").write_text("\n".join(rows))
    return folder


def strip(text: str, seed: int = 0) -> np.ndarray:
    """A bar at another height for every character."""
    image = np.zeros((40, 24 * len(text) + 8), np.uint8)
    for place, char in enumerate(text):
        row = 4 + 8 * "abcd".index(char)
        image[row : row + 4, 24 * place + 8 : 24 * place + 24] = 255 - seed % 64
    return image


def lines(count: int) -> Examples:
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(list("abcd"), 3)) for _ in range(count)]
    return Examples("lines", [strip(text, k) for k, text in enumerate(texts)], np.array(texts))


def test_lone_characters_want_the_character_model() -> None:
    letter, word = Sample("a", "A", np.zeros((1, 1), np.uint8)), Sample("b", "AB", np.zeros((1, 1), np.uint8))
    assert choose_kind((letter, letter, word)) == "characters" and choose_kind((letter, word)) == "lines"


def test_what_is_no_better_or_costs_too_much_is_not_installed() -> None:
    """A model that reads worse takes the place of one that reads well."""
    kept, worse = Rate("own", 9, 0.4, 0.4), Rate("own", 9, 0.4, 0.41)
    little, much = Rate("others", 9, 0.1, 0.103), Rate("others", 9, 0.1, 0.1031)
    assert tuning_failures(kept, little, 0.00301, 0.005) == [] == tuning_failures(worse, little, 0.00301, 0.02)
    pairs = (worse, little), (kept, much), (worse, much)
    assert [len(tuning_failures(*pair, 0.00301, 0.005)) for pair in pairs] == [1, 1, 2]


def test_rows_hold_every_strip_and_fit() -> None:
    """Strips that are never shown alone, or rows wider than any batch."""
    own = lines(20)
    rows = plan_rows(own, np.random.default_rng(0))
    assert {row for row in rows if len(row) == 1} >= {(k,) for k in range(20)} and max(map(len, rows)) > 1


def test_half_of_a_batch_is_what_was_said_before() -> None:
    """General data is learned with another network's words, or own strips get no truth."""
    draw = strip_draw(lines(9), lines(40), lambda batch: np.full((len(batch), 1, batch.shape[2] // 4, 5), 7.0), 1)
    for seed in range(8):
        images, truth = draw(np.random.default_rng(seed))
        half = len(images) // 2
        assert (truth[:half, 1] > 0).all() and (truth[half:, : images.shape[2] // 4 * 5] == 7).all()


def test_the_loss_of_keeping_is_zero_where_nothing_moved() -> None:
    """A network is driven away from what it knows."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (2, 1, 16, 95)).astype(np.float32)
    truth = np.zeros((2, 16 * 95), np.float32)
    truth[0, :4], truth[1] = (16, 2, 11, 12), logits[1].reshape(-1)
    loss = tuning_loss(ctc_loss, 48)
    learned, kept = keras.ops.convert_to_numpy(loss(keras.ops.convert_to_tensor(truth), logits))
    assert learned > 1 and kept == pytest.approx(0, abs=1e-4)
    moved = keras.ops.convert_to_numpy(loss(keras.ops.convert_to_tensor(truth), logits[:, :, ::-1]))
    assert moved[1] > 1


def test_training_learns_and_leaves_batch_norm_alone(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is learned, or the statistics of a few strips take the place of those of thousands."""
    network = open_network("lines", tiny / "models" / "lines" / "model.keras")
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.get_weights() for layer in norms]
    monkeypatch.setattr(own_batches, "ALONE", 1.0)  # One width, for which TensorFlow compiles once.
    own = lines(30)
    wrong = error_rate(own, lambda images: score(network, images))
    train(network, own, lines(40), Course(steps=30, rate=2e-2, limit=1.0))
    after = [layer.get_weights() for layer in norms]
    assert error_rate(own, lambda images: score(network, images)) < 0.8 * wrong
    pairs = [pair for one, other in zip(before, after, strict=True) for pair in zip(one, other, strict=True)]
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_scores_do_not_depend_on_what_is_scored_together(tiny: Path) -> None:
    """A strip is read otherwise beside a wide one."""
    network = open_network("lines", tiny / "models" / "lines" / "model.keras")
    images = [strip("ab"), strip("abcdabcd"), strip("c")]
    together = score(network, images)
    for image, scores in zip(images, together, strict=True):
        assert scores.shape[0] == -(-image.shape[1] // 4)
    assert np.allclose(together[1], score(network, images[1:2])[0], atol=1e-4)


def test_from_a_folder_to_a_model_that_reads(
    tiny: Path, letters: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends without a model, or with one that the reader refuses."""
    for module in (finetune, install_tuned):
        monkeypatch.setattr(module, "FORGETTING", 1.0)  # An untrained network has nothing to lose.
    options = ["--data", str(letters), "--steps", "15", "--rate", "0.02"]
    monkeypatch.setattr(finetune, "find_spec", lambda name: None)
    assert finetune.main(options) == 0
    out, err = capsys.readouterr()
    assert "finetune --install" in out and "no general training data" in err
    assert finetune.main(["--install", "--out", "models/anna"]) == 0
    assert "--tuned models/anna" in capsys.readouterr().out
    report = json.loads((tiny / "models" / "anna" / "report.json").read_text())
    assert report["kind"] == "characters" and report["samples"] == 32 and report["int8"]["problems"] == []
    made_by = json.loads((tiny / "models" / "anna" / "model.json").read_text())["made_by"]
    assert made_by["recipe"]["calibration"] == "own samples" and made_by["samples"] == 32
    assert {"own", "general", "ends"} >= set(made_by["calibration"]["parts"]) >= {"general", "ends"}
    assert len(made_by["source"]["sha256"]) == len(made_by["tuned_from_sha256"]) == 64
    assert made_by["course"]["seed"] == 1 and "keras" in made_by["versions"]
    monkeypatch.undo()
    reader = Reader.load(tuned=tiny / "models" / "anna")
    assert reader.recognition.characters is not None and reader.recognition.lines is not None
    assert reader.recognition.characters.model.labels == quantize.open_kind("characters", "1")[1].labels


def test_what_is_not_better_stays_where_it_is(
    tiny: Path, letters: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model that got worse is used without anybody's noticing."""
    monkeypatch.setattr(training, "mean_loss", lambda network, own: 1.0)
    assert finetune.main(["--data", str(letters), "--steps", "1"]) == ExitCode.FAILED
    out, err = capsys.readouterr()
    assert "own hand" in out and "give more samples" in err and "not installed" in err
    assert not (tiny / "models" / "mine").exists() and (tiny / "cache" / "finetune" / "report.json").exists()


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "convert", "finetune", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "give --data"),
        (("--data", "absent"), 10, "There is no folder absent"),
        (("--data", "absent", "--make-corrections"), 10, "no recording"),
        (("--data", ".", "--steps", "0"), 2, "expected a whole number"),
        (("--data", ".", "--rate", "nan"), 2, "expected a small number"),
        (("--install", "--work", "absent"), 10, "no tuned network"),
        (("--install", "--work", "half"), 10, "own.npz is missing"),
        (("--data", ".", "--seed", "-1"), 2, "expected a whole number from 0"),
        (("--data", "mine", "--base", str(ROOT / "models" / "characters"), "--out", "file/out"), 9, "file/out cannot"),
        (("--data", "few"), 10, "10 are the fewest"),
        (("--data", "mine", "--base", "absent"), 5, "absent is not a folder"),
    ],
)
def test_mistakes_are_one_sentence(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path, letters: Path
) -> None:
    """A mistyped name ends in a traceback, or after an hour."""
    (tmp_path / "file").write_text("")
    (tmp_path / "half").mkdir()
    for name in ("report.json", "float.keras"):
        (tmp_path / "half" / name).write_text("{}")
    (tmp_path / "few").mkdir()
    for number in range(3):
        (letters / f"{number}.png").rename(tmp_path / "few" / f"{number}.png")
        (tmp_path / "few" / f"{number}.txt").write_text("A")
    (letters / "truth.txt").write_text("\n".join(f"{number}.png\tA" for number in range(3, 20)))
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code and says in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 or code == 2

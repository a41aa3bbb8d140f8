"""Training: labels of unknown case teach no case, and an interrupted training goes on where it was."""

import argparse
import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")
# A process has one Keras backend, and the runtime's own tests need this one.
os.environ["KERAS_BACKEND"] = "tensorflow"
keras = pytest.importorskip("keras")

from convert.data.classes import CLASS_OF, LABELS  # noqa: E402
from convert.training import characters as train  # noqa: E402
from convert.training import fit  # noqa: E402
from edge_ocr.layout.tile import SIDE  # noqa: E402

pytestmark = pytest.mark.slow

CAPITAL, SMALL, OTHER = CLASS_OF["A"], CLASS_OF["a"], CLASS_OF["Q"]
SHARE = st.floats(0.01, 0.99)


def logits(probabilities: dict[int, float]) -> np.ndarray:
    """(1, classes) whose softmax gives these classes these probabilities, and the rest to the others."""
    rest = (1 - sum(probabilities.values())) / (len(LABELS) - len(probabilities))
    row = [probabilities.get(number, rest) for number in range(len(LABELS))]
    return np.log(np.array([row], np.float32))


def loss_of(pair: tuple[int, int], scores: np.ndarray, smoothing: float = 0.0) -> float:
    loss = train.set_cross_entropy(smoothing)
    return float(keras.ops.convert_to_numpy(loss(np.array([pair], np.int32), scores))[0])


@settings(max_examples=25)
@given(SHARE, SHARE, st.floats(0.05, 0.95))
def test_an_unknown_case_teaches_no_case(one: float, other: float, together: float) -> None:
    """A letter whose case nobody recorded pushes the network towards capitals or small letters.

    The loss may depend on the probability of both cases together, and on nothing else of them.
    """
    first, second = (logits({CAPITAL: share * together, SMALL: (1 - share) * together}) for share in (one, other))
    for pair in ((CAPITAL, SMALL), (SMALL, CAPITAL)):
        assert loss_of(pair, first) == pytest.approx(loss_of(pair, second), abs=1e-4)
        assert loss_of(pair, first) == pytest.approx(-np.log(together), abs=1e-3)


@settings(max_examples=10)
@given(SHARE)
def test_smoothing_prefers_neither_case(share: float) -> None:
    """With smoothing, the two cases of an unknown one are no longer alike."""
    one = logits({CAPITAL: 0.9 * share, SMALL: 0.9 * (1 - share)})
    other = logits({SMALL: 0.9 * share, CAPITAL: 0.9 * (1 - share)})
    assert loss_of((CAPITAL, SMALL), one, 0.03) == pytest.approx(loss_of((CAPITAL, SMALL), other, 0.03), abs=1e-4)


def test_a_known_case_is_plain_cross_entropy() -> None:
    """Where the case is known it is not taught, or counted twice."""
    scores = logits({CAPITAL: 0.7, SMALL: 0.2})
    assert loss_of((CAPITAL, CAPITAL), scores) == pytest.approx(-np.log(0.7), abs=1e-4)
    assert loss_of((SMALL, SMALL), scores) == pytest.approx(-np.log(0.2), abs=1e-4)
    smooth = 0.97 * -np.log(0.7) - 0.03 * scores.mean()
    assert loss_of((CAPITAL, CAPITAL), scores, 0.03) == pytest.approx(smooth, abs=1e-4)


def test_either_case_is_right_where_it_is_unknown() -> None:
    """The accuracy in the learning curves counts right answers as errors."""
    scores = np.concatenate([logits({number: 0.9}) for number in (CAPITAL, SMALL, OTHER)])
    for pair, expected in (((CAPITAL, SMALL), [1, 1, 0]), ((CAPITAL, CAPITAL), [1, 0, 0])):
        classes = np.array([pair] * 3, np.int32)
        assert keras.ops.convert_to_numpy(train.set_accuracy(classes, scores)).tolist() == expected


def rates(highest: float, steps: int, done: int = 0) -> list[float]:
    """The learning rate of each step."""
    rate = fit.CosineRate(highest, steps, done)
    model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.0))
    rate.set_model(model)
    found = []
    for step in range(steps - done):
        rate.on_train_batch_begin(step)
        found.append(model.optimizer.learning_rate)
    return found


def test_the_rate_warms_up_and_falls_to_next_to_nothing() -> None:
    """Training starts with a jump it does not recover from, or never settles."""
    found = rates(2e-3, 4000)
    start = fit.CosineRate.WARM_UP
    assert found[0] < 1e-5 and max(found) <= 2e-3
    assert found[:start] == sorted(found[:start])
    assert found[start:] == sorted(found[start:], reverse=True)
    assert found[2000] == pytest.approx(1e-3, rel=0.01) and 0 < found[-1] <= 0.002 * 2e-3


def test_a_resumed_rate_goes_on_where_it_was() -> None:
    """A resumed training warms up anew, or anneals twice."""
    assert rates(2e-3, 3000, done=1234) == rates(2e-3, 3000)[1234:]


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Three shards of 40 tiles, each tile with its own number of lit pixels."""
    paths = []
    for shard in range(3):
        tiles = np.zeros((40, SIDE, SIDE), np.uint8)
        for number in range(40):
            tiles[number].flat[: 1 + 40 * shard + number] = 255
        classes = np.repeat(np.arange(40, dtype=np.uint8)[:, None], 2, axis=1)
        paths.append(tmp_path / f"tiles-{shard:03}.npz")
        np.savez(paths[-1], tiles=tiles, classes=classes)
    return paths


def batches(shards: list[Path], first_epoch: int = 0) -> train.ShardBatches:
    return train.ShardBatches(shards, 1, 16, seed=7, first_epoch=first_epoch)


def test_every_tile_of_an_epoch_is_shown_at_most_once(shards: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Some tiles are never learnt, or tiles and classes get out of step."""
    monkeypatch.setattr(train, "vary_tile", lambda tile, rng: tile)
    data = batches(shards)
    assert len(data) == 2
    for epoch in range(3):
        seen = []
        for number in range(len(data)):
            tiles, classes = data[number]
            assert tiles.shape == (16, SIDE, SIDE, 1) and tiles.dtype == np.float32 and classes.dtype == np.int32
            lit = (tiles > 0).sum(axis=(1, 2, 3)).tolist()
            assert [count - 1 - 40 * epoch for count in lit] == classes[:, 0].tolist()
            seen += lit
        assert len(set(seen)) == len(seen) == 32
        data.on_epoch_end()


def test_a_resumed_training_sees_the_same_batches(shards: list[Path]) -> None:
    """After an interruption the first shards are learnt again, and the last never."""
    through, resumed = batches(shards), batches(shards, first_epoch=4)
    for _ in range(4):
        through.on_epoch_end()
    for number in range(len(through)):
        for one, other in zip(through[number], resumed[number], strict=True):
            assert np.array_equal(one, other)
    through.on_epoch_end()
    assert not np.array_equal(through[0][1], resumed[0][1])


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from([0, 255, None]))
def test_variations_are_tiles(seed: int, value: int | None) -> None:
    """Training is fed with other sizes or types than the runtime's, or empty tiles get ink."""
    rng = np.random.default_rng(seed)
    tile = rng.integers(0, 256, (SIDE, SIDE), np.uint8) if value is None else np.full((SIDE, SIDE), value, np.uint8)
    varied = train.vary_tile(tile, rng)
    assert varied.shape == (SIDE, SIDE) and varied.dtype == np.uint8
    assert value is None or np.array_equal(varied, tile)


def options(epochs: int) -> argparse.Namespace:
    return argparse.Namespace(seed=1, epochs=epochs, shards_an_epoch=1, batch=16, rate=1e-2, verbose=0, start=None)


def small_network(classes: int, norm: object = None) -> keras.Model:
    """One layer: what is tested is the training around it."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((SIDE, SIDE, 1)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(classes)]
    )


def test_an_interrupted_training_ends_like_an_uninterrupted_one(
    shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A training that was stopped over night starts over, loses its averaged weights, or writes no curves."""
    monkeypatch.setattr(train, "character_network", small_network)
    monkeypatch.setattr(fit.CosineRate, "WARM_UP", 2)
    through, stopped = tmp_path / "through", tmp_path / "stopped"
    train.train(through, shards, options(3))
    save = fit.SaveState.on_epoch_end

    def save_and_stop(self: fit.SaveState, epoch: int, logs: dict[str, float] | None = None) -> None:
        save(self, epoch, logs)
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(fit.SaveState, "on_epoch_end", save_and_stop)
        train.train(stopped, shards, options(3))
    assert not (stopped / "float.keras").exists()
    train.train(stopped, shards, options(3))
    logs = [json.loads((folder / "log.json").read_text()) for folder in (through, stopped)]
    assert [entry["epoch"] for entry in logs[0]] == [entry["epoch"] for entry in logs[1]] == [1, 2, 3]
    models = [keras.models.load_model(folder / "float.keras", compile=False) for folder in (through, stopped)]
    for one, other in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)
    assert (stopped / "curves.png").stat().st_size > 1000

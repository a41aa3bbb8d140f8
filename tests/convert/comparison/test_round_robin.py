"""Readers take turns: order, failures, interruptions."""

from pathlib import Path

import pytest

from convert.comparison import round_robin
from convert.comparison.contender_process import Reading, Worker
from convert.comparison.picture_sets import PictureSet
from convert.comparison.roster import Contender
from convert.comparison.round_robin import Seat, read_all, take_turns, warm_up
from tests.fakes import fake_reader


def pictures(count: int, rounds: int = 1) -> PictureSet:
    paths = tuple(Path(f"{number}.jpg") for number in range(count))
    return PictureSet("x", "some pictures", "page", paths, ("",) * count, rounds)


def seat(tmp_path: Path, behaviour: str = "pass", name: str = "Fake", timeout: float = 60) -> Seat:
    return Seat(Contender(name, fake_reader(tmp_path, name, behaviour)), timeout)


def texts(found: list[round_robin.Turn]) -> list[list[str | None]]:
    return [[reading and reading.text for reading in readings] for _, readings in found]


def test_turns_are_fair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One reader would always run after the same other, or all its pictures at another time than the others'."""
    calls: list[str] = []
    original = Worker.read
    monkeypatch.setattr(Worker, "read", lambda self, path: calls.append(self.name + path.stem) or original(self, path))
    found: list[round_robin.Turn] = []
    with seat(tmp_path, name="A") as one, seat(tmp_path, name="B") as two, seat(tmp_path, name="C") as three:
        take_turns([one, two, three], pictures(2, rounds=2), found)
    assert calls == ["A0", "B0", "C0", "B1", "C1", "A1", "C0", "A0", "B0", "A1", "B1", "C1"]
    assert [number for number, _ in found] == [0, 1, 0, 1]
    assert texts(found) == [["0.jpg"] * 3, ["1.jpg"] * 3] * 2


def test_warm_up_does_not_count_and_shows_the_cost_of_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cold readings would count, or a program's start be unknown."""
    calls: list[str] = []
    original = Worker.read
    monkeypatch.setattr(Worker, "read", lambda self, path: calls.append(path.stem) or original(self, path))
    with seat(tmp_path) as one, Seat(Contender("B", absent="absent: fetch it")) as absent:
        costs = warm_up([one, absent], pictures(9), tmp_path / "empty.png")
    assert costs == [500.0, None] and (tmp_path / "empty.png").exists()
    assert calls == ["empty"] * round_robin.EMPTY + ["0", "1", "2", "3"] * round_robin.WARM_UP


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("if '1.jpg' in path: sys.exit('out of memory')", "A died with exit code 1 (out of memory) at 1.jpg"),
        ("if '1.jpg' in path: time.sleep(600)", "A gave no answer within 2 s at 1.jpg"),
        (
            "if '1.jpg' in path: print('Downloading', flush=True)",
            "A answered 'Downloading', which is no JSON, at 1.jpg",
        ),
    ],
    ids=["dies", "hangs", "prints rubbish"],
)
def test_failure_at_one_picture_costs_only_that(
    tmp_path: Path, behaviour: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A reader that fails once would end the run, lose its other readings, or be asked for that picture for ever."""
    with seat(tmp_path, behaviour, "A", timeout=2) as bad, seat(tmp_path, name="B") as good:
        found, _ = read_all([bad, good], pictures(3, rounds=2), tmp_path / "empty.png")
    assert texts(found) == [["0.jpg", "0.jpg"], [None, "1.jpg"], ["2.jpg", "2.jpg"]] * 2
    (sentence,) = bad.failures.values()
    assert message in sentence and not good.failures
    assert capfd.readouterr().err.count(message) == 1


def test_reader_that_always_fails_is_not_asked_for_ever(tmp_path: Path) -> None:
    """A reader that hangs at every picture would take hours of timeouts."""
    found: list[round_robin.Turn] = []
    with seat(tmp_path, "sys.exit(1)") as bad:
        take_turns([bad], pictures(9), found)
    assert texts(found) == [[None]] * 9 and len(bad.failures) == round_robin.STRIKES


def test_reader_that_does_not_start_is_tried_once(tmp_path: Path) -> None:
    """The same sentence would stand there for every picture."""
    found: list[round_robin.Turn] = []
    with Seat(Contender("A", ("/nonexistent/python",))) as bad:
        take_turns([bad], pictures(4), found)
    assert len(bad.failures) == 1 and bad.facts is None


def test_interruption_keeps_whole_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after an hour would lose the hour, or leave one reader with a picture more than the others."""
    original = Seat.read

    def read(self: Seat, picture: Path) -> Reading | None:
        if self.contender.name == "A" and picture.name == "7.jpg":
            raise KeyboardInterrupt
        return original(self, picture)

    monkeypatch.setattr(Seat, "read", read)
    with seat(tmp_path, name="A") as one, seat(tmp_path, name="B") as two:
        found, costs = read_all([one, two], pictures(9), tmp_path / "empty.png")
    assert [number for number, _ in found] == list(range(7)) and costs == [500.0, 500.0]
    assert all(reading for _, readings in found for reading in readings)

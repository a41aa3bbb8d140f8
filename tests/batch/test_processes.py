"""`--jobs`: several processes read as one does, in order, whatever happens to one of them."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_ocr.batch.processes import Processes
from edge_ocr.batch.reading import Reading, Wanted
from edge_ocr.batch.sources import Source
from edge_ocr.errors import BadBundle, BadImage, ImageNotFound
from edge_ocr.page import Frame, Page
from tests.batch.readers import FakeReader
from tests.places import PAGES, ROOT


class Moody(FakeReader):
    """Dies of "die" each time, of "once" the first time; fails at "fail"; takes long for "slow", and says so."""

    def read(self, frame: Frame) -> Page:
        path = Path(frame.name)
        first = path.with_suffix(".tried")
        if path.stem == "die" or (path.stem == "once" and not first.exists()):
            first.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if path.stem == "fail":
            raise ZeroDivisionError("of a kind that nobody expected")
        if path.stem == "slow":
            path.with_suffix(".begun").write_text("a pipe that the test reads")
            time.sleep(60)
        return super().read(frame)


def no_model() -> Any:
    raise BadBundle("the model is missing")


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[Any]:
    def make(*names: str) -> list[Source]:
        for at, name in enumerate(names):
            cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((40, 60), at + 1, np.uint8))
        return [Source(str(tmp_path / f"{name}.png"), Path(f"{name}.png")) for name in names]

    yield make


def texts(results: Any) -> list[str]:
    return [outcome.pages[0].text if isinstance(outcome, Reading) else type(outcome).__name__ for _, outcome in results]


@pytest.mark.slow
def test_a_process_that_dies_loses_no_other_picture(pictures: Any) -> None:
    """One picture that the system's memory cannot hold would end a night's work."""
    names = ["a", "die", "b", "once", "c", "fail", *(str(number) for number in range(20))]
    sources = [*pictures(*names[:6]), Source("absent.png", Path("absent.png")), *pictures(*names[6:])]
    with Processes(2, Moody, Wanted("text", rendered=False)) as processes:
        results = list(processes.read(sources))
    assert [source for source, _ in results] == sources
    expected = ["1", "BadImage", "3", "4", "5", "RuntimeError", "ImageNotFound", *map(str, range(1, 21))]
    assert texts(results) == expected
    failures = [outcome for _, outcome in results if isinstance(outcome, Exception)]
    assert isinstance(failures[0], BadImage) and "die.png ended the process" in str(failures[0])
    assert "ZeroDivisionError: of a kind" in str(failures[1]) and isinstance(failures[2], ImageNotFound)


class SlowPipe:
    """Takes a moment to close, in which it cannot be closed again."""

    def __init__(self) -> None:
        self.closing = self.closed = False

    def close(self) -> None:
        if self.closing and not self.closed:
            raise OSError(errno.EBADF, "Bad file descriptor")
        self.closing = True
        time.sleep(0.1)
        self.closed = True


def test_a_process_may_be_ended_by_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while a process dies ends with 70 and a wish to report it."""
    with Processes(1, Moody, Wanted("text")) as processes:
        (process,) = processes._all
        process._pipe.close()
        monkeypatch.setattr(process, "_pipe", SlowPipe())
        with ThreadPoolExecutor(4) as threads:
            ends = [threads.submit(process.kill) for _ in range(4)]
        assert [end.exception() for end in ends] == [None] * 4
        assert not process._process.is_alive()


@pytest.mark.slow
def test_what_is_wrong_with_all_is_said_once() -> None:
    """A missing model would be reported for each picture, or the processes would wait for each other."""
    with pytest.raises(BadBundle, match="the model is missing"), Processes(2, no_model, Wanted("text")):
        pass


RUN = """
import sys
from functools import partial
from edge_ocr.commands import main as cli
from edge_ocr.commands import read as read_command
from tests.batch.test_processes import Moody
if __name__ == "__main__":
    read_command.Reader = Moody
    sys.exit(cli.main())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_all_processes(number: int, code: int, pictures: Any, tmp_path: Path) -> None:
    """Ctrl-C would leave processes behind that read on, or lose what was read."""
    script = tmp_path / "run.py"
    script.write_text(RUN)
    names = [source.name for source in pictures("a", "slow", "b")]
    begun = tmp_path / "slow.begun"
    os.mkfifo(begun)
    process = subprocess.Popen(
        [sys.executable, str(script), "read", "--jobs", "2", *names],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "1\n"
    begun.read_text()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)  # The pipes end when the last of the processes has.
    assert process.returncode == code and out == "" and "Traceback" not in err


@pytest.mark.slow
def test_two_processes_read_as_one(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The texts, their order or their documents would depend on how many processes read."""
    from edge_ocr.commands import main as cli

    names = [str(PAGES / f"{name}.jpg") for name in ("perspective", "hard-shadow", "small-writing")]
    options = ["--format", "json", "--max-seconds", "60"]
    assert cli.main(["read", *options, *names]) == 0
    alone = capfd.readouterr().out
    assert cli.main(["read", *options, "--jobs", "2", *names]) == 0
    assert capfd.readouterr().out == alone and alone.count("\n") == 3
    assert cli.main(["read", "--jobs", "2", "--format", "hocr", "--output", str(tmp_path), *names]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{Path(name).name}.hocr" for name in names)

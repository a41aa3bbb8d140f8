"""Readers in child processes: what they answer, and what happens when they fail."""

import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.comparison.contender_process import ContenderFailed, Facts, Reading, Worker
from convert.comparison.roster import Places, contenders
from tests.fakes import fake_reader, program
from tests.places import TINY


def test_worker_answers_line_by_line(tmp_path: Path) -> None:
    """Readings would be another picture's, or a path with a quote or a line break would end the conversation."""
    with Worker("Fake", [*fake_reader(tmp_path, behaviour="print('noise', file=sys.stderr)")]) as worker:
        assert worker.facts == Facts("Fake", "9", 1.5)
        assert worker.read(Path("first")) == Reading("first", 0.5, 0.6, 10.0)
        assert worker.read(Path('a"\nbcd')) == Reading('a"\nbcd'[-5:], 0.5, 0.6, 11.0)
    assert worker.child.code == 0


def test_worker_that_dies_is_reported_with_its_reason(tmp_path: Path) -> None:
    """The comparison would hang, or end in a broken pipe without a reason."""
    with Worker("Fake", [*fake_reader(tmp_path, behaviour="if number: sys.exit('out of memory.')")]) as worker:
        worker.read(Path("a.jpg"))
        with pytest.raises(ContenderFailed, match=r"Fake died with exit code 1 \(out of memory\) at b\.jpg"):
            worker.read(Path("b.jpg"))
        assert worker.broken
        with pytest.raises(ContenderFailed, match="died"):
            worker.read(Path("c.jpg"))


def test_worker_that_hangs_is_reported_and_ended(tmp_path: Path) -> None:
    """The comparison would wait for ever, or leave a process behind that takes the others' processor."""
    with (
        Worker("Fake", [*fake_reader(tmp_path, behaviour="time.sleep(600)")], timeout=0.2) as worker,
        pytest.raises(ContenderFailed, match=r"Fake gave no answer within 0\.2 s at a\.jpg"),
    ):
        worker.read(Path("a.jpg"))
    assert worker.broken and worker.child.code == -9


@pytest.mark.parametrize(
    "said", ["Loading...", "[]", "17", '{"text": "a"}', '{"text": "a", "cpu_s": "1", "wall_s": 1, "peak_mb": 1}']
)
def test_worker_that_prints_rubbish_is_reported(tmp_path: Path, said: str) -> None:
    """The comparison would end in a traceback, or take what a library printed for a reading."""
    with (
        Worker("Fake", [*fake_reader(tmp_path, behaviour=f"print({said!r}, flush=True)")]) as worker,
        pytest.raises(ContenderFailed, match=r"Fake answered .*, which is no (JSON|reading), at a\.jpg: fix that"),
    ):
        worker.read(Path("a.jpg"))
    assert worker.broken, "the next line would be taken for the next picture's reading"


def test_worker_that_cannot_read_is_reported(tmp_path: Path) -> None:
    """A picture that one reader refuses would look like one that it read as nothing."""
    refuse = "print(json.dumps({'error': 'ValueError: too small'}), flush=True); continue"
    with (
        Worker("Fake", [*fake_reader(tmp_path, behaviour=refuse)]) as worker,
        pytest.raises(ContenderFailed, match=r"Fake failed at a\.jpg \(ValueError: too small\)"),
    ):
        worker.read(Path("a.jpg"))
    assert not worker.broken, "it would be started anew for nothing"


def test_worker_that_does_not_start_is_reported(tmp_path: Path) -> None:
    """A wrong --rapidocr-python would end in a traceback."""
    with pytest.raises(ContenderFailed, match="cannot be run"):
        Worker("Fake", ["/nonexistent/python"])
    with pytest.raises(ContenderFailed, match=r"died with exit code 3 \(no such option\) while it started"):
        Worker("Fake", [program(tmp_path, "echo no such option >&2; exit 3")])


def test_python_without_rapidocr_is_reported() -> None:
    """--rapidocr-python with a Python that does not have it would end in a traceback."""
    if find_spec("rapidocr") is not None:
        pytest.skip("this Python has RapidOCR")
    places = Places(rapidocr_python=Path(sys.executable), onnxocr_python=Path(sys.executable))
    rapidocr = next(row for row in contenders("line", places) if row.name.startswith("RapidOCR"))
    with pytest.raises(ContenderFailed, match="No module named 'rapidocr'"):
        Worker("RapidOCR", [*rapidocr.command])


def test_own_reader_works_as_a_child(tmp_path: Path) -> None:
    """Our half of the comparison would not start, or die of one bad picture."""
    pytest.importorskip("ai_edge_litert")
    picture = tmp_path / "white.png"
    cv2.imwrite(str(picture), np.full((60, 80), 255, np.uint8))
    _, ours, *_ = contenders("page", Places(TINY, TINY, Path(sys.executable), Path(sys.executable)))
    with Worker("edge-ocr", [*ours.command]) as worker:
        assert worker.facts.name == "edge-ocr" and worker.facts.model_mb > 0
        read = worker.read(picture)
        with pytest.raises(ContenderFailed, match=r"at missing\.png \(ImageNotFound"):
            worker.read(tmp_path / "missing.png")
    assert read.text == "" and read.cpu_s > 0 and 10 < read.peak_mb < 500

"""`python -m convert compare`: readers in child processes, what they answer, and what happens when they fail."""

import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from convert import compare, page_worker
from convert.contender import (
    ContenderFailed,
    NoRapidOcr,
    Reading,
    Worker,
    install_rapidocr,
    our_command,
    rapidocr_command,
)
from edge_ocr.errors import ImageNotFound

TINY = Path(__file__).parent / "tiny_model"

WORKER = """
import json, sys
print(json.dumps({{"name": "Fake", "version": "9", "model_mb": 1.5}}), flush=True)
for number, line in enumerate(sys.stdin):
    path = json.loads(line)
    {behaviour}
    print(json.dumps({{"text": path[-5:], "cpu_s": 0.5, "wall_s": 0.6, "peak_mb": 10.0 + number}}), flush=True)
"""
"""A reader that reads the end of a picture's name, and behaves as it is told."""


@pytest.fixture
def fake(tmp_path: Path) -> Callable[[str], list[str]]:
    """fake("what it does before it answers") -> the command that starts it."""

    def make(behaviour: str = "pass") -> list[str]:
        script = tmp_path / "fake.py"
        script.write_text(WORKER.format(behaviour=behaviour))
        return [sys.executable, str(script)]

    return make


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """script("shell commands") -> a program that runs them."""

    def make(commands: str) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\n{commands}\n")
        path.chmod(0o755)
        return str(path)

    return make


def reading(cpu_s: float, text: str = "") -> Reading:
    return Reading(text, cpu_s, 2 * cpu_s, 100.0)


def test_worker_answers_line_by_line(fake: Callable[[str], list[str]]) -> None:
    """Readings would be another picture's, or a path with a quote or a line break would end the conversation."""
    with Worker("Fake", fake("print('noise', file=sys.stderr)")) as worker:
        assert worker.facts == {"name": "Fake", "version": "9", "model_mb": 1.5}
        assert worker.read(Path("first")) == Reading("first", 0.5, 0.6, 10.0)
        assert worker.read(Path('a"\nbcd')) == Reading('a"\nbcd'[-5:], 0.5, 0.6, 11.0)
    assert worker._process.returncode == 0


def test_worker_that_dies_is_told_with_its_reason(fake: Callable[[str], list[str]]) -> None:
    """The comparison would hang, or end in a broken pipe that tells nothing."""
    command = fake("if number: sys.exit('out of memory.')")
    with Worker("Fake", command) as worker:
        worker.read(Path("a.jpg"))
        with pytest.raises(ContenderFailed, match=r"Fake died at b\.jpg with exit code 1 \(out of memory\)"):
            worker.read(Path("b.jpg"))
        with pytest.raises(ContenderFailed, match="died"):
            worker.read(Path("c.jpg"))


def test_worker_that_cannot_read_is_told(fake: Callable[[str], list[str]]) -> None:
    """A picture that one reader refuses would look like one that it read as nothing."""
    with (
        Worker("Fake", fake("print(json.dumps({'error': 'ValueError: too small'}), flush=True); continue")) as worker,
        pytest.raises(ContenderFailed, match=r"Fake failed at a\.jpg \(ValueError: too small\)"),
    ):
        worker.read(Path("a.jpg"))


def test_worker_that_does_not_start_is_told(script: Callable[[str], str]) -> None:
    """A wrong --rapidocr-python would end in a traceback."""
    with pytest.raises(ContenderFailed, match="cannot be run"):
        Worker("Fake", ["/nonexistent/python"])
    with pytest.raises(ContenderFailed, match=r"died while it started with exit code 3 \(no such option\)"):
        Worker("Fake", [script("echo no such option >&2; exit 3")])


def test_python_without_rapidocr_is_told() -> None:
    """--rapidocr-python with a Python that does not have it would end in a traceback."""
    if find_spec("rapidocr") is None:
        with pytest.raises(ContenderFailed, match="No module named 'rapidocr'"):
            Worker("RapidOCR", rapidocr_command(Path(sys.executable)))


def test_without_venv_rapidocr_is_not_installed(tmp_path: Path, script: Callable[[str], str]) -> None:
    """Debian's Python without python3-venv would leave half an environment that is taken for whole the next time."""
    python = script("echo 'The virtual environment was not created because ensurepip is not available.'; exit 1")
    with pytest.raises(NoRapidOcr, match=r"ensurepip is not available.*--rapidocr-python"):
        install_rapidocr(tmp_path / "env", python)
    assert not (tmp_path / "env" / "installed").exists()


def make_environment(commands: str) -> str:
    """Shell commands that make `python -m venv FOLDER` put a Python there that runs `commands`."""
    return f'mkdir -p "$3/bin"; printf "#!/bin/sh\\n{commands}\\n" > "$3/bin/python"; chmod +x "$3/bin/python"'


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/usr/bin/python3: No module named pip", "No module named pip"),
        ("ERROR: Could not find a version that satisfies rapidocr\nWARNING: pip is old", "Could not find a version"),
    ],
    ids=["pip is missing", "offline"],
)
def test_failed_installation_is_told(tmp_path: Path, script: Callable[[str], str], said: str, told: str) -> None:
    """pip's pages of output, or none at all, would stand for one sentence; and the next run would not try again."""
    complaint = tmp_path / "complaint"
    complaint.write_text(said)
    with pytest.raises(NoRapidOcr, match=rf"{told}.*connect to the internet"):
        install_rapidocr(tmp_path / "env", script(make_environment(f"cat {complaint} >&2; exit 1")))
    assert not (tmp_path / "env" / "installed").exists()


def test_installed_once(tmp_path: Path, script: Callable[[str], str], capfd: pytest.CaptureFixture[str]) -> None:
    """Every comparison would install RapidOCR again, or nobody would know why the first one takes minutes."""
    inside = install_rapidocr(tmp_path / "env", script(make_environment("exit 0")))
    assert inside == tmp_path / "env" / "bin" / "python"
    assert "installing rapidocr==3.10.*" in capfd.readouterr().err
    assert install_rapidocr(tmp_path / "env", "/nonexistent/python") == inside
    assert capfd.readouterr().err == ""


def test_page_worker_answers_errors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad picture would end the reader, and an error's line breaks would break the protocol."""

    def load(path: str) -> str:
        if "bad" in path:
            raise ValueError("no\npicture")
        return path

    made = page_worker.Contender({"name": "Fake"}, load, str.upper)
    monkeypatch.setitem(page_worker.OPENERS, "fake", lambda: made)
    first, second, third = page_worker.answers(["fake"], ['"bad.png"\n', '"good"\n'])
    assert (first, second) == ({"name": "Fake"}, {"error": "ValueError: no picture"})
    assert third["text"] == "GOOD" and third["cpu_s"] >= 0 and third["wall_s"] > 0
    assert 1 < third["peak_mb"] < 100_000
    (only,) = page_worker.answers(["unheard of"], ['"good"'])
    assert only == {"error": "KeyError: 'unheard of'"}


def test_own_reader_works_as_a_child(tmp_path: Path) -> None:
    """Our half of the comparison would not start, or die of one bad picture."""
    pytest.importorskip("ai_edge_litert")
    picture = tmp_path / "white.png"
    cv2.imwrite(str(picture), np.full((60, 80), 255, np.uint8))
    with Worker("edge-ocr", our_command(TINY)) as worker:
        assert worker.facts["name"] == "edge-ocr" and worker.facts["model_mb"] > 0
        read = worker.read(picture)
        with pytest.raises(ContenderFailed, match=r"at .*missing\.png \(ImageNotFound"):
            worker.read(tmp_path / "missing.png")
    assert read.text == "" and 0 < read.cpu_s < 5 and 10 < read.peak_mb < 500


def test_turns_are_fair(fake: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """One reader would always run after the other, or cold readings would count."""
    calls: list[str] = []
    original = Worker.read
    monkeypatch.setattr(Worker, "read", lambda self, path: calls.append(self.name + path.stem) or original(self, path))
    with Worker("A", fake("pass")) as one, Worker("B", fake("pass")) as two:
        readings = compare.take_turns([one, two], [Path("1.jpg"), Path("2.jpg")], 2)
    warm = [f"{name}{number}" for name in "AB" for number in "12" * compare.WARM_UP]
    assert calls == [*warm, "B1", "B2", "A1", "A2", "A1", "A2", "B1", "B2"]
    assert [[[r.text for r in row] for row in rounds] for rounds in readings] == [[["1.jpg", "2.jpg"]] * 2] * 2


def test_summary_is_a_picture_and_ratio_is_theirs_to_ours() -> None:
    """Milliseconds would be of all pictures together, or the slower reader be called the faster one."""
    facts = {"name": "x", "version": "1", "model_mb": 2.0}
    ours = [[reading(0.01, "ab"), reading(0.03, "?")], [reading(0.02, "ab"), reading(0.02, "?")]]
    theirs = [[reading(0.4), reading(0.4)], [reading(0.6), reading(0.2)]]
    result = compare.summarise(facts, ours, ["abcd", None])
    assert result.cpu_ms.median == pytest.approx(20) and result.wall_ms.median == pytest.approx(40)
    assert (result.loose, result.strict, result.peak_mb) == (0.5, 0.5, 100.0)
    assert compare.summarise(facts, ours, [None, None]).loose is None
    assert compare.cpu_ratio(ours, theirs).median == pytest.approx(20)


def test_known_text(tmp_path: Path) -> None:
    """Error rates would be missing where a truth.json lies beside the picture, or the command fail where none does."""
    assert compare.known_text(tmp_path / "a.jpg") is None
    (tmp_path / "truth.json").write_text('{"a.jpg": "HI"}')
    assert compare.known_text(tmp_path / "a.jpg") == "HI"
    assert compare.known_text(tmp_path / "b.jpg") is None


def test_report_is_well_formed(
    tmp_path: Path,
    fake: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The card would lack its comparison, or `--json` print something else than the file holds."""
    pytest.importorskip("ai_edge_litert")
    bundle = shutil.copytree(TINY, tmp_path / "bundle")
    picture = tmp_path / "page.png"
    cv2.imwrite(str(picture), np.full((60, 80), 255, np.uint8))
    monkeypatch.setattr(compare, "our_command", lambda folder: fake("pass"))
    monkeypatch.setattr(compare, "rapidocr_command", lambda python: fake("pass"))
    monkeypatch.setattr(compare, "IMPORTS", 1)
    arguments = [str(picture), "--model", str(bundle), "--rapidocr-python", "python", "--rounds", "2"]
    assert compare.main([*arguments, "--json"]) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert figures == json.loads((bundle / "report" / "compare.json").read_text())
    assert figures["ratio"]["median"] == 1 and figures["pictures"] == ["page.png"]
    assert [r["cpu_ms"]["median"] for r in figures["readers"]] == [500, 500]
    assert 10 < figures["read_peak_mb"] < 500 and 0 < figures["import_s"] < 30 and not figures["tensorflow"]
    assert compare.main(arguments) == 0
    out = capsys.readouterr().out
    assert "Fake 9" in out and "1.0 (1.0 to 1.0) times" in out


def test_missing_picture_is_told_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minutes of installing would end in "no such file"."""
    monkeypatch.setattr(compare, "install_rapidocr", lambda: pytest.fail("installed"))
    with pytest.raises(ImageNotFound):
        compare.main(["/nonexistent.jpg", "--model", str(TINY)])

"""Programs in processes of their own: what they answer, and what remains of them."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from edge_ocr.child import Child, ChildLost, last_line

HERE = Path(__file__).parent

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


def child(code: str, **surroundings: str) -> Child:
    return Child([sys.executable, "-c", code], folder=HERE, surroundings=surroundings)


@pytest.mark.parametrize("question", [{"do": "read"}, 'a"\nb', [], None, "ü"])
def test_a_line_in_is_a_line_out(question: object) -> None:
    """A path with a quote or a line break would put questions and answers out of step."""
    with child(ECHO) as echo:
        assert echo.ask(question) == question == echo.ask(question)
    assert echo.code == 0


def test_it_gets_its_folder_and_surroundings() -> None:
    """A reader would run on all processors, or find another package than ours."""
    code = "import json, os; print(json.dumps([os.getcwd(), os.environ['THREADS'], 'PATH' in os.environ]))"
    with child(code, THREADS="1") as one:
        assert one.answer() == [str(HERE), "1", True]


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [("raise SystemExit('out of memory.')", 1, "out of memory"), ("import os; os.abort()", -6, "")],
)
def test_a_death_says_why(code: str, exit_code: int, said: str) -> None:
    """Nobody would learn why a measurement ended."""
    with child(code) as dead:
        for _ in range(2):
            with pytest.raises(ChildLost, match=f"exit code {exit_code}") as died:
                dead.ask("anybody there?")
            assert (died.value.code, died.value.said) == (exit_code, said) and dead.lost


def test_what_is_no_json_is_refused() -> None:
    """A library's greeting would be taken for an answer."""
    with child("print('Loading...', flush=True)") as noisy, pytest.raises(ChildLost, match=r"Loading.*no JSON"):
        noisy.ask(1)
    assert noisy.lost


def test_a_hanging_child_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """A program that it started would go on for ever, and take the processor from what is measured next."""
    code = """
import json, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(json.dumps(other.pid), flush=True)
time.sleep(600)
"""
    with child(code) as hanging:
        other = hanging.answer()
        with pytest.raises(ChildLost, match=r"no answer within 0\.1 s"):
            hanging.answer(0.1)
    assert hanging.code == -signal.SIGKILL
    deadline = time.monotonic() + 60
    while Path(f"/proc/{other}").exists() and "Z" not in Path(f"/proc/{other}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.01)


def test_an_error_of_ours_ends_it_at_once() -> None:
    """Ctrl-C would wait for a child that nobody listens to any more."""
    with pytest.raises(KeyboardInterrupt), child("import time; time.sleep(600)") as sleeping:
        raise KeyboardInterrupt
    assert sleeping.code == -signal.SIGKILL


def test_a_program_that_is_missing_is_an_os_error() -> None:
    """The caller could not say which program it is, or a file would stay open."""
    files = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    with pytest.raises(FileNotFoundError):
        Child(["/nonexistent/program"], folder=HERE)
    assert not files or len(os.listdir("/proc/self/fd")) == files


@pytest.mark.parametrize(("text", "last"), [("", ""), ("\n \n", ""), ("a\nb.\n\n", "b"), ("Error: no.", "Error: no")])
def test_the_last_line_has_no_full_stop(text: str, last: str) -> None:
    """A sentence inside a sentence would have a full stop in its middle."""
    assert last_line(text) == last

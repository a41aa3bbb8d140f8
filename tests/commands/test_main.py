"""The command line: text alone on stdout, everything else in one sentence on stderr, an exit code for each kind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import edge_ocr
from convert import cli as convert_cli
from edge_ocr import arguments, output
from edge_ocr.commands import main as cli
from edge_ocr.commands import read as read_command
from edge_ocr.errors import BadBundle, BadPattern, CannotWrite, EdgeOcrError, ExitCode, NoInterpreter
from edge_ocr.page import Frame, Page
from tests.conftest import make_word
from tests.places import ROOT

FAKE = """
import sys, time
from edge_ocr.commands import main as cli
from edge_ocr.commands import read as read_command
from edge_ocr.page import Line, Page
from tests.conftest import make_word
class Fake:
    load = classmethod(lambda cls, *a, **k: cls())
    def read(self, frame):
        if "slow" in frame.name:
            print("reading", file=sys.stderr, flush=True)
            time.sleep(30)
        return Page((Line((make_word("HI", 5, 5),)),), 60, 40, frame.name)
read_command.Reader = Fake
sys.exit(cli.main())
"""
"""A whole program whose Reader reads HI in every picture, for what can only be seen from outside a process."""


class FakeReader:
    """Reads a picture's brightness: white is an empty page, all else the number; keeps what it was loaded with."""

    loaded: tuple[Any, dict[str, Any]] = (None, {})
    load_error: EdgeOcrError | None = None
    read_error: Exception | None = None

    @classmethod
    def load(cls, model: str | None = None, **options: Any) -> "FakeReader":
        if cls.load_error:
            raise cls.load_error
        cls.loaded = model, options
        return cls()

    def read(self, frame: Frame) -> Page:
        if self.read_error and "bad" in frame.name:
            raise self.read_error
        height, width = frame.image.shape[:2]
        value = int(frame.image.flat[0])
        words = (make_word(str(value), 5, 5),)
        lines = () if value == 255 else (edge_ocr.Line(words),)
        return Page(lines, width, height, frame.name)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> type[FakeReader]:
    fake = type("Fake", (FakeReader,), {})
    monkeypatch.setattr(read_command, "Reader", fake)
    return fake


@pytest.fixture
def pictures(tmp_path: Path, reader: type[FakeReader]) -> Callable[..., list[str]]:
    """Makes pictures of these brightnesses: pictures(10, 20) -> [".../10.png", ".../20.png"]."""

    def make(*values: int, folder: str = "") -> list[str]:
        (tmp_path / folder).mkdir(exist_ok=True)
        paths = [str(tmp_path / folder / f"{value}.png") for value in values]
        for path, value in zip(paths, values, strict=True):
            cv2.imwrite(path, np.full((40, 60), value, np.uint8))
        return paths

    return make


Pictures = Callable[..., list[str]]
Capture = pytest.CaptureFixture[str]


def run_fake(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", FAKE, *arguments]
    return subprocess.run(command, cwd=ROOT, timeout=60, stderr=subprocess.PIPE, check=False, **options)


def test_text_alone_on_stdout(pictures: Pictures, capsys: Capture) -> None:
    """`edge-ocr read note.jpg > note.txt` would hold more than the text."""
    assert cli.main(["read", *pictures(10)]) == 0
    assert capsys.readouterr() == ("10\n", "")


def test_several_pictures_are_set_apart_by_an_empty_line(pictures: Pictures, capsys: Capture) -> None:
    """Where one picture ends and the next begins is not visible; an unwritten one must leave no gap."""
    assert cli.main(["read", *pictures(255, 10, 254, 30), "--image", pictures(40)[0]]) == 0
    out, err = capsys.readouterr()
    assert out == "10\n\n254\n\n30\n\n40\n"
    assert err.count("\n") == 1 and "no writing found in" in err and "255.png" in err


def test_json_is_one_object_a_line(pictures: Pictures, capsys: Capture) -> None:
    """Programs that read the output line by line would break; an unwritten page must have its line too."""
    names = pictures(10, 255)
    assert cli.main(["read", "--json", *names]) == 0
    pages = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(page["name"], page["text"]) for page in pages] == [(names[0], "10"), (names[1], "")]


def test_folders_are_read_in_natural_order(pictures: Pictures, capsys: Capture, tmp_path: Path) -> None:
    """Page 10 would stand before page 9."""
    pictures(10, 9, 100, folder="scans")
    assert cli.main(["read", str(tmp_path / "scans")]) == 0
    assert capsys.readouterr().out.split() == ["9", "10", "100"]


def test_options_reach_the_reader(pictures: Pictures, reader: type[FakeReader]) -> None:
    """An option would be taken and silently ignored."""
    wanted = {"charset": "0-9", "pattern": r"\d+", "language": "none", "backend": "litert", "recogniser": "characters"}
    options = [part for name, value in wanted.items() for part in (f"--{name}", value)]
    options += ["--min-confidence", "0.25", "--max-seconds", "3", "--find", "map", "--turn", "90"]
    assert cli.main(["read", *options, "--model", "m", "--tuned", "t", *pictures(10)]) == 0
    assert reader.loaded == (
        "m",
        {
            **wanted,
            "tuned": "t",
            "min_confidence": 0.25,
            "max_seconds": 3.0,
            "pattern_in": None,
            "find": "map",
            "turn": 90.0,
        },
    )


def test_a_partial_page_is_said_to_be_one(
    pictures: Pictures, reader: type[FakeReader], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Nobody would learn that lines are missing, or why."""
    monkeypatch.setattr(reader, "read", lambda self, frame: Page((), 60, 40, frame.name, partial=True))
    assert cli.main(["read", "--max-seconds", "3", *pictures(10)]) == 0
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "within 3 s" in err and "--max-seconds" in err


def test_a_live_picture_has_less_time_than_a_photograph() -> None:
    """A camera's picture of a hedge would hold up the next ones for long."""
    parser = cli.make_parser()
    limits = [parser.parse_args(command).max_seconds for command in (["read", "x"], ["bench"], ["live"])]
    assert limits == [10.0, 10.0, 2.0]


@pytest.mark.parametrize("command", ["read", "live"])
def test_a_whole_line_and_a_part_of_it_are_not_asked_for_together(
    command: str, pictures: Pictures, capsys: Capture
) -> None:
    """One of the two is overlooked without a word."""
    source = pictures(10) if command == "read" else ["--camera", *pictures(10)]
    assert cli.main([command, *source, "--pattern", "A", "--pattern-in", "B"]) == ExitCode.USAGE
    assert "--pattern-in: not allowed with argument --pattern" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["read", "live", "bench"])
@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "half"])
def test_a_confidence_beyond_0_to_1_is_refused(command: str, value: str, capsys: Capture) -> None:
    """A floor of 50 instead of 0.5 rejects every line, without a word."""
    assert cli.main([command, f"--min-confidence={value}"]) == 2
    assert "expected a confidence from 0 to 1" in capsys.readouterr().err


def test_rejected_lines_are_listed_where_they_are_asked_for(
    pictures: Pictures, reader: type[FakeReader], capsys: Capture
) -> None:
    """What was too doubtful cannot be looked at, or stands in everybody's output."""
    doubtful = edge_ocr.Line((make_word("MAYBE", 5, 5, 0.1),))
    reader.read = lambda self, frame: Page((), 60, 40, frame.name, (doubtful,))  # type: ignore[method-assign]
    assert cli.main(["read", "--json", "--rejected", *pictures(10)]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["text"] == "" and [line["text"] for line in page["rejected"]] == ["MAYBE"]
    assert cli.main(["read", "--json", *pictures(10)]) == 0
    assert "rejected" not in json.loads(capsys.readouterr().out)
    assert cli.main(["read", "--rejected", *pictures(10)]) == 2
    assert "add --json" in capsys.readouterr().err


def test_a_bad_picture_does_not_stop_the_others(pictures: Pictures, capsys: Capture, tmp_path: Path) -> None:
    """One broken file in a folder of a thousand would cost the whole night's reading."""
    (tmp_path / "broken.png").write_text("hello")
    good = pictures(10, 20)
    code = cli.main(["read", good[0], str(tmp_path / "broken.png"), str(tmp_path / "absent.png"), good[1]])
    out, err = capsys.readouterr()
    assert (code, out) == (3, "10\n\n20\n")
    assert len(err.splitlines()) == 2 and "broken.png" in err.splitlines()[0] and "absent.png" in err.splitlines()[1]


@pytest.mark.parametrize("name", ["", "absent.png", "empty-folder"])
def test_what_is_not_there_has_its_exit_code(name: str, capsys: Capture, tmp_path: Path, reader: object) -> None:
    """Scripts cannot distinguish a mistyped name from a broken file."""
    (tmp_path / "empty-folder").mkdir()
    assert cli.main(["read", str(tmp_path / name) if name else ""]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("error", [BadBundle("b: x"), NoInterpreter("n: x"), BadPattern("p: x"), EdgeOcrError("e: x")])
def test_load_errors_have_their_exit_code(
    error: EdgeOcrError, reader: type[FakeReader], pictures: Pictures, capsys: Capture
) -> None:
    """A broken model, a missing runtime and a wrong pattern would look alike, or end in a traceback."""
    reader.load_error = error
    assert cli.main(["read", *pictures(10)]) == error.exit_code
    assert capsys.readouterr() == ("", f"edge-ocr: {error}\n")


@pytest.mark.parametrize("error", [ValueError("odd\nthing"), MemoryError()])
def test_unexpected_errors_are_one_sentence(
    error: Exception, reader: type[FakeReader], pictures: Pictures, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users would see a traceback, and the picture after would not be read."""
    reader.read_error = error
    bad = pictures(10, folder="bad")
    assert cli.main(["read", *bad, *pictures(20)]) == ExitCode.UNEXPECTED
    out, err = capsys.readouterr()
    assert out == "20\n" and len(err.splitlines()) == 1 and "Traceback" not in err
    monkeypatch.setenv("EDGE_OCR_DEBUG", "1")
    cli.main(["read", *bad])
    assert "Traceback" in capsys.readouterr().err


def test_annotate_draws_on_a_copy(pictures: Pictures, capsys: Capture, tmp_path: Path) -> None:
    """--annotate would write nothing, or another size than the picture's."""
    assert cli.main(["read", *pictures(10), "--annotate", str(tmp_path / "out.png")]) == 0
    assert cv2.imread(str(tmp_path / "out.png")).shape == (40, 60, 3)
    assert "out.png" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("annotate", "expected"),
    [("out.jpg", ["out-10.jpg", "out-20.jpg", "out-10-2.jpg"]), ("drawn", ["10.png", "20.png", "10-2.png"])],
)
def test_annotate_names_each_picture(annotate: str, expected: list[str], pictures: Pictures, tmp_path: Path) -> None:
    """The last picture would overwrite all others."""
    (tmp_path / "drawn").mkdir()
    names = [*pictures(10, 20), *pictures(10, folder="other")]
    assert cli.main(["read", *names, "--annotate", str(tmp_path / annotate)]) == 0
    folder = tmp_path / "drawn" if annotate == "drawn" else tmp_path
    assert {path.name for path in folder.iterdir()} >= set(expected)


@pytest.mark.parametrize("annotate", ["out.txt", "out", "absent/out.png", "absent/", "10.png"])
def test_annotate_is_checked_before_reading(
    annotate: str, pictures: Pictures, reader: type[FakeReader], capsys: Capture, tmp_path: Path
) -> None:
    """An hour's reading would end in an error that was there from the start, or destroy the photograph itself."""
    reader.load_error = BadBundle("it was loaded")
    names = pictures(10)
    before = Path(names[0]).read_bytes()
    code = cli.main(["read", *names, "--annotate", f"{tmp_path}/{annotate}"])
    assert code == CannotWrite.exit_code
    assert len(capsys.readouterr().err.splitlines()) == 1 and Path(names[0]).read_bytes() == before


def test_annotate_into_a_forbidden_folder(
    pictures: Pictures, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user would see Python's message about a permission."""
    monkeypatch.setattr(os, "access", lambda *_: False)  # As root, who runs tests, may write anywhere.
    assert cli.main(["read", *pictures(10), "--annotate", str(tmp_path / "out.png")]) == 9
    assert "not writable" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_annotate_on_a_full_disk_still_shows_the_text(pictures: Pictures, capsys: Capture, tmp_path: Path) -> None:
    """A full disk would end in a traceback, or pass unnoticed."""
    (tmp_path / "out.png").symlink_to("/dev/full")
    assert cli.main(["read", *pictures(10), "--annotate", str(tmp_path / "out.png")]) == 9
    out, err = capsys.readouterr()
    assert out == "10\n" and "No space left" in err and len(err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("arguments", [["read", "{0}", "{0}"], ["info", "--json"]])
def test_full_disk_behind_stdout(arguments: list[str], picture: Path) -> None:
    """Half a text would pass for a whole one, or Python's own complaint at exit would be shown."""
    with open("/dev/full", "wb") as full:
        done = run_fake(*[argument.format(picture) for argument in arguments], stdout=full)
    assert done.returncode == 9
    assert len(done.stderr.splitlines()) == 1 and b"No space left" in done.stderr


def test_closed_pipe_is_quiet(picture: Path) -> None:
    """`edge-ocr read scans/ | head -1` would end in a traceback."""
    command = (
        f"exec 3>&1; {{ '{sys.executable}' -c \"$FAKE\" read {' '.join([str(picture)] * 30)}; echo $? >&3; }} | true"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        timeout=60,
        capture_output=True,
        check=False,
        env={**os.environ, "FAKE": FAKE},
    )
    assert (done.stdout.split(), done.stderr) == ([b"141"], b"")


def test_ctrl_c_keeps_what_was_read(picture: Path) -> None:
    """Whoever stops a long reading would lose what was read, and see a traceback."""
    slow = picture.with_name("slow.png")
    slow.write_bytes(picture.read_bytes())
    command = [sys.executable, "-c", FAKE, "read", str(picture), str(slow)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A suite that runs in the background was started to ignore Ctrl-C, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()  # It is at the second picture now.
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"HI\n", b"edge-ocr: interrupted\n")


@pytest.mark.slow
def test_stdin_is_read(picture: Path) -> None:
    """`curl ... | edge-ocr read -` would look for a file called `-`."""
    with picture.open("rb") as file:
        done = run_fake("read", "-", "--json", stdin=file, stdout=subprocess.PIPE)
    assert json.loads(done.stdout)["name"] == "stdin" and done.returncode == 0
    done = run_fake("read", "-", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, b"", 1)


@pytest.mark.slow
def test_names_that_are_no_utf8(picture: Path) -> None:
    """A file from an old disk would end the run with an encoding error."""
    odd = os.fsencode(picture.parent) + b"/caf\xe9.png"
    Path(os.fsdecode(odd)).write_bytes(picture.read_bytes())
    done = run_fake("read", "--json", os.fsdecode(odd), stdout=subprocess.PIPE)
    assert done.returncode == 0
    assert os.fsencode(json.loads(done.stdout)["name"]) == odd


@pytest.mark.parametrize("terminals", [{"err"}, {"err", "out"}, set()])
def test_bar_only_where_a_person_waits(
    terminals: set[str], pictures: Pictures, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs would be full of control characters, or a long run would look dead."""
    watched = {id(getattr(sys, f"std{name}")) for name in terminals}
    monkeypatch.setattr(read_command, "is_terminal", lambda stream: id(stream) in watched)
    names = pictures(10, 20, 30, 40)
    cli.main(["read", *names[:3]])
    assert capsys.readouterr().err == ""
    cli.main(["read", *names])
    err = capsys.readouterr().err
    assert ("4/4" in err) == (terminals == {"err"}) and (err == "" or err.endswith(output.ERASE_LINE))


@pytest.mark.parametrize("arguments", [[], ["read"], ["read", "x.png", "--backend", "abacus"], ["write", "x.png"]])
def test_wrong_options_are_reported(arguments: list[str], capsys: Capture) -> None:
    """A mistyped option would be ignored, or answered with a traceback."""
    assert cli.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and "--help` lists the options" in err and err.count("\n") == 1


def test_help_and_version(capsys: Capture) -> None:
    """Newcomers learn the program from its help: it must show examples and the exit codes."""
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"edge-ocr {edge_ocr.__version__}\n"
    assert cli.main(["--help"]) == 0 and "edge-ocr read note.jpg" in capsys.readouterr().out
    assert cli.main(["read", "--help"]) == 0
    text = capsys.readouterr().out
    assert "exit codes" in text and r"[A-Z]{2} \d{5}" in text and max(map(len, text.splitlines())) <= 120


def test_info_shows_model_runtime_and_board(capsys: Capture) -> None:
    """A user cannot describe their set-up."""
    tiny = ROOT / "tests" / "tiny_model"
    assert cli.main(["info", "--json", "--model", str(tiny)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["model"]["alphabet"] and facts["model"]["bytes"] == (tiny / "model.tflite").stat().st_size
    assert facts["model"]["runs in"].split()[0] in arguments.BACKENDS
    assert facts["packages"]["numpy"] == np.__version__ and facts["board"]["cores"] >= 1
    assert cli.main(["info", "--model", str(tiny)]) == 0
    assert "board" in capsys.readouterr().out


def test_info_of_a_broken_model_shows_the_rest(capsys: Capture, tmp_path: Path) -> None:
    """`info` is what people run when something is broken: it must not break with it."""
    assert cli.main(["info", "--model", str(tmp_path)]) == BadBundle.exit_code
    out, err = capsys.readouterr()
    assert "numpy" in out and len(err.splitlines()) == 1


def test_backends_are_those_of_the_interpreter() -> None:
    """The command line would refuse a backend that exists, or offer one that does not."""
    from edge_ocr.model.interpreter import BACKENDS

    assert ("auto", *BACKENDS) == arguments.BACKENDS


def test_convert_names_its_commands(capsys: Capture) -> None:
    """`python -m convert` would not say what it can do, or name a command that has no module."""
    assert convert_cli.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in convert_cli.COMMANDS)
    assert convert_cli.main([]) == 2 and convert_cli.main(["paint"]) == 2
    assert "'paint'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"), [(BadBundle("b"), 5), (KeyboardInterrupt(), 130), (SystemExit(2), 2), (RuntimeError("r"), 70)]
)
def test_convert_shows_errors_as_the_runtime_does(
    error: BaseException, code: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training stopped by Ctrl-C, or a missing file, would end in a traceback."""

    class Module:
        @staticmethod
        def main(arguments: list[str]) -> int:
            assert arguments == ["characters"]
            raise error

    monkeypatch.setattr(convert_cli, "import_module", lambda name: Module)
    assert convert_cli.main(["train", "characters"]) == code
    assert len(capsys.readouterr().err.splitlines()) == (0 if isinstance(error, SystemExit) else 1)

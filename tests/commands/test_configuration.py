"""The service's file of options: what stands there arrives as written."""

from pathlib import Path

import pytest

from edge_ocr.commands.configuration import read_configuration
from edge_ocr.commands.main import make_parser
from edge_ocr.errors import EdgeOcrError
from tests.live.test_loop import live, pictures
from tests.places import ROOT

__all__ = ["pictures"]


@pytest.mark.parametrize(("line", "words"), [
    (r"OPTIONS=--pattern \d{5}", ["--pattern", r"\d{5}"]),
    (r"OPTIONS=--pattern '[A-Z]{2} \d{5}'", ["--pattern", r"[A-Z]{2} \d{5}"]),
    (r'OPTIONS="--pattern" "\d \\ \""', None),
    ("OPTIONS=--token s3cr$t --charset #0-9", ["--token", "s3cr$t", "--charset", "#0-9"]),
    ("CAMERA=rtsp://ann:a=b@cam/1#x", ["--camera", "rtsp://ann:a=b@cam/1#x"]),
    ("  # OPTIONS=--loop\n\n; no\nCAMERA = 'my film.mp4'\nEDGE_OCR_DEBUG=1\nOPTIONS=", ["--camera", "my film.mp4"]),
    ("OPTIONS=--loop\nOPTIONS=--once", ["--loop", "--once"]),
])  # fmt: skip
def test_options_arrive_as_written(line: str, words: list[str] | None, tmp_path: Path) -> None:
    r"""systemd made d{5} of \d{5}, which matches nothing: the service read nothing, without a word."""
    path = tmp_path / "edge-ocr.conf"
    path.write_text(line + "\n")
    if words is None:
        with pytest.raises(EdgeOcrError, match="quote is not closed"):
            read_configuration(path)
    else:
        assert read_configuration(path) == words


@pytest.mark.parametrize(("content", "words"), [
    (b"CAMERA=", "one camera"), (b"CAMERA=a b", "in quotes"), (b"--loop", "line 1: expected NAME=VALUE"),
    (b"\xff\xfe", "no text"), (b"OPTIONS=--config x", "itself"), (b"OPTIONS=--speling", "--speling"),
])  # fmt: skip
def test_a_wrong_file_is_one_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.conf").write_bytes(content)
    done = live("--config", str(tmp_path / "wrong.conf"))
    assert done.returncode in (1, 2) and words in done.stderr and done.stderr.count("\n") == 1


def test_the_file_and_the_command_line_go_together(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "my.conf").write_text(f"CAMERA='{pictures}'\nOPTIONS=--once\n")
    assert live("--camera", "nothing", "--config", str(tmp_path / "my.conf"), "--quiet").stdout == "A1BO\n\n"
    assert "/nowhere cannot be read (No such file" in live("--config", "/nowhere").stderr


def test_the_unit_calls_what_there_is() -> None:
    """The service ends at each start with a wrong option."""
    unit = (ROOT / "deploy/edge-ocr.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    words = line.replace("/etc/edge-ocr.conf", str(ROOT / "deploy/edge-ocr.conf")).split()[1:]
    options = make_parser().parse_args(words)
    assert (options.camera, options.size, options.fps, options.json) == ("pi", (1280, 720), 15, True)
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit

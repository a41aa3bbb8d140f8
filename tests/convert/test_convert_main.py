"""`python -m convert` as a process: what is left when it is ended from outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from convert import cli
from tests.places import ROOT

CODE = """
import sys, types, time
from pathlib import Path
from convert import cli
from convert.quantization.bundle_writer import workshop

def main(arguments):
    with workshop(Path(arguments[0])):
        print("at work", flush=True)
        time.sleep(60)

cli.import_module = lambda name: types.SimpleNamespace(main=main)
sys.exit(cli.main(["quantize", *sys.argv[1:]]))
"""


def test_sigterm_leaves_no_unfinished_work(tmp_path: Path) -> None:
    """A service that is stopped, or a `timeout`, would leave hidden folders beside the models."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE, str(tmp_path / "models" / "mine")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"at work\n"
            assert len(list((tmp_path / "models").iterdir())) == 1
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 143 and b"Traceback" not in said
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", cli.COMMANDS)
def test_a_wrong_option_is_one_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong stands below a screenful of all options."""
    pytest.importorskip("tensorflow")
    assert cli.main([command, "--no-such-option", "1"]) == 2
    said = capsys.readouterr().err
    assert "usage:" not in said and len(said.splitlines()) == 1

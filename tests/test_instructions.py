"""The count of instructions: what fails, what is only said. The counting itself is `make check-instructions`."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.places import ROOT

DEPLOY = ROOT / "deploy"


@pytest.fixture
def instructions() -> Any:
    spec = importlib.util.spec_from_file_location("instructions", DEPLOY / "instructions.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def counted(instructions: Any, factor: float = 1.0, **versions: str) -> dict[str, Any]:
    return {
        "versions": {"python": "3.11.2", **versions},
        "counts": {what: int(1e6 * factor) for what in instructions.WHAT},
    }


@pytest.mark.parametrize(("factor", "fine"), [(0.5, True), (1.0, True), (1.05, True), (1.051, False), (2.0, False)])
def test_five_percent_more_fails(factor: float, fine: bool, instructions: Any) -> None:
    """A slowdown would pass, or an improvement fail."""
    says, passed = instructions.compare(counted(instructions), counted(instructions, factor))
    assert passed == fine and len(says) == len(instructions.WHAT)
    assert all(("more than 5%" in sentence) != fine for sentence in says)


def test_other_versions_are_said(instructions: Any) -> None:
    """A new OpenCV's instructions would be blamed on our code."""
    says, passed = instructions.compare(counted(instructions), counted(instructions, python="3.13.1"))
    assert passed and "python is 3.13.1, the reference was counted with 3.11.2" in says[0]


def test_marks_become_counts(instructions: Any, tmp_path: Path) -> None:
    """Python's housekeeping within one of the repetitions would count as ours."""
    marks, total = ["100"], 100
    for thing in range(len(instructions.WHAT)):
        for extra in (7, 0, 3):
            total += 1000 * (thing + 1) + extra
            marks.append(str(total))
    (tmp_path / "counts").write_text("\n".join(marks))
    counts = instructions.read_counts(str(tmp_path / "counts"))
    assert list(counts.values()) == [1000 * (thing + 1) for thing in range(len(instructions.WHAT))]
    (tmp_path / "counts").write_text("1 2 3")
    with pytest.raises(SystemExit, match="3 marks"):
        instructions.read_counts(str(tmp_path / "counts"))


def test_the_command_says_it_and_fails(
    instructions: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make check-instructions` would end well whatever was counted."""
    monkeypatch.setattr(instructions, "REFERENCE", tmp_path / "reference.json")
    (tmp_path / "versions").write_text('{"python": "3.11.2"}')
    for step, code in ((1000, 0), (1060, 1)):
        (tmp_path / "counts").write_text(
            "\n".join(str(step * k) for k in range(instructions.TIMES * len(instructions.WHAT) + 1))
        )
        arguments = ("arm64", str(tmp_path / "counts"), str(tmp_path / "versions"))
        if step == 1000:
            assert instructions.main("check", *arguments) == 1 and "no counts of arm64" in capsys.readouterr().out
            instructions.main("write", *arguments)
        assert instructions.main("check", *arguments) == code
    assert "find out why" in capsys.readouterr().out


def test_the_committed_reference_is_of_what_is_counted(instructions: Any) -> None:
    """The check would compare with nothing, or the emulator would miss the marks."""
    known = json.loads((DEPLOY / "instructions.json").read_text())
    assert {"arm64", "x86"} <= set(known)
    for machine in known.values():
        assert set(machine["counts"]) == set(instructions.WHAT) and {"python", "ai-edge-litert"} <= set(
            machine["versions"]
        )
    assert re.search(r"GETSID = 156", (DEPLOY / "count_instructions.c").read_text())

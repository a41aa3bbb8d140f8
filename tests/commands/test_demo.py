"""`edge-ocr demo`: what a newcomer sees first."""

import argparse
from pathlib import Path

import pytest

from edge_ocr.cameras.listing import Found
from edge_ocr.commands import demo, live, read
from edge_ocr.commands.main import main


@pytest.mark.parametrize("camera", ["pi:1", ""])
def test_the_demo_asks_for_writing_before_a_camera(
    camera: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It waits before a bare wall for ever; or, without a camera, asks for what no one can do."""
    asked: list[argparse.Namespace] = []
    found = [Found("/dev/video0", "webcam"), *([Found(camera, "imx708")] if camera else [])]
    monkeypatch.setattr(demo, "list_cameras", lambda: found)
    monkeypatch.setattr(read, "run", lambda options: asked.append(options) or 0)
    monkeypatch.setattr(live, "run", lambda options: asked.append(options) or 0)
    assert main(["demo"]) == 0
    photograph, watched = asked
    assert photograph.images == [str(demo.SAMPLES / "note.jpg")] and watched.once
    assert watched.camera == (camera or str(demo.SAMPLES / "note.mp4"))
    assert ("hold writing before it" in capsys.readouterr().err) == bool(camera)


@pytest.mark.slow
def test_the_demo_reads_its_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = str(demo.SAMPLES / "note.mp4")
    assert main(["demo", "--camera", film, "--annotate", str(tmp_path / "seen.png")]) == 0
    assert "MEET ANNA AT\nGATE 47 EAST" in capsys.readouterr().out and (tmp_path / "seen.png").exists()

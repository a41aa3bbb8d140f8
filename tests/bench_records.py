"""Measurements for tests: made up ones of any speed, and a real one of the tiny model."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import cv2
import numpy as np

from edge_ocr.stopwatch import STAGES
from tests.places import ROOT, TINY
from tests.scenes import photograph, write

TEXTS = {"one.png": "A1BO.\nBOB A1", "two.png": "1A BO"}


def pages(folder: Path) -> Path:
    """A folder with two pages of drawn letters and their truth."""
    folder.mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        writing = write(*text.splitlines(), size=(420, 260), capital=48, pen=6, gap=0.35)
        cv2.imwrite(str(folder / name), photograph(writing.ink).image)
    (folder / "truth.json").write_text(json.dumps(TEXTS))
    return folder


def run_bench(*arguments: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """`edge-ocr bench` as a process, with the tiny model."""
    data = ["--data", str(folder)] if folder else []
    command = [sys.executable, "-m", "edge_ocr", "bench", *data, "--model", str(TINY), "--language", "none", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


@cache
def real_record() -> dict[str, Any]:
    """One that was really measured; do not change it."""
    folder = pages(Path(mkdtemp(prefix="edge-ocr-")) / "pages")
    done = run_bench("--rounds", "3", "--starts", "2", "--json", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def made_record(
    page_ms: float = 100.0, scatter: float = 0.01, seed: int = 0, backend: str = "litert", **changes: Any
) -> dict[str, Any]:
    """A record of 3 starts with 5 rounds of 2 pages, whose readings take about `page_ms`."""
    rng = np.random.default_rng(seed)
    times = (page_ms * (1 + scatter * rng.standard_normal(30))).round(4)
    figures = {"median": page_ms, "p5": page_ms, "p95": page_ms, "max": page_ms, "count": 30}
    rows = {name: [k // 10 if name == "start" else k % 10 // 2 if name == "round" else k % 2 for k in range(30)]
            for name in ("start", "round", "page")}  # fmt: skip
    network = {"kind": "characters", "batch": 1, "width": 32, "threads": 1, "call_ms": figures}
    return {
        **real_record(),
        "backends": [
            {
                "backend": backend,
                "version": "9",
                "page_ms": figures,
                "processor_ms": figures,
                "slowest": {"name": "two.png", "processor_ms": page_ms},
                "pages_per_second": 1000 / page_ms,
                "stages_ms": {stage: figures for stage in STAGES},
                "readings": {**rows, "page_ms": times.tolist(), **{stage: (times / 5).tolist() for stage in STAGES}},
                "networks": [{**network, "calls_ms": (times / 50)[:15].tolist()}],
                "cold_start_ms": {part: [500.0, 505.0, 510.0] for part in ("process", "import", "load", "first")},
                "memory_mb": {"peak": [80.0, 80.5, 81.0], "steady": [79.0, 79.5, 80.0]},
                "accuracy": {
                    "loose_cer": 0.05,
                    "strict_cer": 0.08,
                    "pages": [{"loose": 1, "loose_length": 20, "strict": 2, "strict_length": 25}] * 2,
                    "partial": [],
                    "unsteady": [],
                },
            }
        ],
        **changes,
    }

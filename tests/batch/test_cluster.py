"""`--scheduler`: a real Dask scheduler and real workers read each picture once, whoever of them is lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_ocr import Frame, Page, Reader
from edge_ocr.batch.cluster import Cluster
from edge_ocr.batch.reading import Reading, Wanted, read_one_by_one
from edge_ocr.batch.sources import Source, gather
from edge_ocr.errors import EdgeOcrError, ExitCode
from edge_ocr.forms.form_file import load_form
from edge_ocr.forms.form_reader import BatchFormReader
from tests.forms.conftest import fill
from tests.forms.made import METERS
from tests.places import PAGES, ROOT, TINY

pytest.importorskip("distributed", reason="Dask is the cluster: pip install distributed")

PAGES_ALONE = Wanted("text", rendered=False, max_seconds=120)
WISHES = {"model": TINY, "language": "none", "max_seconds": 120.0, "find": "paper"}
"""The tiny model, which the workers have only if it is sent to them."""


class Stalling:
    """Reads as the real Reader; but who reads "stall" says so and waits, the first time, until it is killed."""

    def __init__(self, **wishes: Any) -> None:
        assert Path(wishes["model"]) != TINY, "workers on other machines do not have it there"
        self._reader = Reader.load(**wishes)

    def read(self, frame: Frame) -> Page:
        if "stall" in frame.name and Path(frame.name).with_suffix(".fifo").exists():
            Path(frame.name).with_suffix(".fifo").write_text(str(os.getpid()))
            signal.pause()
        return self._reader.read(frame)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, both in processes of their own, without nannies."""
    place = tmp_path_factory.mktemp("cluster")
    file = place / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    worker = ["worker", "--no-nanny", "--nthreads", "1", "--local-directory", str(place), *common]
    commands = [["scheduler", "--host", "127.0.0.1", "--port", "0", *common], worker, worker]
    with (place / "log").open("w") as log:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *command], cwd=place, env=environment, stdout=log, stderr=log
            )
            for command in commands
        ]
        from distributed import Client

        with Client(scheduler_file=str(file), timeout="60s", set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield client.scheduler_info()["address"]
        for process in running:
            process.kill()
            process.wait()


@pytest.fixture
def pictures(tmp_path: Path) -> list[Source]:
    """Twenty pictures with other characters on each; among them is one at which a worker is lost."""
    for at in range(20):
        image = np.full((60, 200), 230, np.uint8)
        cv2.putText(image, f"{at * 37 % 100:02} {at}", (10, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 3)
        cv2.imwrite(str(tmp_path / f"{at:02}{'-stall' * (at == 5)}.png"), image)
    return gather([str(tmp_path)], pytest.fail)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(scheduler: str, pictures: list[Source], tmp_path: Path) -> None:
    """A machine that is switched off would lose the pictures that it had, or have them read twice."""
    stall = tmp_path / "05-stall.fifo"
    os.mkfifo(stall)
    alone = list(read_one_by_one(Reader.load(**WISHES), pictures, PAGES_ALONE))
    results: list[tuple[Source, Any]] = []
    with Cluster(scheduler, Stalling, WISHES, PAGES_ALONE) as cluster:
        reading = cluster.read(pictures)
        results += [next(reading) for _ in range(3)]
        worker = int(stall.read_text())
        stall.unlink()
        os.kill(worker, signal.SIGKILL)
        results += reading
    assert [source for source, _ in results] == pictures
    assert [outcome.pages for _, outcome in results] == [
        outcome.pages for _, outcome in alone if isinstance(outcome, Reading)
    ]
    assert len({outcome.pages[0].text for _, outcome in results}) > 3


@pytest.mark.slow
def test_the_command_reads_on_a_cluster(scheduler: str, tmp_path: Path) -> None:
    """`--scheduler` would give other texts than a reading at home, or a bad picture would end it."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    names = [str(PAGES / "small-writing.jpg"), str(broken), str(PAGES / "perspective.jpg")]

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "edge_ocr", "read", *names, "--max-seconds", "120", "--json", *options]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    there = run("--scheduler", scheduler)
    assert (
        there.returncode == ExitCode.BAD_IMAGE and "broken.png" in there.stderr and len(there.stderr.splitlines()) == 1
    )
    assert there.stdout == run().stdout and there.stdout.count("\n") == 2


@pytest.mark.slow
def test_forms_are_read_on_a_cluster(scheduler: str, tmp_path: Path) -> None:
    """`--form` with `--scheduler` gives other answers than at home, or a photograph of something else ends it."""
    form = load_form(METERS.write(tmp_path))
    (copy,) = fill(tmp_path, METERS, 1, 900)
    sources = gather([str(copy.photo), str(PAGES / "perspective.jpg")], pytest.fail)
    wishes = {"form": form, "max_seconds": 120.0, "keeps_views": True}
    with Cluster(scheduler, BatchFormReader.load, wishes, PAGES_ALONE) as cluster:
        there = list(cluster.read(sources))
    assert there == list(read_one_by_one(BatchFormReader.load(**wishes), sources, PAGES_ALONE))
    assert [bool(page.refusal) for _, outcome in there for page in outcome.pages] == [False, True]  # type: ignore


@pytest.mark.slow
def test_what_is_wrong_with_all_workers_is_said_once(scheduler: str) -> None:
    """A wrong wish would be reported for each picture, or by a traceback from another machine."""
    with (
        pytest.raises(EdgeOcrError, match="There is no recogniser 'none'"),
        Cluster(scheduler, Reader.load, {"recogniser": "none"}, PAGES_ALONE),
    ):
        pass


def test_a_missing_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped address would end in a traceback, or wait for ever."""
    monkeypatch.setattr("edge_ocr.batch.cluster.PATIENCE", "1s")
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with (
            pytest.raises(EdgeOcrError, match="no Dask scheduler answers at"),
            Cluster(address, Reader.load, {}, PAGES_ALONE),
        ):
            pass


def test_a_missing_dask_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed the light runtime would see a traceback instead of what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(EdgeOcrError, match=r"pip install 'edge-ocr\[dask\]'"),
        Cluster("x", Reader.load, {}, PAGES_ALONE),
    ):
        pass

"""`edge-ocr bench` as a user runs it: with the tiny model, in processes, from options to exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_ocr import output
from edge_ocr.bench.child import ReaderChild
from edge_ocr.bench.record import load_record
from edge_ocr.commands import main as cli
from edge_ocr.errors import BadImage, EdgeOcrError, ExitCode, NoInterpreter
from edge_ocr.stopwatch import STAGES
from tests.bench_records import ROOT, made_record, pages, real_record, run_bench
from tests.places import TINY

pytestmark = pytest.mark.slow

QUICK = ("--rounds", "1", "--starts", "1")
OPTIONS = {
    "model": str(TINY),
    "tuned": None,
    "recogniser": "auto",
    "charset": None,
    "pattern": None,
    "pattern_in": None,
    "language": "none",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pages(tmp_path / "pages")


def paths(value: Any, name: str = "") -> Iterator[str]:
    """Every field of a record, as "backends[].page_ms.median"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{name}.{key}".lstrip(".")
            yield from paths(inner, f"{name}.{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from paths(value[0], f"{name}[]")


def test_every_field_is_documented_and_there() -> None:
    """Programs that read the JSON would rely on a field that is gone, or miss one that nobody documented."""
    text = (ROOT / "docs" / "benchmark.md").read_text()
    rows = [line.split("|")[1] for line in text.split("## The JSON")[1].splitlines() if line.startswith("| `")]
    documented = {field for row in rows for field in re.findall(r"`([^`]+)`", row)}
    there = {path.lstrip(".") for path in paths(real_record())}
    assert documented <= there
    for path in there:
        assert any(path == known or path.startswith((f"{known}.", f"{known}[")) for known in documented) or any(
            known.startswith((f"{path}.", f"{path}[")) for known in documented
        ), path


def test_a_measurement_is_whole() -> None:
    """Some figure would be missing, or of another reading than the reader's own."""
    record = real_record()
    backend = record["backends"][0]
    readings = backend["readings"]
    assert len(readings["page_ms"]) == backend["page_ms"]["count"] == 2 * 3 * 2
    stages = np.array([readings[stage] for stage in STAGES])
    assert (stages > 0).all()
    # A busy machine may keep a reading waiting between two stages, but not most of them.
    assert np.median(stages.sum(axis=0) / readings["page_ms"]) == pytest.approx(1, abs=0.05)
    assert len(backend["cold_start_ms"]["process"]) == 2
    cold = backend["cold_start_ms"]
    assert cold["process"][0] > cold["import"][0] + cold["load"][0] + cold["first"][0]
    assert backend["accuracy"]["loose_cer"] <= 0.1 and backend["accuracy"]["unsteady"] == []
    assert backend["accuracy"]["partial"] == [] and backend["slowest"]["name"] in ("one.png", "two.png")
    assert 0 < backend["processor_ms"]["median"] <= backend["slowest"]["processor_ms"] <= backend["processor_ms"]["max"]
    assert {network["batch"] for network in backend["networks"]} > {1} and record["sustained"] is None
    assert [page["name"] for page in record["data"]["pages"]] == ["one.png", "two.png"]
    if Path("/proc/self/status").exists():
        assert backend["memory_mb"]["peak"][0] >= backend["memory_mb"]["steady"][0] > 10


def test_a_table_and_a_report_with_what_cannot_run_left_out(folder: Path, tmp_path: Path) -> None:
    """Whoever lists a backend too many would get nothing; or the report lacks the run in the heat."""
    out = tmp_path / "out"
    # No tflite-runtime in the processes that read: a file of that name that fails stands in its place.
    (tmp_path / "tflite_runtime.py").write_text("raise ImportError('gone')")
    search = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    backends = ["--backends", "auto,litert,tflite-runtime"]
    backends += ["--min-accuracy", "90", "--max-rss", "2000"]  # Both are kept.
    done = run_bench(*QUICK, *backends, "--minutes", "0.05", "--save", str(out), folder=folder, PYTHONPATH=search)
    assert done.returncode == 0, done.stderr
    assert "tflite-runtime is absent" in done.stdout and "Traceback" not in done.stderr
    for word in (
        "a page",
        "of the processor",
        "slowest page",
        "inference",
        "cold start",
        "memory",
        "accuracy",
        "governor",
        "nonstop",
        "trust",
    ):
        assert word in done.stdout
    assert len(done.stderr.splitlines()) == 1 and "bench-report" in done.stderr
    record = load_record(out / "run.json")
    assert len(record["backends"]) == 1 and list(record["absent"]) == ["tflite-runtime"]
    assert record["sustained"]["minutes"] >= 0.05


def test_a_backend_that_is_named_and_cannot_run_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    """A measurement of nothing would end well, or in a traceback."""
    (tmp_path / "tflite_runtime.py").write_text("raise ImportError('gone')")
    search = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run_bench(*QUICK, "--backends", "tflite-runtime", folder=folder, PYTHONPATH=search)
    assert (done.returncode, done.stdout) == (NoInterpreter.exit_code, "")
    assert len(done.stderr.splitlines()) == 1 and "gone" in done.stderr


def test_a_missed_limit_decides_the_exit_code(folder: Path) -> None:
    """CI would pass what it should not, or the table with the reason is lost."""
    done = run_bench(*QUICK, "--min-accuracy", "90", "--max-rss", "1", folder=folder)
    assert done.returncode == 19 and "a page" in done.stdout
    assert len(done.stderr.splitlines()) == 1 and "MB" in done.stderr and "%" not in done.stderr


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `bench` will have measured, at once."""
    from edge_ocr.commands import bench as bench_command

    record = made_record(100)
    monkeypatch.setattr(bench_command, "_measure", lambda plan: record)
    return record


@pytest.mark.parametrize(("reference", "code"), [(100.0, 0), (50.0, 19)])
def test_a_reference_decides_too(
    reference: float,
    code: int,
    measured: object,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A slowdown would pass, or noise would fail; or a machine would not get the comparison that a person gets."""
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(made_record(reference, seed=1)))
    arguments = ["bench", "--data", str(folder), "--reference", str(path)]
    assert cli.main([*arguments, "--max-slowdown", "1.2"]) == code
    out, err = capsys.readouterr()
    assert "reference" in out and (("1.2" in err) == (code == 19))
    assert cli.main([*arguments, "--json"]) == 0
    (compared,) = json.loads(capsys.readouterr().out)["reference"]
    assert compared["sides"] == ["reference", "litert now"]
    assert compared["rows"][0]["ratios"][1]["verdict"] == ("noise" if code == 0 else "more")


def test_a_reference_of_other_pages_is_refused_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be refused after the minutes of the measurement."""
    from edge_ocr.commands import bench as bench_command

    monkeypatch.setattr(bench_command, "measure", lambda plan: pytest.fail("it measured"))
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(made_record(data={**real_record()["data"], "sha256": "other"})))
    assert cli.main(["bench", "--data", str(folder), "--reference", str(path)]) == 18
    assert "read other pages" in capsys.readouterr().err


def test_an_interrupted_run_is_kept_and_reported_by_the_exit_code(
    measured: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A script would take half a run for a whole one, or nine minutes would be lost."""
    points = {name: [] for name in ("time_s", "speed", "clock_mhz", "temperature_c", "throttled")}
    run = {"backend": "litert", "minutes": 1.0, "interrupted": True, "verdict": "unknown", "says": "short"}
    measured["sustained"] = {**run, "points": points}
    assert cli.main(["bench"]) == 130
    assert "ended early" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [
    ["--rounds", "0"], ["--rounds", "x"], ["--starts", "-1"], ["--minutes", "-1"], ["--minutes", "nan"],
    ["--min-accuracy", "101"], ["--max-rss", "0"], ["--max-slowdown", "1.2"], ["--backends", "abacus"],
    ["--backends", ","], ["compare"], ["--max-slowdown", "inf", "--reference", "x"], ["--save", ""], ["--data", " "],
    ["--reference", ""],
])  # fmt: skip
def test_wrong_options_are_shown(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped limit would be none."""
    assert cli.main(["bench", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("edge-ocr bench") and err.count("\n") == 1
    assert "--help` lists the options" in err


def test_saving_is_checked_before_measuring(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten minutes' run would end in an error that was there from the start."""
    from edge_ocr.commands import bench as bench_command

    monkeypatch.setattr(bench_command, "measure", lambda plan: pytest.fail("it measured"))
    (tmp_path / "file").write_text("")
    assert cli.main(["bench", "--data", str(folder), "--save", str(tmp_path / "file" / "out")]) == 9
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_still_shows_the_table(
    measured: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The measurement would be lost with the report."""
    (tmp_path / "run.json").symlink_to("/dev/full")
    assert cli.main(["bench", "--save", str(tmp_path)]) == 9
    out, err = capsys.readouterr()
    assert "a page" in out and "No space left" in err and len(err.splitlines()) == 1


def test_nobody_reads_the_table(measured: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`edge-ocr bench --save report | head -3` would lose the report."""
    from edge_ocr.commands import bench as bench_command

    def closed(text: str) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(bench_command, "say", closed)
    assert cli.main(["bench", "--save", str(tmp_path)]) == ExitCode.PIPE_CLOSED
    assert load_record(tmp_path / "run.json")


class Crew:
    """Stands in for the processes that read: nobody is started, and after `readings` somebody presses Ctrl-C."""

    readings = 10**6

    def __init__(self, options: dict[str, Any], pictures: list[str]) -> None:
        self.backend = "litert"
        self.facts = {"version": "9", "backend": "litert"}
        self.facts |= {f"{part}_s": 1.0 for part in ("process", "import", "load", "first")}

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing was started."""

    def ask(self, do: str, **question: Any) -> Any:
        if do != "read":
            return []
        Crew.readings -= 1
        if Crew.readings < 0:
            raise KeyboardInterrupt
        memory = {"now_mb": 1.0, "peak_mb": 2.0, "width": 9, "height": 9, "text": "A"}
        return {"total_s": 1.0, "processor_s": 1.0, "partial": False, "laps": dict.fromkeys(STAGES, 0.2), **memory}


@pytest.mark.parametrize(("readings", "starts"), [(5, None), (11, 1), (15, 1), (17, 2)])
def test_ctrl_c_keeps_the_starts_that_were_finished(
    readings: int,
    starts: int | None,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Minutes of measuring would be lost, or half a start be counted as a whole one."""
    monkeypatch.setattr("edge_ocr.bench.measure.ReaderChild", Crew)
    monkeypatch.setattr(Crew, "readings", readings)  # A start reads 2 pages in 1 + 3 rounds.
    out = tmp_path / "out"
    arguments = ["bench", "--data", str(folder), "--model", str(TINY), "--save", str(out), "--rounds", "3"]
    assert cli.main([*arguments, "--starts", "3"]) == 130
    if starts is None:
        assert not (out / "run.json").exists() and capsys.readouterr().out == ""
        return
    record = load_record(out / "run.json")
    assert record["interrupted"] and record["settings"]["starts"] == starts
    assert len(record["backends"][0]["readings"]["page"]) == starts * 6
    assert f"{starts} of its starts are kept" in capsys.readouterr().out


def test_a_reference_of_other_backends_is_refused_after_one_start(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Minutes of measuring would end in a refusal, since "auto" becomes a backend only late."""
    monkeypatch.setattr("edge_ocr.bench.measure.ReaderChild", Crew)
    monkeypatch.setattr(Crew, "readings", 0)
    path = tmp_path / "reference.json"
    path.write_text(json.dumps(made_record(backend="tensorflow")))
    assert cli.main(["bench", "--data", str(folder), "--model", str(TINY), "--reference", str(path)]) == 18
    assert "measured with tensorflow:" in capsys.readouterr().err


def test_a_tuned_model_is_the_one_that_is_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--tuned` would be taken without a word, and the bundled model be measured."""
    from edge_ocr.bench.measure import Plan
    from edge_ocr.bench.worker import Desk
    from edge_ocr.commands import bench as bench_command
    from edge_ocr.model.bundle import load_bundle

    plans: list[Plan] = []

    def stop(plan: Plan) -> None:
        plans.append(plan)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_command, "measure", stop)
    monkeypatch.chdir(TINY.parent)
    assert cli.main(["bench", "--data", str(folder), "--tuned", TINY.name, "--language", "none"]) == 130
    options = plans[0].options
    assert options["tuned"] == str(TINY)
    desk = Desk({**options, "backend": "auto"}, plans[0].pictures)
    assert load_bundle(TINY).sha256 in {bundle.sha256 for bundle in desk._bundles}


def children(parent: int) -> list[int]:
    """Processes that another one started; the kernel names a process's parent behind its own name in brackets."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            found += [int(stat.parent.name)] if int(fields[1]) == parent else []
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux lists the processes")
def test_ctrl_c_ends_it_at_once_and_leaves_no_process(folder: Path) -> None:
    """Readers would go on reading in the background, or a traceback would be shown."""
    command = [sys.executable, "-m", "edge_ocr", "bench", "--data", str(folder), "--model", str(TINY)]
    with subprocess.Popen(
        [*command, "--rounds", "9999"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A suite that runs in the background was started to ignore Ctrl-C, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        deadline = time.monotonic() + 60
        while not (readers := children(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        assert (process.returncode, out, err) == (130, "", "edge-ocr: interrupted\n")
    assert readers and not any(Path("/proc", str(reader)).exists() for reader in readers)


def test_a_bar_is_drawn_for_a_person_alone(
    measured: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of minutes would look dead, or logs be full of control characters."""
    from edge_ocr.bench import progress

    for watched in (True, False):
        monkeypatch.setattr(progress, "is_terminal", lambda stream, watched=watched: watched)
        with progress.Progress(2) as bar:
            bar.step("litert")
        err = capsys.readouterr().err
        assert ("50% litert" in err and err.endswith(output.ERASE_LINE)) if watched else err == ""


def test_a_reader_that_dies_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in native code would hang the measurement, or be a traceback of ours."""
    from edge_ocr.bench import child

    monkeypatch.setattr(child, "CODE", "import os; print('worse', file=__import__('sys').stderr); os.abort()")
    with pytest.raises(EdgeOcrError, match=r"died with exit code -6 \(worse\) while it started"):
        ReaderChild({**OPTIONS, "backend": "auto"}, [str(folder / "one.png")])


def test_a_readers_error_keeps_its_kind(folder: Path) -> None:
    """A broken picture would have another exit code than in `edge-ocr read`."""
    (folder / "one.png").write_text("hello")
    with pytest.raises(BadImage, match=r"one\.png"):
        ReaderChild({**OPTIONS, "backend": "auto"}, [str(folder / "one.png")])
    with ReaderChild({**OPTIONS, "backend": "auto"}, [str(folder / "two.png")]) as reader:
        assert reader.ask(do="read", page=0)["text"] == "1A BO"
        with pytest.raises(EdgeOcrError, match="failed while it was measured"):
            reader.ask(do="read", page=5)
        assert reader.ask(do="networks")

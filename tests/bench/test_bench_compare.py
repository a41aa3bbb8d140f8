"""Measurements side by side: what differs, what is noise, and which files are refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_ocr.bench.compare import caveats, compare_errors, compare_few, compare_sides, find_sides, labels
from edge_ocr.bench.limits import missed_limits
from edge_ocr.bench.record import load_record
from edge_ocr.commands import main as cli
from edge_ocr.errors import BadData
from tests.bench_records import made_record, real_record

Capture = pytest.CaptureFixture[str]


def verdicts(one: dict[str, Any], other: dict[str, Any]) -> dict[str, str | None]:
    rows = compare_sides(find_sides({"one": one, "other": other}))
    return {row.name.strip(): row.ratios[1] and row.ratios[1].verdict for row in rows}


def test_a_slower_board_is_reported_in_every_time() -> None:
    """Two boards would look alike, or memory would be called time."""
    found = verdicts(made_record(100), made_record(150, seed=1))
    assert {found[name] for name in ("a page, ms", "ink", "decode", "characters x1, 1 thread")} == {"more"}
    assert found["memory at most, MB"] == found["character errors, %"] == found["cold start, ms"] == "noise"


@settings(max_examples=20)
@given(st.integers(1, 10_000))
def test_the_same_board_twice_is_noise(seed: int) -> None:
    """Measuring again would look like a change."""
    found = verdicts(made_record(100, scatter=0.005), made_record(100, scatter=0.005, seed=seed))
    assert set(found.values()) == {"noise"}


def test_a_real_record_beside_itself() -> None:
    """What is really measured could not be compared, or differs from itself."""
    rows = compare_sides(find_sides({"one": real_record(), "two": copy.deepcopy(real_record())}))
    assert all(row.values[0] == row.values[1] for row in rows)
    assert {row.ratios[1].verdict for row in rows if row.ratios[1]} == {"noise"}


def test_backends_of_one_run_are_sides() -> None:
    """`bench compare run.json` of two backends would have nothing to compare."""
    record, other = made_record(100), made_record(130, seed=3, backend="tflite-runtime")
    record["backends"] += other["backends"]
    sides = find_sides({"run": record})
    assert [side.label for side in sides] == ["litert", "tflite-runtime"] and caveats(sides) == []
    assert compare_sides(sides)[0].ratios[1].value == pytest.approx(1.3, rel=0.05)


def test_labels_distinguish_files() -> None:
    """Two columns would have the same name, or one file would take the other's place."""
    assert labels(["a/pi4.json", "b/pi4.json", "pi5/run.json"]) == ["pi4", "pi4-2", "pi5"]


@pytest.mark.parametrize(("change", "word"), [
    ({"data": {"name": "x", "sha256": "other", "pages": []}}, "other pages"),
    ({"models": [{"sha256": "other"}]}, "other models"),
    ({"settings": {"charset": "0-9", "starts": 3, "rounds": 5}}, "another charset"),
    ({"settings": {"find": "paper", "turn": 90.0}}, "another find and turn"),
    ({"settings": {"tuned": "/models/mine"}}, "other read with a tuned model"),
])  # fmt: skip
def test_what_cannot_be_compared_is_said(change: dict[str, Any], word: str) -> None:
    """Two runs of different pages would be called a slowdown."""
    one = made_record()
    one["settings"] = {**one["settings"], "charset": None, "recogniser": "auto"}
    other = {**one, **change}
    if "settings" in change:
        other["settings"] = {**one["settings"], **change["settings"]}
    sides = find_sides({"one": one, "other": other})
    assert any(word in caveat for caveat in caveats(sides))


def test_errors_of_other_pages_are_not_compared() -> None:
    """An easier page would look like a better model."""
    found = verdicts(made_record(), made_record(data={"name": "x", "sha256": "other", "pages": []}))
    assert found["character errors, %"] is None


@pytest.mark.parametrize(("base", "other", "verdict"), [
    ([80, 81, 82], [90, 91, 92], "more"), ([80, 81, 82], [82, 90, 91], "noise"), ([80], [200], "unknown"),
    ([80, 81, 82], [82.5, 83, 84], "noise"), ([90, 91], [80, 81], "less"),
])  # fmt: skip
def test_a_few_starts(base: list[float], other: list[float], verdict: str) -> None:
    """Memory and cold starts, of which there are three, would differ by chance."""
    ratio = compare_few(base, other)
    assert ratio is not None and ratio.verdict == verdict


def test_nothing_reported_is_nothing_compared() -> None:
    """Where the system does not know memory, it is made up."""
    assert compare_few([], [1.0]) is None and compare_few([1.0], []) is None


@pytest.mark.parametrize(("wrong", "verdict"), [([1, 1, 1, 1] * 5, "noise"), ([9, 8, 7, 9] * 5, "more")])
def test_errors_are_compared_page_by_page(wrong: list[int], verdict: str) -> None:
    """One page that went wrong would condemn a model, or a bad model would pass for noise."""
    base = [{"loose": 1} for _ in wrong]
    assert compare_errors(base, [{"loose": edits} for edits in wrong]).verdict == verdict
    once = [{"loose": 1 + 6 * (k == 0)} for k in range(len(wrong))]
    assert compare_errors(base, once).verdict == "noise"


def save(folder: Path, name: str, record: Any) -> str:
    path = folder / name
    path.write_text(record if isinstance(record, str) else json.dumps(record))
    return str(path)


def test_the_command_prints_a_table_and_json(tmp_path: Path, capsys: Capture) -> None:
    """Nobody could see a comparison."""
    paths = [save(tmp_path, "pi4.json", made_record(100)), save(tmp_path, "pi5.json", made_record(50))]
    assert cli.main(["bench", "compare", *paths]) == 0
    out = capsys.readouterr().out
    assert "pi4" in out and "x0.50 less" in out and max(map(len, out.splitlines())) <= 120
    assert cli.main(["bench", "compare", "--json", *paths]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sides"] == ["pi4", "pi5"] and found["rows"][0]["ratios"][1]["verdict"] == "less"


@pytest.mark.parametrize("content", [
    "", "no json", "[]", "{}", '{"schema": "edge-ocr-bench"}', '{"schema": "edge-ocr-bench", "format": 2}', "[" * 3000,
    '{"schema": "edge-ocr-bench", "format": 1}', "\udcff",
])  # fmt: skip
def test_what_is_no_measurement_is_refused(content: str, tmp_path: Path, capsys: Capture) -> None:
    """A wrong file would end in a traceback, or an old one in a wrong comparison."""
    path = tmp_path / "run.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    assert cli.main(["bench", "compare", str(path), str(path)]) == 18
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and str(path) in err


PARTS = ("board", "conditions", "data", "models", "backends", "settings")
BACKEND_PARTS = ("readings", "networks", "cold_start_ms", "memory_mb", "accuracy")


@pytest.mark.parametrize("part", [*PARTS, *BACKEND_PARTS])
@pytest.mark.parametrize("instead", [None, [], {}, "x"])
def test_a_record_that_lacks_something_is_refused(part: str, instead: Any, tmp_path: Path) -> None:
    """A file that was cut by hand would end in a traceback in the middle of a table."""
    record = copy.deepcopy(made_record())
    holder = record if part in PARTS else record["backends"][0]
    del holder[part]
    with pytest.raises(BadData):
        load_record(save(tmp_path, "less.json", record))
    holder[part] = instead
    if part in ("models", "networks") and instead in ([], {}):
        load_record(save(tmp_path, "none.json", record))  # None is a number of models, too.
    else:
        with pytest.raises(BadData):
            load_record(save(tmp_path, "other.json", record))


@pytest.mark.parametrize(("place", "wrong"), [
    ("readings page_ms 0", 0.0), ("readings page_ms 0", float("nan")), ("readings ink 3", "7"), ("readings ink 3", -1),
    ("networks 0 calls_ms 2", 0), ("networks 0 calls_ms", []), ("networks 0 call_ms median", "x"),
    ("networks 0 threads", "two"), ("cold_start_ms load 1", "slow"), ("memory_mb peak 0", 0), ("backend", 7),
    ("accuracy loose_cer", "little"), ("accuracy pages", []), ("accuracy pages 1 loose", float("inf")),
    ("readings page_ms 5", True), ("readings start 5", "0"),
])  # fmt: skip
def test_numbers_that_are_none_are_refused(place: str, wrong: Any, tmp_path: Path, capsys: Capture) -> None:
    """A file that was edited would end in a traceback, or in ratios of nothing."""
    record = copy.deepcopy(made_record())
    holder = record["backends"][0]
    *way, last = (int(key) if key.isdecimal() else key for key in place.split())
    for key in way:
        holder = holder[key]
    holder[last] = wrong
    good = save(tmp_path, "good.json", made_record())
    assert cli.main(["bench", "compare", good, save(tmp_path, "bad.json", record)]) == 18
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "bad.json is broken or was edited" in err


def test_a_stage_that_no_page_needs_is_no_mistake(tmp_path: Path) -> None:
    """A run of pages without writing would be refused."""
    record = copy.deepcopy(made_record())
    record["backends"][0]["readings"]["crops"] = [0.0] * 30
    assert load_record(save(tmp_path, "empty.json", record)) == record


def test_one_side_is_too_few_and_an_absent_file_is_shown(tmp_path: Path, capsys: Capture) -> None:
    """`compare` would print a table with one column, or a traceback."""
    assert cli.main(["bench", "compare", save(tmp_path, "a.json", made_record())]) == 18
    assert cli.main(["bench", "compare", str(tmp_path / "absent.json")]) == 18
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_limits_that_are_kept_pass() -> None:
    """CI would fail for nothing."""
    assert missed_limits(made_record(110), 95, 81, made_record(100), 1.2) == []


@pytest.mark.parametrize(("limits", "word"), [
    ({"min_accuracy": 95.1}, "95.00 %"), ({"max_rss": 80.9}, "81.0 MB"),
    ({"reference": made_record(60), "max_slowdown": 1.2}, "times the reference's time"),
])  # fmt: skip
def test_limits_that_are_missed_fail(limits: dict[str, Any], word: str) -> None:
    """CI would let anything pass."""
    (missed,) = missed_limits(made_record(100), **limits)
    assert word in missed


def test_all_missed_limits_are_reported_at_once() -> None:
    """Whoever mends one would find the next only then."""
    missed = missed_limits(made_record(100), 99, 10, made_record(10), 2)
    assert len(missed) == 3 and all(
        word in clause for word, clause in zip(("right", "MB", "reference"), missed, strict=True)
    )


def test_memory_that_nobody_knows_keeps_no_limit() -> None:
    """On a system without /proc, any memory would pass."""
    record = made_record()
    record["backends"][0]["memory_mb"]["peak"] = [None, None, None]
    (missed,) = missed_limits(record, max_rss=1000)
    assert "does not show" in missed


@pytest.mark.parametrize("change", [{"data": {"sha256": "other"}}, {"backend": "keras"}])
def test_a_reference_of_something_else_is_refused(change: dict[str, Any]) -> None:
    """A slowdown would be judged by other pages, or by another backend."""
    with pytest.raises(BadData, match="reference"):
        missed_limits(made_record(), reference=made_record(**change), max_slowdown=2)

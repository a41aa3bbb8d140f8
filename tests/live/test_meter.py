"""Meters: a misread digit is reported and never given out, over restarts, too."""

import json
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr.errors import BadData, RuleBroken
from edge_ocr.live.meter import LastValues, Meter, number_of
from edge_ocr.live.rules import Rules
from tests.live.test_loop import SIZE, scene


def meter(tmp_path: Path, region: str = "", **rules: object) -> Meter:
    return Meter(Rules(**rules), region, LastValues(tmp_path / "values.json"))  # type: ignore[arg-type]


def test_what_is_a_number() -> None:
    assert [number_of(text) for text in ("0739 154", "12,5", "7.25")] == [739154, Decimal("12.5"), Decimal("7.25")]
    assert {number_of(text) for text in ("", "A1", "1 2\n3", "1.2.3", "-5", "٣", "1e5")} == {None}


def test_another_number_of_digits_is_no_reading(tmp_path: Path) -> None:
    """A digit behind a reflection makes a tenth of the consumption."""
    water = meter(tmp_path, digits=5)
    assert water.check("00123") == 123 and water.check("0012.5") == Decimal("12.5")
    for text in ("0123", "001234", "OO123", "00123\n00456"):
        with pytest.raises(RuleBroken, match="left out"):
            water.check(text)


def test_a_reading_that_falls_is_left_out_after_a_restart_too(tmp_path: Path) -> None:
    """A misread 8 for 3 shows as consumption of years, or as a new meter."""
    assert meter(tmp_path, never_falling=True).check("5080") == 5080
    with pytest.raises(RuleBroken, match=r"less than the last value, 5080; .*values\.json"):
        meter(tmp_path, never_falling=True).check("5030")
    assert meter(tmp_path, "another", never_falling=True).check("5030") == 5030
    assert meter(tmp_path, never_falling=True).check("5081") == 5081


def test_a_step_too_large_is_left_out(tmp_path: Path) -> None:
    gas = meter(tmp_path, largest_step=Decimal("0.5"))
    assert [gas.check(text) for text in ("7.1", "7.6", "7.2")] == [Decimal(text) for text in ("7.1", "7.6", "7.2")]
    with pytest.raises(RuleBroken, match=r"expected at most 0\.5"):
        gas.check("7.71")


def test_a_counter_comes_round(tmp_path: Path) -> None:
    """After 99999 the meter is silent for ever."""
    counter = meter(tmp_path, digits=5, never_falling=True, largest_step=Decimal(10))
    assert [counter.check(text) for text in ("99998", "00003")] == [99998, 3]
    with pytest.raises(RuleBroken, match="less"):
        counter.check("00001")


@given(st.lists(st.integers(0, 999), min_size=1, max_size=20), st.integers(0, 50))
def test_what_passes_never_falls_nor_jumps(
    tmp_path_factory: pytest.TempPathFactory, readings: list[int], most: int
) -> None:
    """Whatever is misread, and whenever the power goes, what is given out keeps to the rules."""
    folder, passed = tmp_path_factory.mktemp("meter"), list[Decimal]()
    for reading in readings:
        try:
            passed.append(meter(folder, never_falling=True, largest_step=Decimal(most)).check(str(reading)))
        except RuleBroken:
            continue
    steps = [later - earlier for earlier, later in pairwise(passed)]
    assert passed[0] == readings[0] and all(0 <= step <= most for step in steps)


@pytest.mark.parametrize("content", ["", "[]", '{"a": 5}', '{"a": {"value": "x"}}', "\0\0", '{"a": {"value": NaN}}'])
def test_a_broken_file_of_values_is_one_sentence(content: str, tmp_path: Path) -> None:
    """The rules hold no longer, and nobody hears of it."""
    (tmp_path / "values.json").write_text(content)
    with pytest.raises(BadData, match="correct it, or remove it"):
        LastValues(tmp_path / "values.json")


def test_a_value_that_cannot_be_stored_is_reported(tmp_path: Path) -> None:
    values = LastValues(tmp_path / "nowhere" / "values.json")
    assert Meter(Rules(digits=2), "", values).check("47") == 47
    assert "make room" in str(values.trouble) and values.get("") == 47


@pytest.mark.slow
def test_each_region_has_a_meter_of_its_own(tmp_path: Path) -> None:
    """The rules of the water meter silence the gas meter beside it, and the note below them."""
    width, height = SIZE
    parts = {"water": ["digits = 4", "never_falling = true"], "gas": ["largest_step = 5"], "note": []}
    path = tmp_path / "regions.toml"
    path.write_text("\n".join(
        "\n".join(["[[region]]", f'name = "{name}"', f"box = [{number * width}, 0, {width}, {height}]", *rules])
        for number, (name, rules) in enumerate(parts.items())
    ))  # fmt: skip
    command = [sys.executable, "-m", "edge_ocr", "live", "--quiet", "--json", "--state", str(tmp_path / "state")]
    command += ["--regions", str(path), "--camera", str(tmp_path / "meters.png")]
    printed, said = [], []
    for texts in (("1477", "4171", "NOTE"), ("1417", "4174", "BOX"), ("1711", "4714", "NOTE")):
        cv2.imwrite(str(tmp_path / "meters.png"), np.hstack([scene(text) for text in texts]))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        entries = [json.loads(line) for line in done.stdout.splitlines()]
        printed.append({it["region"]: it.get("value", it["text"]) for it in entries})
        said.append(done.stderr)
    assert printed == [
        {"water": 1477, "gas": 4171, "note": "NOTE"}, {"gas": 4174, "note": "BOX"}, {"water": 1711, "note": "NOTE"}
    ]  # fmt: skip
    assert "less than the last value, 1477" in said[1] and "540 from the last value, 4174" in said[2]


@pytest.mark.slow
def test_a_meter_is_read_with_its_rules(tmp_path: Path) -> None:
    """The options lead nowhere, or the last value ends with the process."""
    command = [sys.executable, "-m", "edge_ocr", "live", "--quiet", "--json", "--state", str(tmp_path / "state")]
    command += ["--digits", "4", "--never-falling", "--camera", str(tmp_path / "meter.png")]
    printed = []
    for text in ("1477", "1417", "1711"):
        cv2.imwrite(str(tmp_path / "meter.png"), scene(text))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and ("'1417' is left out" in done.stderr) == (text == "1417")
        printed += [json.loads(line) for line in done.stdout.splitlines()]
    assert [(facts["text"], facts["value"]) for facts in printed] == [("1477", 1477), ("1711", 1711)]
    assert json.loads((tmp_path / "state/values.json").read_text())[""]["value"] == 1711

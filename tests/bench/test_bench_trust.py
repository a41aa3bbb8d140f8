"""What speaks against a measurement."""

from typing import Any

import pytest

from edge_ocr.bench.trust import doubts
from tests.bench_records import made_record


@pytest.mark.parametrize(("change", "word"), [
    ({"others_cores": 0.5}, "other programs"), ({"governor": "ondemand"}, "governor is ondemand"),
    ({"throttled": 0x1}, "limited"), ({"throttled": 0x40000}, "limited"), ({"temperature_c": 75.0}, "warmer"),
    ({"clock_mhz": None}, "clock: unknown"),
])  # fmt: skip
def test_what_speaks_against_a_run_is_said(change: dict[str, Any], word: str) -> None:
    """A hot board's run, or one beside a training, would be believed."""
    quiet = {"governor": "performance", "clock_mhz": 1500.0, "top_clock_mhz": 1500.0, "temperature_c": 50.0,
             "throttled": 0, "load": 0.1}  # fmt: skip
    after = {**quiet, **{key: value for key, value in change.items() if key in quiet}}
    before = {**quiet, "governor": after["governor"]}
    fine = made_record(conditions={"before": quiet, "after": quiet, "others_cores": 0.0})
    fine["settings"] = {**fine["settings"], "rounds": 5, "starts": 3}
    assert doubts(fine) == ["nothing speaks against it"]
    conditions = {"before": before, "after": after, "others_cores": change.get("others_cores", 0.0)}
    assert any(word in doubt for doubt in doubts({**fine, "conditions": conditions}))

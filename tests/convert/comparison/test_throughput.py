"""`python -m convert throughput`: the table says how reading grows with processes, and where the limit is."""

import re
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from convert.comparison import throughput
from edge_ocr.arguments import Parser
from edge_ocr.page import Page


@pytest.mark.slow
def test_simulated_machines_take_as_long_as_real_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table would promise a growth that no cluster has."""
    cv2.imwrite(str(tmp_path / "a.png"), np.full((40, 60), 9, np.uint8))
    parser = Parser()
    options = parser.parse_args([])
    options.folder, options.processes, options.simulated, options.pictures = str(tmp_path), [1], [1, 4], 3
    (one,), (same, four) = throughput.run(options, partial(throughput.Waiting, 0.2, Page((), 60, 40)))
    assert one.a_second <= 5 and same.a_second <= one.a_second  # It waits for all that the reading took.
    lines = list(throughput.table([one], [same, four]))
    assert lines[2].startswith("| 1 |") and lines[4].startswith("| 4, simulated |") and len(lines) == 6
    limit = re.search(r"At (\d+) pictures a second", lines[-1])
    assert limit and int(limit[1]) == round(1 / max(same.busy_s, four.busy_s))

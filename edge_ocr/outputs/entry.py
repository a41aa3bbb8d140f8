"""A given-out page as one line of JSON."""

import json
import time

from edge_ocr.page import Page


def entry(page: Page, when: float | None = None, *, rejected: bool = False) -> str:
    """One JSON object on one line: time (seconds since 1970), text, confidence and lines with boxes.

    Args:
        page: what was read.
        when: seconds since 1970; now if None.
        rejected: also list the lines left out.
    """
    confidences = [line.confidence for line in page.lines]
    facts = {
        "time": round(time.time() if when is None else when, 3),
        "text": page.text,
        "confidence": round(min(confidences), 4) if confidences else None,
        **{key: value for key, value in page.to_dict(rejected=rejected).items() if key not in ("name", "text")},
    }
    return json.dumps(facts, ensure_ascii=False)

"""A given-out page as plain text, and as one line of JSON."""

import json
import time

from edge_ocr.page import Page


def plain(page: Page, region: str = "") -> str:
    """The text with an empty line after it, behind the name of its region if that has one."""
    return (f"{region}: " if region else "") + page.text + "\n"


def entry(
    page: Page,
    when: float | None = None,
    region: str = "",
    *,
    value: float | None = None,
    rejected: bool = False,
) -> str:
    """One JSON object on one line: time (seconds since 1970), region, text, confidence and lines with boxes.

    Args:
        page: what was read.
        when: seconds since 1970; now if None.
        region: the name of the region that it was read in; null in JSON if it has none.
        value: the number that a meter's text is; left out if None.
        rejected: also list the lines left out.
    """
    confidences = [line.confidence for line in page.lines]
    facts = {
        "time": round(time.time() if when is None else when, 3),
        "region": region or None,
        "text": page.text,
        **({} if value is None else {"value": value}),
        "confidence": round(min(confidences), 4) if confidences else None,
        **{key: value for key, value in page.to_dict(rejected=rejected).items() if key not in ("name", "text")},
    }
    return json.dumps(facts, ensure_ascii=False)

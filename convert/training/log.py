"""The epochs behind a model, beginning with the trainings that it started from."""

import json
from pathlib import Path

LOG = "log.json"
"""A training's epochs, in its folder."""

BEFORE = "before.json"
"""Beside it: the epochs of the trainings that it started from."""


def history(folder: Path) -> list[dict[str, float]]:
    """All epochs behind the model that a training left in `folder`, or behind the bundle there, numbered from 1."""
    logs = [folder / name for name in (BEFORE, LOG, "report/training.json")]
    entries = [entry for log in logs if log.exists() for entry in json.loads(log.read_text())]
    return [{**entry, "epoch": number} for number, entry in enumerate(entries, 1)]

"""How sure a reading is."""

MIN_CONFIDENCE = 0.0
"""Confidence below which a line is not given out, unless the caller says otherwise."""

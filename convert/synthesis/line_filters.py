"""Which pen samples are one line of writing: some labels leave out where a line ended."""

from convert.synthesis.pen import Stroke, bounds

ROW = 0.5
"""Height of a row of writing, as a part of the highest row's; dots and bars over letters are lower."""


def is_one_line(label: str, strokes: list[Stroke]) -> bool:
    """Whether a sample is as wide as its text makes one line: some labels leave out where a line ended."""
    low, high = bounds(strokes)
    return len(label) < 6 or float(high[0] - low[0]) > 0.2 * len(label) * float(high[1] - low[1])


def is_one_row(strokes: list[Stroke]) -> bool:
    """Whether no empty band lies across a sample: some providers' boxes were filled from left to right, row by row."""
    extents = sorted((float(stroke[:, 1].min()), float(stroke[:, 1].max())) for stroke in strokes)
    bands: list[list[float]] = []
    for top, bottom in extents:
        if not bands or top > bands[-1][1]:
            bands.append([top, bottom])
        else:
            bands[-1][1] = max(bands[-1][1], bottom)
    heights = [bottom - top for top, bottom in bands]
    return sum(height > ROW * max(heights, default=0) for height in heights) <= 1

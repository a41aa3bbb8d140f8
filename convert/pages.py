"""Sample pages: block capitals and digits in handwriting fonts that no model was trained on, photographed."""

HELD_OUT_FONTS = (
    "patrick-hand",
    "schoolbell",
    "short-stack",
    "handlee",
    "indie-flower",
    "shantell-sans",
    "neucha",
    "covered-by-your-grace",
    "gaegu",
    "the-girl-next-door",
    "caveat-brush",
    "poor-story",
)
"""File stems of the fonts that the sample pages are written in; training never draws from them."""

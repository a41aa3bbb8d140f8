"""The films of cases: how soon a note is given out, how soon it is reported to be gone, and what is invented.

Time is the film's own: every picture is read, as on a board that keeps up with the camera. The films lie beside the
data, in `cases/films`; they were made elsewhere, with fonts that no model here has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from convert.comparison.steadiness import SAME
from convert.data.arrays import DataNotFound, data_folder
from convert.evaluation.metrics import loose_cer
from convert.templates import table
from edge_ocr.cameras import open_camera
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop
from edge_ocr.live.region import Region
from edge_ocr.live.task import Controls, Task
from edge_ocr.reader import Reader

RATE = 15.0
"""Pictures a second of these films."""


@dataclass(frozen=True, slots=True)
class CaseFilm:
    """What a film shows."""

    name: str
    texts: tuple[str, ...] = ()
    """Ways to write down what stands there; none where nothing is written."""
    shown: int = 0
    """The first picture on which the note lies still."""
    gone: int | None = None
    """The first picture without any of its writing; None if it stays."""


LIST = "Buy milk\ncall Peter 14:30\nRoom 217"

FILMS = (
    CaseFilm("01-handheld", (LIST,)),
    CaseFilm("02-inout", ("Parcel for\nSmith, Flat 4B",), 42, 113),
    # Two notes side by side are one page, read across.
    CaseFilm("03-two-notes", ("Milk\nBread\nEggs x6\nCall Mum\nat 6 pm", "Milk Call Mum\nBread at 6 pm\nEggs x6")),
    CaseFilm("05-turned-180", (LIST,)),
    CaseFilm("10-postcode", ("Mr J. Brown\n12 Mill Lane\nLeeds\nLS12 4QT",)),
    CaseFilm("11-empty-plain"),
    CaseFilm("12-empty-clutter"),
    CaseFilm("15-ticket-white", ("0739154",), 42, 112),
)

Given = tuple[int, str]
"""Number of the picture, from 0, after which a text was given out; "" says that nothing is left."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one film."""

    name: str
    out_s: float | None
    """Seconds from the first picture on which the note lies still until its text; None if it never came."""
    gone_s: float | None
    """Seconds from the first picture without it until that was reported; None where it stays."""
    once: bool
    """Whether exactly its text was given out, once, and once that it is gone, if it goes."""
    false: int
    """Texts that stand nowhere in it."""


def films_folder() -> Path:
    """Where the films are. Raises DataNotFound if they are not there."""
    folder = data_folder().parent / "cases" / "films"
    if not folder.is_dir():
        raise DataNotFound(f"There are no films in {folder}: leave --case-films out, or put them there")
    return folder


def follow(reader: Reader, path: Path) -> list[Given]:
    """What `live` gives out of a film."""
    given: list[Given] = []
    number = -1
    region = Region(min_confidence=reader.min_confidence)
    with Capture(open_camera(str(path))) as capture:
        for sight in Loop(capture, lambda region: reader, Controls(Task((region,)))):
            number += sight.image is not None
            if sight.given is not None:
                given.append((number, sight.given.text))
    return given


def judge(film: CaseFilm, given: Sequence[Given]) -> Outcome:
    """Compare what was given out with what was there."""
    right = [at for at, text in given if text and _shows(film, text)]
    ends = [at for at, text in given if not text]
    false = sum(1 for _, text in given if text) - len(right)
    once = (len(right), len(ends), false) == (bool(film.texts), film.gone is not None, 0)
    out = (right[0] - film.shown) / RATE if right else None
    left = [at for at in ends if film.gone is not None and right and at > right[0]]
    return Outcome(
        film.name, out, (left[0] - film.gone) / RATE if left and film.gone is not None else None, once, false
    )


def _shows(film: CaseFilm, text: str) -> bool:
    return any(loose_cer([(truth, text)]) <= SAME for truth in film.texts)


def watch_all(reader: Reader, folder: Path) -> list[Outcome]:
    """All films."""
    return [judge(film, follow(reader, folder / f"{film.name}.mp4")) for film in FILMS]


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The figures and how many films they come from."""
    written = [one for film, one in zip(FILMS, outcomes, strict=True) if film.texts]
    empty = [one for film, one in zip(FILMS, outcomes, strict=True) if not film.texts]
    leaving = [one for film, one in zip(FILMS, outcomes, strict=True) if film.gone is not None]
    never = float("inf")
    return {
        "out_s": round(median(never if one.out_s is None else one.out_s for one in written), 2),
        "gone_s": round(max(never if one.gone_s is None else max(0.0, one.gone_s) for one in leaving), 2),
        "films": len(written),
        "films_once": sum(one.once for one in written),
        "false_on_empty_desks": sum(one.false for one in empty),
    }


def case_table(figures: dict[str, float]) -> str:
    """The figures beside their targets, in Markdown."""
    rows = [
        ("median time from a note shown to its text, 15 pictures/s", "at most 0.4 s", f"{figures['out_s']:.2f} s"),
        ("longest time from a note gone to that reported", "at most 0.5 s", f"{figures['gone_s']:.2f} s"),
        ("films with writing of which each text is given out exactly once", "all",
         f"{figures['films_once']:.0f} of {figures['films']:.0f}"),
        ("texts given out on two desks on which nothing is written", "0", f"{figures['false_on_empty_desks']:.0f}"),
    ]  # fmt: skip
    return table(("film time", "target", "measured"), rows)

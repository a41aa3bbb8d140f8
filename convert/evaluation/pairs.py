"""`python -m convert evaluate pairs`: what it brings to know which words follow which, on lines of several words."""

import io
import zipfile
from pathlib import Path

from tqdm import tqdm

from convert.data.arrays import data_folder
from convert.evaluation.line_sets import LineSet, line_sets, real_lines
from convert.evaluation.metrics import loose_cer
from convert.paths import LINES
from convert.synthesis.real_lines import texts_of
from edge_ocr.arguments import Parser
from edge_ocr.ink.binarization import find_ink
from edge_ocr.layout.strip import cut_strip
from edge_ocr.model.bundle import load_bundle
from edge_ocr.model.lines import LineModel
from edge_ocr.picture.load import load_image
from edge_ocr.text.ctc import transcribe
from edge_ocr.text.language import Language
from edge_ocr.text.neighbours import UNKNOWN

PROSE = "stanford"
"""The English letters among the lines to train on: too familiar to measure the network with, but not the language."""


def prose() -> LineSet:
    """Lines of English letters of 1905."""
    archive = zipfile.ZipFile(data_folder() / "lines" / f"{PROSE}.zip")
    rows = texts_of(data_folder() / "lines" / f"{PROSE}.tsv")
    frames = tuple(load_image(io.BytesIO(archive.read(name))) for name, _ in rows)
    return LineSet("English letters, trained on", frames, tuple(text for _, text in rows), (True,) * len(rows))


def main(argv: list[str]) -> int:
    parser = Parser(
        prog="python -m convert evaluate pairs",
        description="Measure the loose error rate of lines with and without the table of which words follow which.",
    )
    parser.add_argument("bundle", type=Path, nargs="?", default=LINES, help="its folder (default: models/lines)")
    bundle = load_bundle(parser.parse_args(argv).bundle)
    model = LineModel(bundle)
    language, alone = Language.load(), Language.load()
    alone.neighbours = UNKNOWN
    print("| lines | count | each word alone | with pairs | better | worse |\n|---|---:|---:|---:|---:|---:|")
    for line_set in (line_sets()[1], *real_lines(), prose()):
        without, given = [], []
        for frame, text in tqdm(zip(line_set.frames, line_set.texts, strict=True), desc=line_set.name, unit="line"):
            scores = model(cut_strip(find_ink(frame).strength).image)
            without.append((text, transcribe(scores, bundle.labels, alone).text))
            given.append((text, transcribe(scores, bundle.labels, language).text))
        changes = [loose_cer([one]) - loose_cer([other]) for one, other in zip(without, given, strict=True)]
        better, worse = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
        print(
            f"| {line_set.name} | {len(given)} | {loose_cer(without):.2%} | {loose_cer(given):.2%} "
            f"| {better} | {worse} |"
        )
    return 0

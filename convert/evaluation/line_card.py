"""The line model's card: its README.md, written from measurements. No figure in it is typed by hand."""

import inspect
import json
from pathlib import Path

from convert.evaluation.card_text import percent, table
from convert.evaluation.results import LineRates
from convert.evaluation.scheme_table import schemes_section
from edge_ocr.model.bundle import Bundle

HEAD = """\
# {name}: handwritten lines for small boards

Version {version}. A full-int8 convolutional network that reads a whole text line of any width, joined or not, without
cutting it into characters. It knows {count} characters and CTC's blank; {size:.0f} kB. All figures below were measured
by the commands named beside them, on writers that it never saw.

## Use

```python
from edge_ocr import Reader, load_image

print(Reader.load(recogniser="lines").read(load_image("note.jpg")).text)
```

`model.tflite` is the network: strips of {height} rows and any width, 0 paper to 255 pen, as `edge_ocr.layout.strip`
cuts them, to logits of every {stride} columns. `model.json` says which character each class is; class 0 is the blank.
"""

DATA = """\
## Data

| | for | licence |
|---|---|---|
| pen strokes of UNIPEN train_r01_v07 ([10.5281/zenodo.1195803](https://doi.org/10.5281/zenodo.1195803)): words, \
texts, and characters set in rows | training; testing with other writers | CC BY 4.0 |
| EMNIST, made from NIST Special Database 19, set in rows | training | US government work |
| handwriting fonts | training | OFL 1.1, Apache 2.0 |

Some lines are set on made pages, photographed by `convert/synthesis/photograph.py` and binarized by the reader's own
`find_ink`; others are worn directly, and about half stay as drawn: `convert/synthesis/strips.py` has the shares,
docs/training.md the course.
"""

COMMANDS = """\
## Commands

From the checkout, with the data's folder in `EDGE_OCR_DATA`, in this order: `python -m convert train lines`,
`python -m convert quantize lines`, `python -m convert schemes models/lines`,
`python -m convert layer-error models/lines`, `python -m convert compare words lines`,
`python -m convert evaluate lines`.
"""

GOALS = {"unipen-7 words": (8, 11), "unipen-8 lines": (8, None)}
"""Set -> loose character error rates to reach with language and greedy, in %."""


Whole = dict[str, dict[str, float]]
"""Development set -> recogniser -> loose character error rate."""


def write_line_card(folder: Path, bundle: Bundle, measured: list[LineRates], whole: Whole) -> None:
    """Write `folder`/README.md from these figures and from what `train` left in its report/."""
    from convert.training.networks import line_network

    network = inspect.getdoc(line_network) or ""
    sections = [
        HEAD.format(
            name=bundle.name, version=bundle.version, height=bundle.height, stride=bundle.stride,
            count=len(bundle.labels) - 1, size=bundle.model_bytes / 1000,
        ),
        goals_section(measured),
        rates_section(measured),
        recognisers_section(whole),
        comparison_section(folder / "report"),
        schemes_section(folder / "report", bundle.sha256),
        DATA,
        f"## Architecture\n\n{network}\n\n{bundle.made_by.get('parameters')} parameters.\n",
        training_section(folder / "report"),
        COMMANDS,
    ]  # fmt: skip
    (folder / "README.md").write_text("\n".join(filter(None, sections)), encoding="utf-8")


def goals_section(measured: list[LineRates]) -> str:
    """What was to be reached, and what is."""
    rows = []
    for row in measured:
        if row.name not in GOALS:
            continue
        searched, plain = GOALS[row.name]
        rows.append((f"{row.name}, loose CER with language", f"at most {searched} %", *_verdict(row.loose, searched)))
        if plain is not None:
            rows.append((f"{row.name}, loose CER greedy", f"at most {plain} %", *_verdict(row.int8_greedy, plain)))
    return "## Targets\n\n" + table(("measured", "to reach", "is", ""), rows)


def _verdict(rate: float, goal: float) -> tuple[str, str]:
    away = abs(100 * rate - goal)
    return percent(rate), "reached" if 100 * rate <= goal else f"**missed by {away:.2f} points**"


def rates_section(measured: list[LineRates]) -> str:
    """All error rates, float beside int8."""
    titles = (
        "",
        "lines",
        "float, greedy",
        "int8, greedy",
        "int8, language",
        "strict, greedy",
        "strict, language",
        "same",
    )
    rows = [
        (
            row.name, str(row.lines),
            *map(percent, (row.float_greedy, row.int8_greedy, row.loose, row.strict_greedy, row.strict, row.agreement)),
        )
        for row in measured
    ]  # fmt: skip
    note = "Character error rates; loose (letters and digits, case folded) but for the two columns named strict.\n"
    return f"## Error rates\n\n{table(titles, rows)}\n{note}"


def recognisers_section(whole: Whole) -> str:
    """Characters, lines and auto beside each other, from the picture to the text."""
    titles = ("", *next(iter(whole.values())), "auto against the better")
    rows = []
    for name, rates in whole.items():
        better = min(rate for recogniser, rate in rates.items() if recogniser != "auto")
        behind = 100 * (rates["auto"] - better)
        rows.append((name, *map(percent, rates.values()), f"{behind:+.2f} points"))
    return f"## Which recogniser\n\nLoose character error rates of `Reader.read`, English.\n\n{table(titles, rows)}"


def comparison_section(report: Path) -> str:
    """What `compare` left, beside RapidOCR and Tesseract."""
    path = report / "compare.json"
    if not path.exists():
        return ""
    titles = ("", "", "lines", "loose", "strict", "processor ms a line", "memory", "model")
    rows = [
        (
            row["name"], row["reader"], str(row["lines"]), percent(row["loose"]), percent(row["strict"]),
            f"{row['cpu_ms']:.1f}", f"{row['peak_mb']:.0f} MB", f"{row['model_mb']:.2f} MB",
        )
        for row in json.loads(path.read_text())
    ]  # fmt: skip
    note = "The same pictures of one line each, one thread, taking turns: `python -m convert compare`.\n"
    return f"## Beside other readers\n\n{table(titles, rows)}\n{note}"


def training_section(report: Path) -> str:
    """How far training came."""
    path = report / "training.json"
    if not path.exists():
        return ""
    log = json.loads(path.read_text())
    last = log[-1]
    curves = "\n\n![learning curves](report/curves.png)" if (report / "curves.png").exists() else ""
    return (
        f"## Training\n\n{len(log)} epochs; loss a character {last['loss']:.3f} on varied training strips, "
        f"{last['val_loss']:.3f} on held-out ones.{curves}\n"
    )

"""The sections of a model card in Markdown; `convert.evaluation.card` puts them together."""

import inspect
from typing import Any

from convert.evaluation.results import Comparison
from edge_ocr.model.bundle import Bundle

HEAD = """\
# {name}: handwritten characters for small boards

Version {version}. A full-int8 convolutional network that distinguishes {classes} shapes of single handwritten
characters in tiles of {height}x{width} pixels, which edge-ocr cuts out of photographs: digits, capital and small
letters, punctuation, and "not a character". The commands named beside the figures measured them.

## Use

```python
from edge_ocr import Reader, load_image

print(Reader.load().read(load_image("note.jpg")).text)
```

`model.tflite` maps {height}x{width} bytes, 0 paper to 255 pen, as `edge_ocr.layout.tile` cuts them, to logits.
`model.json` lists the characters that each of its {classes} outputs may mean.
"""

DATA = """\
## Data

| | for | licence |
|---|---|---|
| EMNIST, made from NIST Special Database 19 | training, testing | US government work |
| pen strokes of UNIPEN train_r01_v07 ([10.5281/zenodo.1195803](https://doi.org/10.5281/zenodo.1195803)), drawn with \
a pen | training; testing with other writers | CC BY 4.0 |
| handwriting fonts | training; the sample pages in other fonts | OFL 1.1, Apache 2.0 |
| photographs of single characters, Bishwaprotapi/Hand-Written | measuring, never training | MIT |
| photographs of pages, mdoumbouya/codeocr | measuring, never training | MIT |
"""

COMMANDS = """\
## Commands

From the checkout, with the data's folder in `EDGE_OCR_DATA`, in this order:

| `python -m convert` | makes |
|---|---|
| `train characters` | the float network and its learning curves |
| `quantize characters` | `model.tflite` and `model.json` |
| `schemes`, `layer-error` | ways to quantize, and what each layer loses: `report/schemes.json`, `report/layers.json` |
| `speed` | time of a character beside the tutorial's network: `report/speed.json` |
| `compare` | a page beside Tesseract and RapidOCR: `report/compare.json` |
| `evaluate` | accuracies, error rates, confusion matrices, `report/figures.json`, and this card with all of them |
"""


def table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; all columns but the first are right-aligned."""
    lines = [titles, ("---", *("---:" for _ in titles[1:])), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def percent(part: float) -> str:
    """0.9731 as "97.31 %"."""
    return f"{100 * part:.2f} %"


def spread(figure: dict[str, float], digits: int) -> str:
    """A stored Spread as "8.3 (8.1 to 8.6)"."""
    return f"{figure['median']:.{digits}f} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"


def head(bundle: Bundle) -> str:
    """What it is and how to use it."""
    return HEAD.format(
        name=bundle.name, version=bundle.version, classes=len(bundle.labels), height=bundle.height, width=bundle.width
    )


def accuracies(comparisons: list[Comparison], plots: list[int]) -> str:
    """Float beside int8 on every test set; `plots` are those with a confusion matrix in report/."""
    rows = [
        (
            row.name,
            str(row.count),
            *map(percent, (row.float_accuracy, row.int8_accuracy, row.float_top3, row.int8_top3, row.agreement)),
            f"{row.largest_difference:.2f}",
        )
        for row in comparisons
    ]
    titles = ("", "tiles", "float", "int8", "float, top 3", "int8, top 3", "same answer", "largest difference")
    links = "; ".join(f"[{comparisons[k].name}](report/confusion-{k}.png)" for k in plots)
    matrices = f"\nConfusion matrices of int8: {links}.\n" if links else ""
    return f"""\
## Single characters, float beside int8

{table(titles, rows)}
Own charset: only its characters are allowed. Folded: case does not count, and 0=O, 1=I=l, 2=Z, 5=S. The largest
difference is that of the log probabilities of a class to which either network gives more than 1 in 1000, in nats.
Measured by `python -m convert evaluate`.
{matrices}"""


def pages(rates: dict[str, dict[str, float]]) -> str:
    """Character error rates from photograph to text."""
    rows = [(name, f"{r['pages']:.0f}", percent(r["loose"]), percent(r["strict"])) for name, r in rates.items()]
    return f"""\
## Pages, from photograph to text

{table(("", "pages", "loose CER", "strict CER"), rows)}
CER is the character error rate, edits over characters. Loose: only letters and digits, without their case. Strict:
everything counts, with any run of spaces and line breaks as one space. The photographed pages are handwritten program
text.
Measured by `python -m convert evaluate`.
"""


def speed(figures: dict[str, Any]) -> str:
    """Time of a character, from report/speed.json."""
    rows = [
        (str(r["batch"]), spread(r["ours_ms"], 3), spread(r["tutorial_ms"], 3), spread(r["ratio"], 1))
        for r in figures["timings"]
    ]
    network = figures["networks"]["tutorial"]
    return f"""\
## Time of a character

{table(("batch", "ours, ms", "the tutorial's, ms", "ratio"), rows)}
Processor time of a character on one thread, {figures["interpreter"]}, {figures["cpu"] or "unknown processor"}, both
networks int8, taking turns for {figures["rounds"]} rounds: median (middle half). The tutorial's network is a ResNet
for 32x32 pixels with stages (3, 3, 3) and filters (64, 64, 128, 256): {network["parameters"]:,} parameters,
{network["bytes"]:,} bytes as int8. Measured by `python -m convert speed`.
"""


def comparison(figures: dict[str, Any]) -> str:
    """Time, memory, size and errors beside RapidOCR, from report/compare.json."""
    rows = [
        (
            r["name"],
            r["version"],
            spread(r["cpu_ms"], 1),
            f"{r['wall_ms']['median']:.1f}",
            f"{r['peak_mb']:.0f}",
            f"{r['model_mb']:.2f}",
            *("" if rate is None else percent(rate) for rate in (r["loose"], r["strict"])),
        )
        for r in figures["readers"]
    ]
    titles = ("", "version", "processor ms a page", "clock ms", "memory, MB", "models, MB", "loose CER", "strict CER")
    return f"""\
## A page, beside other readers

{table(titles, rows)}
RapidOCR in its faster setting (736 pixels, no classifier of directions) takes {spread(figures["ratio"], 1)} times the
processor time of our reader with this model. Each on one thread, taking turns for {figures["rounds"]} rounds over
{", ".join(figures["pictures"])}, {figures["cpu"] or "unknown processor"}: median (middle half). The models are all
networks and our language model; RapidOCR's know many scripts, ours know English. The program `edge-ocr read` needs
{figures["read_peak_mb"]:.1f} MB for one picture, `import edge_ocr` {figures["import_s"]:.2f} s. Measured by
`python -m convert compare`, see docs/compare.md.
"""


def architecture(bundle: Bundle) -> str:
    """The network's layers, from `convert.training.networks` and the bundle."""
    from convert.training.networks import character_network  # Loads Keras, which takes seconds.

    widths = inspect.signature(character_network).parameters["widths"].default
    parameters = bundle.made_by.get("parameters")
    count = f"{parameters:,} parameters, " if parameters else ""
    return f"""\
## Architecture

`character_network` of `convert/training/networks.py`: three stages of {", ".join(map(str, widths))} filters, each a
convolution with stride 2 and a residual block; then a depthwise convolution that reads the last map by position, and a
dense layer. {count}{bundle.model_bytes:,} bytes as int8, weights per channel; sha256 `{bundle.sha256}`.
"""


def training(log: list[dict[str, float]], curves: bool) -> str:
    """The training and its result; `curves` says whether report/ has their plot."""
    last, samples = log[-1], sum(entry.get("samples", 0) for entry in log)
    shown = f", {samples:,.0f} tiles" if samples else ""
    plot = "\n![learning curves](report/curves.png)\n" if curves else ""
    return f"""\
## Training

{len(log)} epochs{shown}, distorted to look like photographs. At the end: loss {last["loss"]:.3f}, accuracy
{percent(last["set_accuracy"])} on training tiles and {percent(last["val_set_accuracy"])} on tiles held back.
{plot}"""


def limits(bundle: Bundle) -> str:
    """What not to expect."""
    merged = " ".join(label for label in bundle.labels if len(label) > 1)
    return f"""\
## Limits

- Characters that stand alone or touch their neighbours a little. Joined writing is read badly.
- 0 and O, or 1, l and I, are the same shape if one stands alone: the text around it decides.
- English only: no accents, no other scripts.
- {merged} are one class each, as both cases have one shape: size and place in the line decide the case.
"""

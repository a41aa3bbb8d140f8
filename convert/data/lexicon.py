"""Builds the language tables of the runtime, in edge_ocr/data, from public word frequencies and running text.

Sources: PyPI's wordfreq (its large English list) and, where it is installed, Debian's wamerican. From them a stream of
words, numbers and separators is drawn with a fixed seed, each weighted so that the stream has the frequencies wanted;
its 4-grams, smoothed as Witten and Bell did (IEEE Transactions on Information Theory 37, 1991), are the table.
The same versions of the sources and of NumPy, all recorded in the file, make the same file. Which words follow which
is in a file of its own beside it, made by `word_pairs`.
"""

import hashlib
import importlib.metadata
import io
import lzma
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.data.arrays import data_folder
from convert.data.word_pairs import count_pairs, pair_scores
from convert.paths import ROOT
from edge_ocr.arguments import Parser
from edge_ocr.errors import ExitCode
from edge_ocr.folders import make_folder
from edge_ocr.text.language import SYMBOL, SYMBOLS
from edge_ocr.text.neighbours import packed, pairs_file
from edge_ocr.text.vocabulary import STEPS

DATA = ROOT / "edge_ocr" / "data" / "english.npz.xz"
DICTIONARY = Path("/usr/share/dict/american-english")
"""Where Debian's wamerican puts its words."""

FREQUENCY_POWER = 0.75
"""Exponent of the frequencies: labels, lists and forms have more rare words than running text."""
FREQUENCY_SHARE, DICTIONARY_SHARE, NUMBER_SHARE = 0.90, 0.03, 0.07
"""Parts of the stream: words by frequency, each word of the dictionary alike (it has many names), NUMBERS."""
STREAM_TOKENS = 1_500_000
"""Tokens to draw, besides one for every word."""
EVIDENCE = 3_000_000
"""Characters of text that the 4-gram counts stand for: with fewer, smoothing has more weight."""
LISTED_WORDS = 40_000
"""Most frequent words of the vocabulary, besides those of the dictionary."""
LISTED_SHARE = 0.1
"""Part of the vocabulary's probability that the dictionary's words share evenly: names and rare words."""
SEED = 20

NUMBERS = {
    "9": 20, "99": 20, "999": 10, "9999": 12, "99999": 6, "999999": 2, "9.99": 4, "99.99": 3, "$9.99": 3, "$99": 3,
    "9:99": 4, "99:99": 4, "99%": 2, "9/9/99": 2, "99/99/9999": 2, "9999-99-99": 2, "#99": 2, "999-9999": 2,
    "(999) 999-9999": 2, "9a": 2, "a9": 3, "a99": 2, "aa 99999": 2, "+9": 1, "9,999": 2, "9-9": 1, "9x9": 1,
}  # fmt: skip
"""Shapes of numbers with their weights; 9 stands for any digit. An `a` in them becomes every letter in turn."""

SEPARATORS = {
    " ": 74, "   ": 9, ", ": 6, ". ": 4, ".   ": 2, ",   ": 1, ": ": 1, ":   ": 0.5, "? ": 0.4, "! ": 0.4, "; ": 0.3,
    "-": 0.8, " - ": 0.6, "/": 0.4, " & ": 0.4, " (": 0.4, ") ": 0.4, ' "': 0.2, '" ': 0.2, " = ": 0.4, " + ": 0.2,
    "@": 0.2, "_": 0.1, "(": 0.2, ");   ": 0.2, "[": 0.05, "] ": 0.05, " #": 0.1, " *": 0.1, "...   ": 0.2,
}  # fmt: skip
"""What stands between two tokens, with weights; three spaces are the end of a line and the start of the next."""

SHORT_WORDS = {
    "a", "i", "ad", "ah", "am", "an", "as", "at", "be", "by", "cd", "cm", "do", "dr", "ed", "eh", "ex", "go", "gp",
    "ha", "he", "hi", "hm", "id", "if", "in", "is", "it", "kg", "km", "lb", "ma", "me", "ml", "mm", "mr", "ms", "mt",
    "my", "no", "of", "oh", "ok", "on", "or", "oz", "pa", "pc", "pm", "re", "so", "st", "to", "tv", "uk", "un", "up",
    "us", "vs", "we", "yo", "ye",
}  # fmt: skip
"""The words of one or two letters that count as words; wordfreq lists every pair."""


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m convert lexicon`: write the data file; exit code 0, or 1 if a source is missing."""
    parser = Parser(prog="python -m convert lexicon", description="Build the language data of the runtime.")
    parser.add_argument("--out", type=Path, default=DATA, help="file to write (default: %(default)s)")
    parser.add_argument("--dictionary", type=Path, default=DICTIONARY, help="word list (default: %(default)s)")
    parser.add_argument("--texts", type=Path, help="running text, and english_2grams.csv (default: the data's text)")
    options = parser.parse_args(argv)
    try:
        frequencies, version = word_frequencies()
    except ImportError:
        print("The package wordfreq is not installed; run: pip install wordfreq", file=sys.stderr)
        return ExitCode.FAILED
    dictionary = dictionary_words(options.dictionary)
    digest = hashlib.sha256("\n".join(dictionary).encode()).hexdigest()[:16]
    sources = [
        f"wordfreq {version}",
        f"numpy {np.__version__}",
        f"{options.dictionary.name} ({len(dictionary)} words, sha256 {digest})",
    ]
    text, weights = draw_stream(token_weights(frequencies, dictionary))
    listed = listed_words(frequencies, dictionary)
    write_data(options.out, count_4grams(text, weights), listed, sources)
    print(f"{options.out}: {options.out.stat().st_size} bytes, from {', '.join(sources)}", file=sys.stderr)
    texts = options.texts or data_folder() / "text"
    pairs = options.out.with_name(pairs_file("english"))
    write_pairs(pairs, texts, list(listed))
    print(f"{pairs}: {pairs.stat().st_size} bytes, from {texts.name}/", file=sys.stderr)
    return 0


def write_pairs(path: Path, texts: Path, listed: Sequence[str]) -> None:
    """Store the table of word pairs that `Neighbours.load` maps; `listed`: the vocabulary in its order."""
    running = (file.read_text("utf-8", errors="replace") for file in sorted(texts.glob("*.txt")))
    frequent = texts / "english_2grams.csv"
    counts = count_pairs(running, frequent if frequent.is_file() else None)
    make_folder(path.parent)
    np.save(path, packed(pair_scores(counts, {word: number for number, word in enumerate(listed)})))


def word_frequencies() -> tuple[dict[str, float], str]:
    """wordfreq's English words written in a-z, digits, apostrophes, dots, with their frequencies; and its version."""
    import wordfreq

    written = re.compile(r"[a-z0-9]+(['.&-][a-z0-9]+)*")
    frequencies = wordfreq.get_frequency_dict("en", "large")
    kept = {word: frequency for word, frequency in sorted(frequencies.items()) if written.fullmatch(word)}
    return kept, importlib.metadata.version("wordfreq")


def dictionary_words(path: Path) -> list[str]:
    """The words of a list, one a line, in small letters, without accented ones; none if there is no such file."""
    if not path.is_file():
        return []
    words = path.read_text("utf-8").lower().split()
    return sorted({word for word in words if re.fullmatch(r"[a-z']+", word)})


def token_weights(frequencies: Mapping[str, float], dictionary: Sequence[str]) -> dict[str, float]:
    """Weight of each token of the stream, 1.0 in all."""
    numbers: dict[str, float] = {}
    for shape, weight in NUMBERS.items():
        for letter in "abcdefghijklmnopqrstuvwxyz" if "a" in shape else " ":
            token = shape.replace("a", letter)
            numbers[token] = numbers.get(token, 0.0) + (weight / 26 if "a" in shape else weight)
    damped = {word: frequency**FREQUENCY_POWER for word, frequency in frequencies.items()}
    weights: dict[str, float] = {}
    for part, share in (
        (damped, FREQUENCY_SHARE),
        (dict.fromkeys(dictionary, 1.0), DICTIONARY_SHARE),
        (numbers, NUMBER_SHARE),
    ):
        total = sum(part.values())
        for token, frequency in part.items():
            weights[token] = weights.get(token, 0.0) + share * frequency / total
    all_parts = sum(weights.values())
    return {token: weight / all_parts for token, weight in weights.items()}


def draw_stream(tokens: Mapping[str, float], size: int = STREAM_TOKENS) -> tuple[str, NDArray[np.float64]]:
    """A text of all `tokens` in random order with separators, and the weight of each of its characters.

    A token comes about `size` times its weight, at least once; its copies share its weight, so that frequent words meet
    many neighbours and rare ones still count what they should.
    """
    rng = np.random.default_rng(SEED)
    names = list(tokens)
    weights = np.array([tokens[name] for name in names])
    copies = np.ceil(weights * size).astype(int)
    order = rng.permutation(np.repeat(np.arange(len(names)), copies))
    odds = np.array(list(SEPARATORS.values()))
    marks = list(SEPARATORS)
    between = rng.choice(len(marks), size=len(order), p=odds / odds.sum())
    pieces = [names[token] + marks[mark] for token, mark in zip(order.tolist(), between.tolist(), strict=True)]
    lengths = np.array([len(piece) for piece in pieces])
    return "".join(pieces), np.repeat((weights / copies)[order], lengths)


def count_4grams(text: str, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of each four symbols in a row of ASCII `text`, shape (SYMBOLS,) * 4, EVIDENCE in all.

    A 4-gram has the weight of its last character.
    """
    symbol_of = np.zeros(128, np.int32)
    for char, symbol in SYMBOL.items():
        symbol_of[ord(char)] = symbol
    symbols = symbol_of[np.frombuffer(text.encode("ascii"), np.uint8)]
    code = ((symbols[:-3] * SYMBOLS + symbols[1:-2]) * SYMBOLS + symbols[2:-1]) * SYMBOLS + symbols[3:]
    counts = np.bincount(code, weights[3:], minlength=SYMBOLS**4)
    return (counts * (EVIDENCE / counts.sum())).reshape((SYMBOLS,) * 4)


def smooth(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(last symbol | those before), of the shape of `counts`, (SYMBOLS,) * n.

    Each order is interpolated with the one below: after a context that was seen n times with t different symbols, the
    order below gets t / (n + t).
    """
    order_below = np.full(SYMBOLS, 1 / SYMBOLS)
    for order in range(1, counts.ndim + 1):
        seen = counts.sum(axis=tuple(range(counts.ndim - order)))
        total = seen.sum(axis=-1, keepdims=True)
        kinds = np.maximum((seen > 0).sum(axis=-1, keepdims=True), 1)
        order_below = (seen + kinds * order_below) / (total + kinds)
    return order_below


def quantise(probabilities: NDArray[np.float64]) -> NDArray[np.uint8]:
    """-log(p) * STEPS, rounded and clipped to uint8."""
    return np.clip(np.rint(-STEPS * np.log(probabilities)), 0, 255).astype(np.uint8)


def listed_words(frequencies: Mapping[str, float], dictionary: Sequence[str]) -> dict[str, float]:
    """The vocabulary: words of letters and inner apostrophes, sorted, with their shares, 1.0 in all."""
    shaped = re.compile(r"[a-z]+('[a-z]+)*")
    words = [word for word in frequencies if _is_word(word) and shaped.fullmatch(word)]
    frequent = sorted(words, key=lambda word: (-frequencies[word], word))[:LISTED_WORDS]
    damped = {word: frequencies[word] ** FREQUENCY_POWER for word in frequent}
    rare = [word for word in dictionary if _is_word(word) and shaped.fullmatch(word)]
    total = sum(damped.values()) / (1 - LISTED_SHARE if rare else 1)
    shares = {word: weight / total for word, weight in damped.items()}
    for word in rare:
        shares[word] = shares.get(word, 0.0) + LISTED_SHARE / len(rare)
    return dict(sorted(shares.items()))


def _is_word(word: str) -> bool:
    """wordfreq lists every pair of letters, and the dictionary every letter."""
    return len(word) > 2 or word in SHORT_WORDS


def write_data(path: Path, counts: NDArray[np.float64], words: Mapping[str, float], sources: Sequence[str]) -> None:
    """Store the file that `edge_ocr.text.language.read_tables` reads; `sources` say what it was made from.

    The 4-grams are stored as differences from the prediction of the 3-grams, modulo 256: mostly 0, a third of the size.
    """
    trigrams = quantise(smooth(counts.sum(axis=0)))
    surprise = quantise(smooth(counts)).astype(int) - trigrams
    backoff = np.rint(np.median(surprise, axis=-1)).astype(int)
    plain = io.BytesIO()
    np.savez(
        plain,
        trigrams=trigrams,
        backoff=(backoff % 256).astype(np.uint8),
        remainder=((surprise - backoff[..., np.newaxis]) % 256).astype(np.uint8),
        words=np.frombuffer("\n".join(words).encode("ascii"), np.uint8),
        commonness=quantise(np.array(list(words.values()))),
        sources=np.array(sources),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(plain.getvalue()))  # Sorted words take three quarters of the size of a zip.


if __name__ == "__main__":
    sys.exit(main())

"""Tesseract as one of the readers that are compared: a program that starts for each picture."""

import subprocess
from pathlib import Path

from convert.comparison.reader import OpenReader


def open_tesseract(program: str, mode: str, tessdata: str = "") -> OpenReader:
    """Tesseract for English with a page segmentation mode, with the models of a folder or its default ones."""
    where = ["--tessdata-dir", tessdata] if tessdata else []

    def run(*arguments: str) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError(done.stderr.strip() or f"exit code {done.returncode}")
        return done.stdout

    folder = tessdata or run("--list-langs").partition('"')[2].partition('"')[0]
    size = Path(folder, "eng.traineddata").stat().st_size / 1e6
    facts = {"name": "Tesseract", "version": run("--version").split()[1], "model_mb": size}
    return OpenReader(facts, str, lambda path: run(path, "stdout", *where, "-l", "eng", "--psm", mode))

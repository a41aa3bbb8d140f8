"""`python -m edge_ocr` is `edge-ocr`."""

import sys

from edge_ocr.commands.main import program

if __name__ == "__main__":
    sys.exit(program())

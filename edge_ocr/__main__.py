"""`python -m edge_ocr` is `edge-ocr`."""

import sys

from edge_ocr.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""The command line of `edge-ocr`: one module for each command."""

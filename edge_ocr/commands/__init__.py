"""The command line of `edge-ocr`: one module a command."""

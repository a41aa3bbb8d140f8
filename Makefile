# make demo: read the sample page with the light runtime.   make test: the whole suite.
# PYTHON=python3.12 make test   takes another Python than python3.

PYTHON ?= python3
PIP_QUIET = --quiet --disable-pip-version-check
SAMPLE = edge_ocr/samples/note.jpg
DEMO_PICTURE = demo.png
# What an installed copy is made of: the demo is installed anew when one of these changes.
PACKAGE = $(shell find edge_ocr models -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: demo test lint clean

demo: .venv-demo/installed
	@.venv-demo/bin/edge-ocr read $(SAMPLE) --annotate $(DEMO_PICTURE)

test: .venv/installed
	@.venv/bin/python -m pytest

lint: .venv/installed
	@.venv/bin/ruff check .
	@.venv/bin/mypy

clean:
	rm -rf .venv .venv-demo build dist $(DEMO_PICTURE) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv-demo/installed: pyproject.toml $(PACKAGE)
	@echo "Installing the light runtime into .venv-demo ..." >&2
	@$(PYTHON) -m venv .venv-demo || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv-demo/bin/python -m pip install $(PIP_QUIET) .
	@touch $@

.venv/installed: pyproject.toml
	@echo "Installing everything into .venv (TensorFlow among it: this takes minutes) ..." >&2
	@$(PYTHON) -m venv .venv || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv/bin/python -m pip install $(PIP_QUIET) --editable '.[convert,dev]'
	@touch $@

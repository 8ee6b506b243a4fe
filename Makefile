# Two commands are enough on a fresh machine: `make run` and `make test`.

PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.complete

.PHONY: run test check bench setup clean

run: setup
	$(BIN)/python -m messenger run

test: setup
	$(BIN)/python -m unittest tests.test_server
	$(BIN)/python -m pytest -n 2

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(STAMP)

clean:
	rm -rf .venv build dist *.egg-info docs/_build

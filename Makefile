# The two commands a newcomer needs: `make demo` and `make test`.
SHELL := /bin/bash
VENV ?= .venv
PYTHON_IN_VENV := $(VENV)/bin/python
SERVE ?= 1
export VENV

.PHONY: help setup setup-python demo test test-fast test-long mutants bench screenshots docs format clean

help:
	@echo "make setup        everything a checkout needs: Python and Node packages, PostgreSQL and Chromium (as root on Debian)"
	@echo "make demo         label the sample data, measure, export, then open JupyterLab (SERVE=0: without JupyterLab)"
	@echo "make test         every check there is"
	@echo "make test-fast    the checks without browser and fault rounds"
	@echo "make mutants      break each promise on purpose: the tests named for it must notice"
	@echo "make test-long    hours: forty annotators on a JupyterHub for each store, the other packages, 20,000 kills"
	@echo "make bench        measure: key press to next item, opening a million items, ..."
	@echo "make screenshots  docs/screenshots/ from the real widget, light and dark"
	@echo "make docs         docs/api.md from the docstrings"
	@echo "make format       let ruff and biome put the sources in order"
	@echo "make clean        remove everything that was built or downloaded here"

setup:
	@scripts/setup.sh

setup-python:
	@scripts/setup.sh python

demo: setup-python
	@$(PYTHON_IN_VENV) scripts/demo.py $(if $(filter 0,$(SERVE)),--no-serve)

test: setup
	@$(PYTHON_IN_VENV) scripts/suites.py

test-fast: setup-python
	@scripts/setup.sh node postgres
	@$(PYTHON_IN_VENV) scripts/suites.py --fast

mutants: setup
	@$(PYTHON_IN_VENV) scripts/mutants.py

test-long: setup
	@scripts/setup.sh peers
	@JUPYTER_ANNOTATE_PATIENCE=$${JUPYTER_ANNOTATE_PATIENCE:-180} JUPYTER_ANNOTATE_KILLS=$${JUPYTER_ANNOTATE_KILLS:-20000} \
	  $(PYTHON_IN_VENV) scripts/suites.py --only peers --only long-kills --only long-run

bench: setup
	@scripts/setup.sh peers
	@for each in benchmarks/[a-z]*.py; do $(PYTHON_IN_VENV) -m benchmarks.$$(basename $$each .py) || exit 1; done

screenshots: setup
	@$(PYTHON_IN_VENV) -m scripts.screenshots

docs: setup-python
	@$(PYTHON_IN_VENV) scripts/api_docs.py

format: setup-python
	@$(VENV)/bin/ruff check --fix --quiet . || true
	@$(VENV)/bin/ruff format .
	@if [ -x node_modules/.bin/biome ]; then node_modules/.bin/biome check --write js; fi

clean:
	rm -rf $(VENV) .peers node_modules build dist demo test-results .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

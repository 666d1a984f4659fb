# Everything a newcomer needs; `make help` lists it.
# The first that runs and fits: a name on the path may be a shim of a version that is not there.
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python; do \
  $$name -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
  && echo $$name && break; done)
VENV := .venv
# Relative: the checkout's path may hold what make or the shell would take apart, such as spaces.
BIN := $(VENV)/bin
# DVC starts the stages' commands by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
# Bytecode is kept in .venv: compiling torch and mlflow anew costs each stage 15 s.
unexport PYTHONDONTWRITEBYTECODE
# What is wrong with .venv, if anything: its scripts name the path that it was made at, and its
# Python is a link to one outside.
FAULT := $(shell test -e $(VENV) || exit 0; \
  if ! test "$$(cat $(VENV)/.made-at 2>/dev/null)" = "$$(pwd -P)"; then \
    echo "was made at another path, or never finished"; \
  elif ! $(BIN)/python -c 'import pip' 2>/dev/null; then \
    echo "has lost its Python"; \
  fi)

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-solar test lint ui docs lock clean again

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(VENV)/.installed ## install everything into .venv

$(VENV)/.made-at: $(if $(FAULT),again)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/it"; exit 1; }
	$(if $(FAULT),@echo ".venv $(FAULT); it is made anew")
	"$(PYTHON)" -m venv --clear $(VENV)
	@pwd -P > $@

$(VENV)/.installed: requirements.lock pyproject.toml $(VENV)/.made-at
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

demo: setup ## run the whole study, small (about 15 minutes where it was measured, on two cores)
	$(BIN)/dvc repro

# Setting up removes what requirements.lock does not name, so the cells are installed each time.
demo-solar: setup ## put the preset of real solar cells in params.yaml's place, and run it
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes \
	  --requirements requirements-solar.lock
	$(BIN)/dagm preset solar
	$(BIN)/dvc repro

# Three workers on two cores: many tests wait for processes that they started.
test: setup lint ## check style and types, run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3

lint: setup ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ui: setup ## browse the runs in MLflow at http://127.0.0.1:5000
	$(BIN)/dagm ui

docs: setup ## make the tables in docs/ anew
	PYTHONPATH=tests/support $(BIN)/python tests/support/flatness_sets.py > docs/flatness.draft
	mv docs/flatness.draft docs/flatness.md
	PYTHONPATH=tests/support $(BIN)/python -W ignore tests/support/faulty/faults.py > docs/faults.draft
	mv docs/faults.draft docs/data-faults.md

lock: $(VENV)/.made-at ## pin every dependency anew, from pyproject.toml into *.lock
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	  --quiet --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile --group solar --universal --python-version 3.11 --no-deps \
	  --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	  --quiet --upgrade --output-file requirements-solar.lock

clean: ## remove what runs leave behind: .work, the tracking store and its artifacts
	rm -rf .work mlflow.db mlflow.db-* mlartifacts

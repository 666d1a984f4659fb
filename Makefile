# Everything a newcomer needs; `make help` lists it.
# The first that runs and fits: a name on the path may be a shim of a version that is not there.
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python; do \
  $$name -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
  && echo $$name && break; done)
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# DVC starts the stages' commands by name.
export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
# Bytecode is kept in .venv: compiling torch and mlflow anew costs each stage 15 s.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint ui lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(VENV)/.installed ## install everything into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/it"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

demo: setup ## run the whole study, small (18 minutes on two cores)
	dvc repro

test: setup lint ## check style and types, run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

lint: setup ## style and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ui: setup ## browse the runs in MLflow at http://127.0.0.1:5000
	dagm ui

lock: ## pin every dependency anew, from pyproject.toml into requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	  --quiet --upgrade --output-file requirements.lock

clean: ## remove what runs leave behind: .work, the tracking store and its artifacts
	rm -rf .work mlflow.db mlflow.db-* mlartifacts

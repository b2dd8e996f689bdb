# Lesbrug: `make run` starts the service with demo data, `make test` runs all tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
export FLASK_APP = wsgi

.PHONY: screenshots sbom help install install-dev run test torture check format bench lock docs translations

help: ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## create .venv with what the service needs

install-dev: $(VENV)/.installed-dev ## the same, with what tests and checks need

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

run: install ## start the service with demo data on SQLite, at a printed address
	LESBRUG_DEMO=1 PUBLIC_URL=http://$(HOST):$(PORT) $(BIN)/flask --app wsgi demo
	LESBRUG_DEMO=1 PUBLIC_URL=http://$(HOST):$(PORT) $(BIN)/flask --app wsgi serve --host $(HOST) --port $(PORT)

test: install-dev ## run all tests (those that need PostgreSQL or Chromium say so when they skip)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

torture: install-dev ## every experiment on reliability at full size (about half an hour)
	LESBRUG_TORTURE=full $(BIN)/python -m pytest tests/reliability tests/web/test_every_form.py --durations=0

check: install-dev ## format, lint, types, import contracts and the tests of the house
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest tests/house

format: install-dev ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install-dev ## measure, and write docs/benchmarks.md
	$(BIN)/python -m benchmarks

docs: install ## write the pages that are generated from the code
	$(BIN)/flask --app wsgi docs

translations: install ## collect messages, and compile the Dutch texts
	$(BIN)/python -m tools.translations

screenshots: install-dev ## take the pictures of docs/screenshots from a demo (needs Chromium)
	$(BIN)/python -m tools.screenshots

sbom: install-dev ## list the libraries of a release (CycloneDX) in build/sbom.json
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.txt --output-file build/sbom.json

lock: ## write requirements*.txt anew from requirements*.in (needs uv)
	for name in requirements requirements-scale requirements-embeddings requirements-dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $$name.in -o $$name.txt || exit 1; \
	done

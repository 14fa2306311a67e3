# Everything a person does here, by one word. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
PORT ?= 4200

help: ## List the words
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(BIN)/winnow: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(BIN)/pytest: $(BIN)/winnow
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test,train,models]"
	@touch $@

# The libraries for models are large: what they take to set up is told apart.
$(BIN)/accelerate: $(BIN)/winnow
	@began=$$(date +%s); $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[train,models]" && \
	echo "the libraries for models took $$(($$(date +%s) - began)) s to set up"
	@touch $@

demo: $(BIN)/accelerate ## Curate example data with planted defects, print planted against found, and train on the rest
	$(BIN)/winnow demo

check: $(BIN)/pytest ## Style, types and the rules between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# With a process for every core, threads of torch would only wait for each other.
test: check ## Check everything and run the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile

chaos: $(BIN)/pytest ## Kill runs and break disks, in large numbers
	WINNOW_CHAOS=large $(BIN)/pytest -m chaos

hostile: $(BIN)/pytest ## Feed damaged and malicious files, in large numbers
	WINNOW_HOSTILE=large $(BIN)/pytest -m hostile

bench: $(BIN)/pytest ## Measure what the README claims
	$(BIN)/python benchmarks/spine.py
	$(BIN)/python benchmarks/recall.py
	$(BIN)/python benchmarks/embedding.py
	$(BIN)/python benchmarks/media.py

bench-gpu: $(BIN)/pytest ## Measure the pass over pictures on a GPU
	$(BIN)/python benchmarks/gpu.py

PEERS = rensa datasketch data-juicer datatrove
ROWS ?= 20000

bench-data/venvs/%/installed: benchmarks/peers/%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --requirement $<
	@touch $@

bench-peers: $(BIN)/pytest $(PEERS:%=bench-data/venvs/%/installed) ## Measure winnow beside other deduplicators
	$(BIN)/python benchmarks/dedup.py --rows $(ROWS)
	$(BIN)/python benchmarks/contradictions.py

up: $(BIN)/winnow ## Start a Prefect server and a worker for what prefect.yaml schedules
	$(BIN)/python -m flows.deployed.service up --port $(PORT)

down: ## End that server and that worker
	[ ! -x $(BIN)/python ] || $(BIN)/python -m flows.deployed.service down

clean: down ## Remove what the words above made
	rm -rf $(VENV) .winnow .winnow-demo bench-data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: help demo check test chaos hostile bench bench-gpu bench-peers up down clean

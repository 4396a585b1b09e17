# Everything a user needs starts here: only Python 3.11 (venv) and make are expected.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help demo test lint types studies safety-studies catch-study unseen-study bench peers clean

help:
	@echo "make demo    run the protection plan on the twin against the reference device"
	@echo "make test    run the whole test suite"
	@echo "make lint    ruff check and format check"
	@echo "make types   mypy --strict"
	@echo "make peers   the libraries of others, in environments of their own: beside our driver, and on the twin"
	@echo "make studies how often intervals hold the truth and verdicts are wrong; rewrites docs (about half an hour)"
	@echo "make safety-studies  ends, faults, wrong benches and broken files by the hundred; rewrites docs (two hours)"
	@echo "make catch-study  every defect in every device, and good devices, against the plans; rewrites docs (an hour and a half)"
	@echo "make unseen-study defects that no plan was written against; rewrites a doc (half an hour)"
	@echo "make bench   wall time per case, time of a reading and of a block, with controls"

$(INSTALLED): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing: install python3 and python3-venv."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/rig run protection

# Half as many again as there are processors: many tests wait for processes that they have started. Linear algebra on one
# thread each: of more of them all but one wait for a processor, and take it from a test while they do. What is imported
# is compiled once, and not in each of a few hundred processes, also where Python is told to keep nothing.
test: $(INSTALLED)
	PYTHONDONTWRITEBYTECODE= OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $$(( ($$(nproc) * 3 + 1) / 2 )) --dist worksteal

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks.plan
	$(BIN)/python -m benchmarks.compliance
	$(BIN)/python -m benchmarks.driver_read
	$(BIN)/python -m benchmarks.block_read
	$(BIN)/python -m benchmarks.journal

studies: $(INSTALLED)
	$(BIN)/python -m studies.coverage
	$(BIN)/python -m studies.risk

safety-studies: $(INSTALLED)
	$(BIN)/python -m studies.chaos --write
	$(BIN)/python -m studies.instrument_faults --write
	$(BIN)/python -m studies.wrong_benches --write
	$(BIN)/python -m studies.mutants --write

catch-study: $(INSTALLED)
	$(BIN)/python -m studies.catch --smallest --pairs --write
	$(BIN)/python -m studies.seldom --write
	$(BIN)/python -m studies.false_alarms --write

unseen-study: $(INSTALLED)
	$(BIN)/python -m studies.unseen --write

peers: $(INSTALLED)
	-$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m pytest tests/third_party

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

# The commands of this project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run run-full test faults pages mutations bench check shots format lock clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Python itself answers, since a version that is too old fails in stranger words later.
$(BIN)/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer with its venv module is needed (Debian: apt-get install python3 python3-venv)." >&2; \
	  echo "Another Python can be named: make setup PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp for each lock file, so that nothing is installed twice.
$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	@touch $@ $(VENV)/.installed

setup: $(VENV)/.installed ## Make .venv with what the service needs
	@echo "Ready. Next: make run"

setup-dev: $(VENV)/.installed-dev ## Make .venv with what tests and checks need too
	@echo "Ready. Next: make test"

run: $(VENV)/.installed ## Serve a filled demo council on SQLite, Celery inside (PORT=8000)
	@exec $(BIN)/python scripts/run.py

run-full: $(VENV)/.installed ## Serve it on the PostgreSQL and Redis of DATABASE_URL and REDIS_URL
	@exec $(BIN)/python scripts/run_full.py

test: $(VENV)/.installed-dev ## Run all tests, on PostgreSQL and on SQLite (ARGS="tests/cases -x", LEG=sqlite)
	@exec $(BIN)/python scripts/test.py $(if $(LEG),--leg $(LEG)) $(ARGS)

faults: $(VENV)/.installed-dev ## Kill, freeze and empty what the jobs rest on, and count (docs/faults.md)
	@exec $(BIN)/python scripts/test.py --lanes 1 tests/faults/long_run.py tests/faults/many_cubes.py \
		tests/faults/many_papers.py tests/faults/long_routes.py tests/faults/served_run.py -s -o faulthandler_timeout=0

pages: $(VENV)/.installed-dev ## Open every page as everybody in a browser, with axe, in each state (docs/accessibility.md)
	@exec $(BIN)/python scripts/test.py --leg sqlite tests/access/long_pages.py tests/access/long_empty.py -m browser \
		-s -o faulthandler_timeout=0

mutations: $(VENV)/.installed-dev ## Take each guard away and see its test fail (ARGS="17 20": those incidents alone)
	@exec $(BIN)/python -m scripts.mutations $(ARGS)

bench: $(VENV)/.installed-dev ## Measure it at a million audits (ARGS="--audits 100000" is quicker)
	@exec $(BIN)/python scripts/bench.py $(ARGS)

check: $(VENV)/.installed-dev ## Lint, types, imports, migrations, deployment settings
	@exec $(BIN)/python scripts/check.py

shots: $(VENV)/.installed-dev ## Take the handbook's pictures again (ARGS="section overall")
	@exec $(BIN)/python scripts/shots.py $(ARGS)

format: $(VENV)/.installed-dev ## Put the code into its standard form
	$(BIN)/ruff check --quiet --fix . || true
	$(BIN)/ruff format .

lock: $(VENV)/.installed-dev ## Write the requirements files again from the .in files (newest versions: UPGRADE=1)
	@exec $(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: ## Delete .venv and .local (the demo council's database too)
	rm -rf $(VENV) .local staticfiles

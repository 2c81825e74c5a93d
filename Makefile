# The promises of the README. Everything works on a machine with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint bench docs setup lock clean

run: setup  ## start the module on an embedded database
	@$(BIN)/provisioning run

test: setup  ## run the tests
	$(BIN)/pytest -n auto --dist worksteal

lint: setup  ## format check, lint, types, floors of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## compare with nginx on this machine (installs nothing; needs nginx and wrk)
	$(BIN)/python -m bench

docs: setup  ## write the pages of the manual that come from templates/
	$(BIN)/python docs/generate.py

setup: .venv/.ready  ## virtual environment with the locked dependencies

.venv/.ready: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-annotate --no-header -q \
		-o requirements.txt

clean:
	rm -rf .venv

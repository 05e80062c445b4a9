# The two commands of the README: `make report` and `make test`. All else is for those who change things.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
STUDY ?= data/demo/study.yaml
export PYTHONHASHSEED := 0

.PHONY: report test lint lab bench notebooks demo lock clean

report: .venv/report.stamp  ## run the demo study and say where the report is
	$(BIN)/seglib run $(STUDY)

test: .venv/dev.stamp lint  ## everything that a landing must pass
	$(BIN)/python -m pytest -n 2 --dist loadscope
	$(BIN)/python -m pytest --nbval-lax --nbval-cell-timeout=120 notebooks

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: .venv/dev.stamp  ## open the notebooks
	$(BIN)/jupyter lab notebooks

bench: .venv/dev.stamp  ## tables of speed and quality against named peers
	failed=; for script in $$(grep -l __main__ benchmarks/*.py); do \
		echo "== $$script"; $(BIN)/python $$script || failed="$$failed $$script"; done; \
	if test -n "$$failed"; then echo "failed:$$failed"; exit 1; fi

notebooks: .venv/dev.stamp  ## execute the notebooks in place, with the outputs that are committed
	$(BIN)/python -m seglib.reporting.refresh notebooks

demo: .venv/report.stamp  ## write the demo market anew
	$(BIN)/seglib demo data/demo

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --all-extras \
		--python-version 3.11 pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 -c requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/report.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	touch $@ .venv/report.stamp

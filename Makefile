# Two commands: `make run` and `make test`. Everything is installed into .venv; only Python and make are needed first.
PYTHON ?= python3
CORPUS ?= corpus
CORES ?= -n auto --dist loadfile
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run test check lint types eval index clean

run: $(STAMP)  ## index CORPUS (default: the sample corpus), then serve the chat page and print its address
	$(BIN)/python app.py --corpus "$(CORPUS)"

test: $(STAMP)-test  ## every test, the slow ones and the browser's included
	$(BIN)/python -m pytest $(CORES)

check: $(STAMP)-test  ## the everyday run: under two minutes
	$(BIN)/python -m pytest $(CORES) -m "not slow and not browser"

lint: $(STAMP)-test
	$(BIN)/ruff check .

types: $(STAMP)-test
	$(BIN)/mypy

index: $(STAMP)
	$(BIN)/clausewise index --corpus "$(CORPUS)"

eval: $(STAMP)  ## ask the sample suite and judge the answers by its gate
	$(BIN)/clausewise index
	$(BIN)/clausewise eval evals/sample

clean:
	rm -rf .venv indexes/default

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(STAMP)-test: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	touch $@

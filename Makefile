# Everything a person needs is one of the targets below; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test checks browser lint types layers docs licences smoke audit soak mutants benchmark docs-figures clean

help:
	@echo "make demo          install into .venv and design examples/impedance_tones.csv into out/"
	@echo "make test          install the test extras and a browser, then lint, type-check, build the site, try the wheel and run every test"
	@echo "make docs          build the documentation into site/; open site/index.html"
	@echo "make smoke         build wheel and sdist, and use the wheel in fresh environments"
	@echo "make audit         licences of all dependencies, and known vulnerabilities where an index can be asked"
	@echo "make soak          fuzz every reader and soak the engine for hours; INPUTS=, RUNS= and DESIGNS= say how much"
	@echo "make mutants       put deliberate faults into a copy of the source and see whether the tests notice (20 minutes)"
	@echo "make benchmark     measure the tables of docs/ again (an hour)"
	@echo "make docs-figures  draw every picture and number of docs/ again"

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) install --constraint constraints.txt --editable '.[torch,test,docs]'
	@touch $@

demo: $(VENV)/installed
	mkdir -p out
	$(BIN)/crestfall design examples/impedance_tones.csv --out out/impedance.wav --out out/impedance.json --out out/impedance.png --overwrite

test: browser $(VENV)/installed-test
	$(MAKE) --jobs 2 checks
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

checks: lint types layers licences docs smoke

browser: $(VENV)/installed-test
	$(BIN)/python scripts/get_chromium.py

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/typos

types: $(VENV)/installed-test
	$(BIN)/mypy

layers: $(VENV)/installed-test
	$(BIN)/lint-imports

docs: $(VENV)/installed-test
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

smoke: $(VENV)/installed-test
	scripts/smoke.sh $(BIN)/python

licences: $(VENV)/installed-test
	$(BIN)/python scripts/audit.py --licences-only

audit: $(VENV)/installed-test
	$(PIP) install --constraint constraints.txt --editable '.[audit]'
	$(BIN)/python scripts/audit.py

INPUTS ?= 1000000
RUNS ?= 20000
DESIGNS ?= 100000
soak: $(VENV)/installed-test
	$(PIP) install --constraint constraints.txt --editable '.[fuzz]'
	-$(BIN)/python fuzz/run.py --inputs $(INPUTS)
	$(BIN)/python fuzz/coverage_guided.py all --runs $(RUNS)
	$(BIN)/python fuzz/run.py --inputs $(INPUTS) --again --record docs/records/fuzz.json
	$(BIN)/python -W error soak/run.py --designs $(DESIGNS) --record docs/records/soak.json
	$(BIN)/python -W error soak/combinations.py --designs $(DESIGNS) --record docs/records/soak_combinations.json
	$(BIN)/python docs/figures/trust.py

mutants: $(VENV)/installed-test
	nice -n 10 $(BIN)/python scripts/mutants.py

benchmark: $(VENV)/installed-test
	$(BIN)/python benchmarks/solver.py --page docs/solver.md
	$(BIN)/python benchmarks/lbfgs.py --page docs/solver.md
	$(BIN)/python benchmarks/proof.py --page docs/proof.md
	$(BIN)/python benchmarks/proof.py --moments 30 --moment-pages docs/bounds.md docs/certainty.md
	$(BIN)/python benchmarks/methods.py --page docs/methods.md --picture docs/images/methods.png
	$(BIN)/python benchmarks/anytime.py --page docs/methods.md --picture docs/images/anytime.png
	$(BIN)/python benchmarks/retzler.py --page docs/methods.md
	$(BIN)/python benchmarks/proved_sets.py --page docs/methods.md
	$(BIN)/python benchmarks/cluster.py --page
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/gpu.py --page docs/scale.md
	$(BIN)/python benchmarks/elimination.py
	$(BIN)/python benchmarks/strategies.py
	$(BIN)/python benchmarks/second_order.py
	$(BIN)/python benchmarks/time_to_target.py
	$(BIN)/python benchmarks/targets.py
	$(BIN)/python benchmarks/studio.py

docs-figures: $(VENV)/installed-test
	$(BIN)/python docs/figures/original_question.py
	$(BIN)/python docs/figures/first_look.py
	$(BIN)/python docs/figures/records.py
	$(BIN)/python docs/figures/bounds.py
	$(BIN)/python docs/figures/together.py
	$(BIN)/python docs/figures/studio.py
	$(BIN)/python docs/figures/scale_cluster.py
	$(BIN)/python docs/figures/frequency_response.py
	$(BIN)/python docs/figures/certainty.py
	for field in tweezers mri detector audio flight_test converter ofdm electrochemistry index; do $(BIN)/python docs/figures/fields/$$field.py || exit 1; done
	$(BIN)/python docs/figures/benchmarks.py
	$(BIN)/python docs/figures/trust.py

clean:
	rm -rf $(VENV) out site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

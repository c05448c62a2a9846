# Two commands do everything: `make demo` and `make test`. See README.md.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo test env proof docs samples messages bench lock
.DELETE_ON_ERROR:

env: $(VENV)/.ready ## build .venv from the hashed lock
demo: env ## the demo clinic: make demo [FRESH=1] [ARGS="--port N --speed X"]
	@$(VENV)/bin/openketamine demo $(if $(FRESH),--fresh) $(ARGS)
test: $(VENV)/.ready-test ## everything: style, types, contracts, suite on SQLite and PostgreSQL, browser journeys
	@$(PY) scripts/check.py
proof: $(VENV)/.ready-test ## the long proofs at full size, written to docs/proof/*.json: make proof [ARGS="NAME ... --small --list"]
	@$(PY) scripts/proof.py $(ARGS)
docs: $(VENV)/.ready-test ## write the pages that come from evidence, spec tests and proofs
	@$(PY) scripts/docs.py
samples: $(VENV)/.ready-test ## OPENKETAMINE_SAMPLES=DIR make samples: read real device messages kept outside the project
	@$(PY) scripts/samples.py
messages: env ## write the catalogue of texts to translate anew
	@$(PY) scripts/messages.py
bench: $(VENV)/.ready-bench ## how fast the pharmacology engine is, beside its peer (group `bench`), on one core; without the peer it fails
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PY) scripts/proof.py --strict course_speed latency a_million_people reading_assimilated $(ARGS)
lock: ## write the hashed locks anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group test -o requirements-test.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group bench -c requirements-test.lock -o requirements-bench.lock

$(VENV)/.ready: requirements.lock requirements-uv.lock pyproject.toml scripts/install.py
	@$(PYTHON) scripts/install.py requirements.lock
	@touch $@
$(VENV)/.ready-test: $(VENV)/.ready requirements-test.lock
	@$(PYTHON) scripts/install.py requirements-test.lock
	@touch $@
$(VENV)/.ready-bench: $(VENV)/.ready-test requirements-bench.lock
	@$(PYTHON) scripts/install.py requirements-bench.lock || { echo "bench: the peer numbalsoda could not be installed. Where it has no wheel it is built from source, which needs gfortran, g++, cmake and the index for its build tools." >&2; exit 1; }
	@touch $@

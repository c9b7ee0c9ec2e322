# Every command a person types. Each target first sets up what it needs; what is set up already costs a second.
PYTHON ?= python3
ENVS := $(or $(TRIAD_ENVS),.envs)
# An active conda environment named triad (environment.yml) is the hub.
HUB := $(if $(filter triad,$(CONDA_DEFAULT_ENV)),$(CONDA_PREFIX),$(ENVS)/hub)/bin
COURSE := $(HUB)/course
export PYTHONDONTWRITEBYTECODE :=
# The numerical libraries of many small processes side by side: one thread each.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup lab grade demo test test-slow test-all bench build lock upgrade clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## Make the four environments (hub, airflow, prefect, dagster)
	@$(PYTHON) autograder/environments.py setup

lab: setup ## Open JupyterLab at module 00
	@$(HUB)/jupyter lab --ServerApp.root_dir=modules --LabApp.default_url=/lab/tree/00_start/python.ipynb

grade: setup ## Grade your notebooks in modules/
	@$(COURSE) grade

demo: setup ## Run one pipeline in plain Python and in the three tools; show that they agree
	@$(COURSE) demo

test: setup ## Run the tests
	@$(HUB)/ruff check && $(HUB)/ruff format --check && $(HUB)/mypy
	@$(HUB)/python -m pytest -n auto -m "not slow"

test-slow: setup ## Run the tests that `make test` leaves out
	@$(HUB)/python -m pytest -n auto -m slow

test-all: test test-slow ## Run all tests

bench: setup ## Measure how long things take; written to bench/RESULTS.md
	@$(HUB)/python -m bench

build: setup ## Make modules/ from solutions/
	@$(COURSE) build

lock: ## Write requirements/*.txt and environment.yml from pyproject.toml, keeping pins that still fit
	@$(PYTHON) autograder/environments.py lock

upgrade: ## The same with the newest versions
	@$(PYTHON) autograder/environments.py upgrade

clean: ## Remove environments, caches and what notebooks wrote (never notebooks or grades)
	rm -rf $(ENVS) .cache .pytest_cache .ruff_cache .mypy_cache modules/*/work
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

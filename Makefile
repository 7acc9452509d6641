# SPDX-License-Identifier: MIT OR Apache-2.0
# The front door: `make help` says what there is. The work is done by tools/, CMakePresets.json and cargo.

PREFIX ?= /usr/local
# Which of CMakePresets.json is built and run: release, debug, asan or tsan.
PRESET ?= release
# Processors that the build and the tests use.
JOBS ?= $(shell nproc)

export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)
export CTEST_PARALLEL_LEVEL = $(JOBS)

.PHONY: all setup build run test sim otp oracle fuzz audit-kill node-kill stress soak-deploy bench fmt fmt-check bindings third-party install clean distclean help
.NOTPARALLEL:

all: build

setup: ## install what the build needs and this machine lacks (SETUP=no: only say it)
	@tools/setup

build: setup ## build everything into build/$(PRESET)
	@tools/build $(PRESET)

run: setup ## build what examples/hello needs, then run it
	@tools/build $(PRESET) airssys hello
	@build/$(PRESET)/airssys run examples/hello

test: setup ## build and run every test, also under the sanitizers
	@tools/test

sim: build ## run only the simulations; with SEEDS=n (and FIRST=k) so many worlds
	@$(if $(SEEDS),build/$(PRESET)/test/sim SEEDS=$(SEEDS) FIRST=$(or $(FIRST),1),tools/env ctest --preset $(PRESET) -L sim)

stress: build ## run only the long tests with real threads; with CYCLES=n so many starts and stops of a system
	@$(if $(CYCLES),build/$(PRESET)/test/cycles $(CYCLES),tools/env ctest --preset $(PRESET) -R '^stress_')

soak-deploy: build ## deploy and roll back 2,000 times under load, or DEPLOYMENTS=n times, with SEED=n
	@build/$(PRESET)/test/deploys $(or $(DEPLOYMENTS),2000) $(or $(SEED),1)

oracle: build ## hold the grants against a second implementation (PAIRS=10000000 SEED=1)
	@tools/env tests/capability/oracle.py build/$(PRESET)/test/decide --pairs $(or $(PAIRS),10000000) \
		--seed $(or $(SEED),1) --jobs $(JOBS)

audit-kill: build ## kill a process and a node that write an audit log (ROUNDS=200 SEED=1), and check the log each time
	@build/$(PRESET)/test/audit_kill $(or $(ROUNDS),200) $(or $(SEED),1)
	@tests/e2e/audit_node.sh $(CURDIR)/build/$(PRESET)/airssys . . $(or $(ROUNDS),200)

node-kill: build ## kill a node in the middle of ROUNDS=500 deployments, of a component and of an app: old or new comes back
	@tests/e2e/node_kill.sh $(CURDIR)/build/$(PRESET)/airssys $(CURDIR)/build/$(PRESET)/tests/e2e/guests . $(or $(ROUNDS),500) $(or $(SEED),1)
	@tests/e2e/app_kill.sh $(CURDIR)/build/$(PRESET)/airssys $(CURDIR)/build/$(PRESET)/tests/e2e/guests . $(or $(ROUNDS),500) $(or $(SEED),1)

fuzz: ## fuzz the patterns of grants with clang's libFuzzer (SECONDS=60, each of four targets)
	@tools/setup fuzz
	@tests/capability/fuzz $(or $(SECONDS),60)

otp: build ## compare CASES=n random cases of supervision with Erlang's (1,000; FIRST=k)
	@tests/otp/run build/$(PRESET)/test/otp_cases $(or $(CASES),1000) $(or $(FIRST),1)

bench: ## run the benchmarks, write docs/reference/performance.md (PEERS=none: without others; PEERS=all: RUSM too)
	@tools/setup $(if $(filter none,$(PEERS)),,bench$(if $(filter all,$(PEERS)),-all))
	@tools/build $(PRESET) benches
	@bench/run build/$(PRESET)/bench
	@bench/report "$(NOTE)"

fmt: ## format the C and Rust sources
	@tools/setup fmt
	@tools/fmt

fmt-check: ## fail when a source is not formatted
	@tools/fmt --check

bindings: setup ## write sdk/c/generated anew from wit/
	@tools/env cargo run --quiet --release --locked --manifest-path tools/bindings/Cargo.toml --target-dir build/bindings

third-party: setup ## write THIRD-PARTY.md anew from the lock file
	@tools/third-party

install: build ## install into PREFIX (default /usr/local); DESTDIR is heeded
	@tools/env cmake --install build/$(PRESET) --prefix "$(PREFIX)"

clean: ## remove what was built, but keep the engine, which takes minutes
	@find build -mindepth 1 -maxdepth 1 ! -name engine -exec rm -rf {} + 2>/dev/null || true

distclean: ## remove all that was built
	@rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

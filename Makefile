# Every target runs on a machine with the Rust toolchain of rust-toolchain.toml; `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench container

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## train, score and explain on the bundled data (options in ARGS="...")
	cargo build --locked --bin credit-risk
	cargo run --locked --quiet --example demo -- $(ARGS)

test: ## every check: format, lints, docs, tests, dependencies, scripts, Dockerfile
	bash scripts/test.sh

check: ## the quick part of test: format and lints
	cargo fmt --all --check
	cargo clippy --all-targets --locked -- -D warnings

bench: ## the benchmarks
	cargo bench

container: ## build the image and try it: health, read-only, non-root, clean stop
	bash scripts/container.sh

# `make demo` to see Bellwire, `make test` to check it. The steps are in tools/.

.PHONY: help demo test bench simulate build fmt lint docs clean
.NOTPARALLEL:

help:
	@echo "make demo    install what is missing, build, start the demo centre on 127.0.0.1:8080"
	@echo "make test    install what tests need, build, run every check and test"
	@echo "make bench   measure, and print the figures"
	@echo "make simulate  replay seeded days, print how good the estimates of waits are"
	@echo "make build   the web apps, and the one binary that carries them"
	@echo "make fmt | lint | docs | clean"

demo: build
	@exec target/release/bellwire serve --demo

build:
	@tools/setup.sh
	@tools/build.sh

test:
	@tools/setup.sh --tests
	@tools/build.sh
	@tools/test.sh

bench:
	@tools/setup.sh --bench
	@tools/build.sh
	@cargo run --release --locked -p bellwire-bench

simulate:
	@cargo run --release --locked -p bellwire-simulate

fmt:
	@cargo fmt --all

lint:
	@cargo clippy --locked --workspace --all-targets -- -D warnings

docs:
	@RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

# Leaves ./data alone: it holds the demo centre's accounts and conversations.
clean:
	@rm -rf target dist tests/node_modules

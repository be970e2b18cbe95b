#!/usr/bin/env bash
# Every check and every test, on what tools/build.sh made. Ends with the test runner's own summary.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# The rest of what the browser tests look for is in .cargo/config.toml.
PLAYWRIGHT_NODE_EXE=$(command -v node)
export PLAYWRIGHT_NODE_EXE

if cargo fmt --version >/dev/null 2>&1; then
  step "Checking the format" "Run make fmt, then look at what it changed."
  cargo fmt --all --check
else
  echo "rustfmt is not there: the format was not checked."
fi

if cargo clippy --version >/dev/null 2>&1; then
  step "Checking the lints" "Each warning above says what to write in its place."
  cargo clippy --locked --workspace --all-targets -- -D warnings
else
  echo "clippy is not there: the lints were not checked."
fi

tools/core-is-pure.sh

step "Running the tests of the loader and its parts" "The names of the failed ones are above."
node --test --test-reporter=dot www/test/

step "Running the examples in the documentation" "The names of the failed ones are above."
cargo test --locked --workspace --doc --quiet

step "Running the tests" "The names of the failed tests are above."
if cargo nextest --version >/dev/null 2>&1; then
  # The runner's summary is the last word, whatever it says.
  exec cargo nextest run --locked --workspace --no-fail-fast
else
  # One test at a time in the browser tests: each starts two browsers.
  cargo test --locked --workspace --exclude bellwire-tests --lib --bins --tests --no-fail-fast
  cargo test --locked -p bellwire-tests --lib --tests --no-fail-fast -- --test-threads 1
fi

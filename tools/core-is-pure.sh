#!/usr/bin/env bash
# The core makes decisions and touches nothing: built for a bare machine, with its tests, it must
# not import a thing. A clock, a socket or a random source in it would show here.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

step "Checking that the core is pure" \
  "An import above is something that the core takes from outside. Let it come in as an input."
use_wasm_compiler
messages=$(cargo test --locked -p bellwire-core --no-run --target "$WASM_TARGET" --message-format json)
modules=$(sed -n 's/.*"executable":"\([^"]*\.wasm\)".*/\1/p' <<<"$messages")
[ -n "$modules" ] || stop "cargo built no module for $WASM_TARGET, so there is nothing to check."
tr '\n' '\0' <<<"$modules" | xargs -0 node tools/wasm-imports.mjs

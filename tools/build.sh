#!/usr/bin/env bash
# Builds the web apps into dist/ where their sources changed, then the server that carries them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

STAMP=target/web/built-from

# What the web apps are made of: contents and not times, which git does not keep.
fingerprint() {
  {
    find Cargo.toml Cargo.lock Trunk.toml tools proto client agent-ui www/*.js -type f \
      ! -name '*.md' ! -path '*/target/*' ! -path '*/tests/*' -print0 |
      sort -z | xargs -0 cksum
    rustc --version
    echo "$TRUNK_VERSION $WASM_BINDGEN_VERSION $BINARYEN_VERSION ${BELLWIRE_WASM:-}"
  } | cksum
}

web_apps() {
  local now
  now=$(fingerprint)
  if [ -f dist/agent/index.html ] && [ -f dist/widget/index.html ] &&
    [ "$(cat "$STAMP" 2>/dev/null)" = "$now" ]; then
    return
  fi
  rm -f "$STAMP"
  rm -rf dist/agent/.stage dist/widget/.stage
  step "Fetching the crates of the web apps" \
    "Is the network there, and does Cargo.lock fit Cargo.toml? Run this again when it does."
  (use_wasm_compiler && build_small && cargo fetch --locked --target "$WASM_TARGET")
  step "Building the widget and the desk (some minutes the first time)" \
    "The first error above is the one to look at. Where a tool is at fault, run tools/setup.sh again."
  (
    use_wasm_compiler
    build_small
    # Trunk takes NO_COLOR=1 for a mistake, and buries a compiler's error under a backtrace.
    unset NO_COLOR RUST_BACKTRACE
    TRUNK_SKIP_VERSION_CHECK=true trunk build --release
  )
  step "Making the web apps small" "Run tools/setup.sh again, then this."
  node tools/small.mjs "$TOOLS/npm/node_modules/terser" dist/widget dist/agent www:dist
  mkdir -p "$(dirname "$STAMP")"
  echo "$now" >"$STAMP"
}

web_apps
step "Building the server" "The first error above is the one to look at."
cargo build --release --locked -p bellwire

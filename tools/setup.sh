#!/usr/bin/env bash
# Installs what is missing to build Bellwire, with --tests what its tests need besides, and with --bench what
# Bellwire is measured against too.
# Says what it installs and why; with everything there it only looks, in a fraction of a second.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

AGAIN="The lines above say what went wrong. Correct it, then run the same command again: finished steps are not repeated."

# system_packages WHY PACKAGE...: through apt, as root or by sudo; elsewhere says what to install.
system_packages() {
  local why=$1 root=()
  shift
  step "Installing $* ($why)" "$AGAIN"
  has apt-get ||
    stop "This system has no apt. Install these yourself (names as in Debian), then run this again: $*"
  if [ "$(id -u)" != 0 ]; then
    has sudo || stop "Installing needs root. Ask an administrator to run: apt-get install $*"
    root=(sudo)
  fi
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@"
}

basics() {
  has cc || system_packages "a C compiler: SQLite is built from source" gcc libc6-dev
  has cmake || system_packages "the Opus library is built with it" cmake
  if ! has node || ! has npm; then
    system_packages "they run wasm-opt and drive the test browsers" nodejs npm
  fi
}

rust() {
  if rust_is_new_enough; then return; fi
  if has rustup; then
    step "Updating Rust through rustup (this one is too old)" "$AGAIN"
    within 600 rustup update stable || true
  fi
  if ! rust_is_new_enough; then
    system_packages "a Rust compiler that is new enough" rustc-web cargo-web
    export PATH="$TOOLS/bin:/usr/bin:$PATH"
  fi
  rust_is_new_enough || stop "Rust is older than the rust-version in Cargo.toml. \
Install a newer one from https://rustup.rs, then run this again."
}

wasm_compiler() {
  if [ "${BELLWIRE_WASM:-}" != debian ]; then
    if rustc_has_wasm; then return; fi
    if has rustup; then
      step "Adding the target $WASM_TARGET through rustup (the web apps run in browsers)" "$AGAIN"
      if within 180 rustup target add "$WASM_TARGET" && rustc_has_wasm; then return; fi
      echo "rustup could not fetch it; falling back to the distribution's compiler."
    fi
  fi
  if [ -x "$DEBIAN_WASM/rustc" ] &&
    [ "$(/usr/bin/rustc --version 2>/dev/null)" = "$(cat "$DEBIAN_WASM/made-by" 2>/dev/null)" ]; then
    return
  fi
  if ! [ -x /usr/bin/cargo ] || ! [ -d /usr/lib/rustlib/src/rust/library ] || ! has lld-22; then
    system_packages "a compiler that can build for browsers" \
      rustc-web cargo-web rust-web-src rust-web-llvm lld-22
  fi
  step "Building the standard library for $WASM_TARGET (about a minute, once)" "$AGAIN"
  tools/debian-wasm.sh "$DEBIAN_WASM"
}

# crate_tool PROGRAM VERSION CRATE MINUTES WHY [INSTALL-OPTION...]
#
# These run a few times a day, so they are built to be ready soon, not to be fast.
crate_tool() {
  local program=$1 version=$2 crate=$3 minutes=$4 why=$5
  shift 5
  case "$("$program" --version 2>/dev/null)" in *" $version"*) return ;; esac
  step "Installing $crate $version into $TOOLS ($why; about $minutes minutes, once)" "$AGAIN"
  # Run outside the clone, whose cargo settings are not for tools. The target folder stays until
  # the end, so that an interrupted installation goes on where it was.
  (
    cd "$TOOLS"
    export CARGO_TARGET_DIR=$TOOLS/build CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
      CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_DEBUG=0 \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    unset RUSTFLAGS RUSTC_WRAPPER
    cargo install "$crate" --version "$version" --root "$TOOLS" --force "$@"
    rm -rf "$TOOLS/build"
  )
}

# Without it the web apps work as well; a visitor loads a twelfth more.
library_source() {
  if (use_wasm_compiler && has_library_source); then return; fi
  has rustup || return 0
  step "Adding the standard library's source through rustup (it makes the web apps smaller)" "$AGAIN"
  within 180 rustup component add rust-src || echo "It could not be fetched: the web apps will be larger."
}

minifier() {
  if grep -qs "\"version\": \"$TERSER_VERSION\"" "$TOOLS/npm/node_modules/terser/package.json"; then return; fi
  step "Installing terser $TERSER_VERSION into $TOOLS (it makes the web apps smaller)" "$AGAIN"
  npm install --silent --no-save --prefix "$TOOLS/npm" "terser@$TERSER_VERSION" "binaryen@$BINARYEN_VERSION.0.0"
}

wasm_opt() {
  local package=$TOOLS/npm/node_modules/binaryen
  if [ -x "$TOOLS/bin/wasm-opt" ] &&
    grep -qs "\"version\": \"$BINARYEN_VERSION\.0\.0\"" "$package/package.json"; then return; fi
  step "Installing wasm-opt $BINARYEN_VERSION into $TOOLS (it makes the web apps smaller)" "$AGAIN"
  npm install --silent --no-save --prefix "$TOOLS/npm" "binaryen@$BINARYEN_VERSION.0.0"
  ln -sf ../npm/node_modules/binaryen/bin/wasm-opt "$TOOLS/bin/wasm-opt"
}

browser_and_sound() {
  local missing=()
  has chromium || missing+=(chromium)
  has nft || missing+=(nftables)
  has ip || missing+=(iproute2)
  [ -n "$(fc-list 2>/dev/null)" ] || missing+=(fontconfig fonts-liberation)
  [ ${#missing[@]} = 0 ] ||
    system_packages "the tests drive two real browsers, lose their packets, and take screenshots" "${missing[@]}"
}

# without_services WHY "PACKAGE..." SERVICE...: packages whose services the distribution would start at once. Tests start
# their own, on ports of their own.
without_services() {
  local why=$1 packages=() quiet=()
  read -ra packages <<<"$2"
  shift 2
  if [ $# != 0 ] && [ -d /run/systemd/system ]; then
    quiet=(systemctl)
    [ "$(id -u)" = 0 ] || quiet=(sudo systemctl)
    "${quiet[@]}" mask --quiet --runtime "$@"
  fi
  system_packages "$why" "${packages[@]}"
  if [ ${#quiet[@]} != 0 ]; then
    "${quiet[@]}" unmask --quiet --runtime "$@"
    "${quiet[@]}" disable --quiet "$@"
  fi
}

telephones() {
  local missing=() services=()
  has sipp || missing+=(sip-tester)
  has baresip || missing+=(baresip-core)
  has kamailio || [ -x /usr/sbin/kamailio ] || { missing+=(kamailio) && services+=(kamailio.service); }
  has rtpengine || { missing+=(rtpengine-daemon) && services+=(rtpengine-daemon.service); }
  has sox || missing+=(sox)
  [ ${#missing[@]} != 0 ] || return 0
  without_services "the tests call real telephones, a carrier and a media proxy" "${missing[*]}" "${services[@]}"
}

# What Bellwire's telephones are measured against, beside what the tests have already.
peers() {
  local missing=() services=()
  has janus || { missing+=(janus) && services+=(janus.service); }
  has_kamailio_websocket || missing+=(kamailio-websocket-modules)
  [ ${#missing[@]} != 0 ] || return 0
  without_services "the telephones are measured beside them" "${missing[*]}" "${services[@]}"
}

has_kamailio_websocket() {
  compgen -G "/usr/lib/*/kamailio/modules/websocket.so" >/dev/null
}

test_packages() {
  if cmp -s tests/package-lock.json tests/node_modules/.installed-lock; then return; fi
  step "Installing the browser driver and the accessibility checker into tests/node_modules" "$AGAIN"
  npm ci --silent --prefix tests
  cp tests/package-lock.json tests/node_modules/.installed-lock
}

lint_tools() {
  has rustup || return 0
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
  step "Adding rustfmt and clippy through rustup (the tests check format and lints)" "$AGAIN"
  within 180 rustup component add rustfmt clippy
}

step "Looking for the tools" "$AGAIN"
mkdir -p "$TOOLS/bin"
basics
rust
wasm_compiler
crate_tool trunk "$TRUNK_VERSION" trunk 8 "it bundles the web apps" --locked --no-default-features
# Not --locked: the lock file it is published with asks for a version that registries may not hold.
crate_tool wasm-bindgen "$WASM_BINDGEN_VERSION" wasm-bindgen-cli 5 "it joins Rust and the browser"
library_source
wasm_opt
minifier
case "${1:-}" in --tests | --bench)
  browser_and_sound
  telephones
  test_packages
  lint_tools
  ;;
esac
[ "${1:-}" != --bench ] || peers

# shellcheck shell=bash
# Shared by the scripts in this folder: where things are, how to speak, how to stop.
# Source it from a script that has `set -euo pipefail`; it leaves you in the repository's root.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Tools we compile live outside the clone, so that a fresh clone finds them ready.
TOOLS=${BELLWIRE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/bellwire/tools}
export PATH="$TOOLS/bin:$PATH"

TRUNK_VERSION=0.21.14
WASM_BINDGEN_VERSION=0.2.130 # equals the pin in Cargo.toml
BINARYEN_VERSION=116         # equals wasm_opt in both Trunk.toml files
TERSER_VERSION=5.51.2
export TRUNK_VERSION WASM_BINDGEN_VERSION BINARYEN_VERSION TERSER_VERSION

WASM_TARGET=wasm32-unknown-unknown
# The compiler of the distribution with a standard library of our own making (tools/debian-wasm.sh).
DEBIAN_WASM=$TOOLS/debian-wasm

CURRENT_STEP=
CURRENT_HINT=

# step TITLE HINT: says what comes next; HINT is what a person can do should it fail.
step() {
  CURRENT_STEP=$1
  CURRENT_HINT=$2
  printf '==> %s\n' "$1"
}

# stop SENTENCE...: ends the script with a reason in place of the step's own hint.
stop() {
  CURRENT_HINT=$*
  exit 1
}

tell_failure() {
  local status=$?
  case $status in 0 | 130 | 143) return ;; esac
  printf '\nThis step failed: %s\n%s\n' "${CURRENT_STEP:-start}" "$CURRENT_HINT" >&2
}
trap tell_failure EXIT

has() { command -v "$1" >/dev/null 2>&1; }

# within SECONDS COMMAND...: with a time limit, where the system has the means to set one.
within() {
  local seconds=$1
  shift
  if has timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# at_least HAVE WANT: compares dotted versions.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# rust_is_new_enough: the compiler on PATH can build this workspace.
rust_is_new_enough() {
  local have want
  want=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)
  has cargo && have=$(rustc --version 2>/dev/null | cut -d ' ' -f 2) || return 1
  at_least "${have%%-*}" "${want:-1.95}"
}

# Where the first compiler on PATH is too old, the distribution's may do.
rust_is_new_enough || export PATH="$TOOLS/bin:/usr/bin:$PATH"

# rustc_has_wasm: the compiler on PATH comes with the standard library for the browser.
rustc_has_wasm() {
  local dir
  dir=$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null) &&
    compgen -G "$dir/libstd-*.rlib" >/dev/null
}

# use_wasm_compiler: from here on cargo and Trunk build for the browser. It has a target folder
# of its own: the compiler may differ from the server's, and so neither waits for the other's lock.
use_wasm_compiler() {
  export CARGO_TARGET_DIR=$PWD/target/web
  if [ "${BELLWIRE_WASM:-}" != debian ] && rustc_has_wasm; then return; fi
  [ -x "$DEBIAN_WASM/rustc" ] ||
    stop "No compiler for $WASM_TARGET was found. Run tools/setup.sh, which installs one."
  export PATH="$TOOLS/bin:/usr/bin:$PATH" RUSTC="$DEBIAN_WASM/rustc"
}

# has_library_source: the standard library's source lies beside the compiler in use.
has_library_source() {
  [ -d "$("${RUSTC:-rustc}" --print sysroot)/lib/rustlib/src/rust/library" ]
}

# build_small: from here on web apps are built with a standard library made for size, which ends
# at once where it would panic. A visitor loads a twelfth less. The switches are not stable yet,
# so nothing but the size of the release depends on them.
build_small() {
  has_library_source || return 0
  export RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort \
    CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Cpanic=immediate-abort -Zunstable-options -Zlocation-detail=none -Zfmt-debug=none"
}

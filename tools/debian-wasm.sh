#!/usr/bin/env bash
# Makes DIR/rustc: Debian's compiler with a standard library for the browser, where rustup cannot
# be reached. Debian ships that library's source only, and /usr stays untouched.
set -euo pipefail
[ $# = 1 ] || { echo "usage: tools/debian-wasm.sh DIR" >&2; exit 2; }
dir=$1
target=wasm32-unknown-unknown
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')

rm -rf "$dir"
mkdir -p "$dir/build/src"
cd "$dir/build"
touch src/lib.rs
cat >Cargo.toml <<'TOML'
[package]
name = "stdlib"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[workspace]

# Without `lto = "off"` cargo would make libraries that only link-time optimisation can read.
[profile.release]
opt-level = 3
panic = "abort"
codegen-units = 1
lto = "off"
TOML

# The bitcode lets release builds optimise across crates; `test` lets tests be built for browsers.
env -u CARGO_TARGET_DIR RUSTFLAGS=-Cembed-bitcode=yes RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
  /usr/bin/cargo build --release -Z build-std=std,panic_abort,test --target "$target"

libs=$dir/sysroot/lib/rustlib/$target/lib
mkdir -p "$libs"
ln -s "/usr/lib/rustlib/$host" "$dir/sysroot/lib/rustlib/$host"
ln -s /usr/lib/rustlib/src "$dir/sysroot/lib/rustlib/src"
find "target/$target/release/deps" -name '*.rlib' ! -name 'libstdlib*' -exec cp {} "$libs/" \;

cat >"$dir/rustc" <<SH
#!/bin/sh
exec /usr/bin/rustc --sysroot "$dir/sysroot" "\$@"
SH
chmod +x "$dir/rustc"
/usr/bin/rustc --version >"$dir/made-by"
rm -rf "$dir/build"

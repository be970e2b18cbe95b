//! Tells cargo that the binary carries the web apps: a file that is added to them is news too.

fn main() {
    for folder in ["../dist", "../www"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}

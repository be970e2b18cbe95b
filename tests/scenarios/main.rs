//! The real server and scripted peers on real sockets: what a browser is not needed for.

#![allow(
    clippy::print_stdout,
    reason = "seeds and times are worth reading beside the tests' names"
)]

mod crashes;
mod doors;
mod floor;
mod pages;
mod rough;

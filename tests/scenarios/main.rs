//! The real server and scripted peers on real sockets: what a browser is not needed for.

#![allow(
    clippy::print_stdout,
    reason = "seeds and times are worth reading beside the tests' names"
)]

mod administration;
mod crashes;
mod doors;
mod floor;
mod invitations;
mod knowing;
mod pages;
mod privacy;
mod rough;
mod status;
mod waiting;

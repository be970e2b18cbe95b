//! The floor on a virtual clock: no socket, no sleep, the same every run.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails where it is wrong, and looks for one event among all"
)]

mod calls;
mod chats;
mod offers;
mod random;
mod restart;
mod sim;
mod visitors;

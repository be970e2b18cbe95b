//! The floor on a virtual clock: no socket, no sleep, the same every run.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails where it is wrong, and looks for one event among all"
)]

mod calls;
mod chats;
mod given;
mod intents;
mod invitations;
mod messages;
mod offers;
mod privacy;
mod prompts;
mod queues;
mod random;
mod restart;
mod setups;
mod sim;
mod status;
mod telephones;
mod visitors;
mod waiting;
mod wild;

//! Real browsers on two origins: a visitor in a shop, an agent at a desk, and what each sees and
//! hears of the other.

#![allow(
    clippy::print_stdout,
    reason = "measured times are worth reading beside the tests' names"
)]

mod administration;
mod calls;
mod chats;
mod desks;
mod edits;
mod embedding;
mod invitations;
mod journeys;
mod privacy;
mod questions;
mod scene;
mod screens;
mod supervision;
mod telephone_pages;
mod telephones;
mod troubles;
mod waiting;

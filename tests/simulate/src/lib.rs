//! Seeded days on a virtual clock: how good the estimates of waits are.
//!
//! A fast floor ([`day`]) replays millions of arrivals into the same estimates that the centre
//! uses, and must first meet values that theory knows ([`known`]). A slower one ([`floor`])
//! drives the centre itself. `docs/WAIT-ESTIMATES.md`
//! reads the tables.

pub mod against;
pub mod day;
pub mod days;
pub mod dice;
pub mod erlang;
pub mod floor;
pub mod jobs;
pub mod known;
pub mod report;
pub mod scenario;
pub mod score;
pub mod tally;

//! The server: one binary that carries the web apps, lets browsers talk to the core, and keeps
//! what must outlive it.
//!
//! - [`cli`] is the command line; [`serve`] starts and stops everything; [`config`] says how.
//! - `centre` is the one task that owns the core's state machine; `ws` and `http` are the doors.
//! - `phone` serves telephones: each is a page without a screen.
//! - [`store`] is the database, [`auth`] says who is let in, [`seed`] what a centre begins with.
//! - [`clock`] and [`random`] are the only places that read a clock and draw random numbers.

mod app;
pub mod auth;
mod centre;
pub mod cli;
pub mod clock;
pub mod config;
mod http;
mod metrics;
pub mod origin;
mod phone;
mod public;
pub mod random;
pub mod seed;
pub mod serve;
pub mod store;
mod tags;
mod telemetry;
mod ws;

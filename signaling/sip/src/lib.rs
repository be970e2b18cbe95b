//! The SIP endpoint: registrar, trunks, and the legs of calls.
//!
//! What it decides is without IO (who may sign in, where phones are reached, what is refused, how ends are told).
//! [`endpoint`] has the sockets, `calls` one task for each leg, `trunks` what is kept up with carriers; transactions and
//! dialogs are rsipstack's. What a call is for, and its session descriptions, do not live here.

pub mod api;
pub mod bans;
pub mod bindings;
mod calls;
pub mod cause;
pub mod checks;
pub mod digest;
pub mod endpoint;
pub mod networks;
pub mod session_timer;
pub mod settings;
mod shared;
mod trunks;
pub mod words;

#[cfg(test)]
mod hostile;

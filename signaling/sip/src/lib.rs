//! What the SIP endpoint decides, without IO: who may sign in, where phones are reached, what is
//! refused, how ends are told. Sockets, transactions and dialogs do not live here.

pub mod bans;
pub mod bindings;
pub mod cause;
pub mod checks;
pub mod digest;
pub mod networks;
pub mod session_timer;
pub mod settings;
pub mod words;

#[cfg(test)]
mod hostile;

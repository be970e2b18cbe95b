//! Telephones at the server: real SIP, real sound, and hanging up that reaches everybody.

mod callers;
mod desks;
mod firefox;
mod hostile;
mod real;
mod registering;
mod signalling;
mod trunks;

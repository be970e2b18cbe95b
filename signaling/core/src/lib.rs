//! Every decision a contact centre makes, and none of its IO.
//!
//! [`Centre`] is a state machine. The shells around it (WebSocket, media, store) turn what they
//! hear into an [`Input`] and carry out each [`Output`]. Time comes in as `now` and goes out as
//! the next deadline, so a test or a replay runs a whole day in a moment.
//!
//! ```text
//!   handle_input(input, now) ──▶ Centre ──▶ poll_output()  : what to do
//!   handle_timeout(now) ───────▶        ──▶ poll_timeout() : when to call back, and why
//! ```

mod agents;
mod centre;
pub mod check;
pub mod collect;
pub mod dialling;
mod facts;
pub mod hours;
mod input;
pub mod intent;
mod interaction;
pub mod leg;
mod output;
pub mod prompt;
pub mod record;
pub mod routing;
mod sessions;
pub mod setup;
pub mod wait;

pub use centre::{Centre, Restored};
pub use input::{Input, Left, PhoneRefusal, Recalled, Telephone};
pub use output::{Audience, Note, Output, QueueStatus, Ring, RingAt, When};

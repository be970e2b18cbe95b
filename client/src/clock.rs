//! The only place of the web apps that reads a clock.

use bellwire_proto::time::Timestamp;

/// This computer's time. It may be wrong; for the server's see
/// [`Connection::server_now`](crate::link::Connection::server_now).
#[must_use]
pub fn now() -> Timestamp {
    // A browser's clock is a whole number of milliseconds after 1970.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "see above"
    )]
    Timestamp(js_sys::Date::now() as u64)
}

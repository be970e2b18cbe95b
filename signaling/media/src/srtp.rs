//! SRTP with keys from the session description, for telephones.
//!
//! RFC 3711 §3 and §4 (transforms AES-CM and HMAC-SHA1, replay window, SRTCP), RFC 6188 (256 bits)
//! and RFC 4568 (the `a=crypto` line). Left out: F8, null ciphers, key derivation rates, several
//! keys in one line. Browsers use DTLS-SRTP, which is not here. Cryptography is aws-lc's.

mod context;
mod keys;
mod line;
mod window;

pub use context::{Receiver, Sender};
pub use keys::{MasterKey, Suite};
pub use line::{CryptoLine, LineError};

/// Why a packet was not protected or not accepted. Drop and count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    /// Too short for a header and its tag, or its lengths lie.
    #[error("the packet is not SRTP")]
    Malformed,
    /// Changed on its way, or made with other keys.
    #[error("the packet's authentication tag is wrong")]
    Forged,
    /// Seen before, or too old to know.
    #[error("the packet was received before")]
    Replayed,
    /// The master key was used for as many packets as its lifetime allows: agree on a new one.
    #[error("the key's lifetime is over; renegotiate the session")]
    Exhausted,
    /// More sources under one key than a leg has.
    #[error("too many sources use this key")]
    TooManySources,
}

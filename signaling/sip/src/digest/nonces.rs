//! Nonces that need no memory until they are used, and the memory of those that were.
//!
//! A nonce is its time of issue, a running number, and a seal over both and the source that it
//! was given to. Only one that was used for a right login is remembered, with the nonce counts
//! that it saw, so that nothing can be sent twice (RFC 7616 §3.4.5).

use std::{collections::BTreeMap, net::IpAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::hex;

/// How long a nonce can be used, in milliseconds.
const LIFE_MS: u64 = 5 * 60 * 1000;
/// How many nonces are remembered; with more, the oldest is given up and can no longer be used.
const MOST: usize = 16_384;
/// How far a nonce count may lie behind the highest, as requests overtake each other.
const WINDOW: u32 = 64;
/// Time and number, 8 bytes each, and the seal's first 16 bytes, in hexadecimal.
const STAMP_LEN: usize = 32;
const NONCE_LEN: usize = STAMP_LEN + 32;

/// When a nonce was issued, in milliseconds, and its running number.
type Stamp = (u64, u64);

/// A nonce count that was not used yet: see [`Nonces::take`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Count {
    stamp: Stamp,
    count: u32,
}

/// Whether a nonce can be used with this count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Use {
    /// It can.
    Free(Count),
    /// It is not ours, too old, or was used with this count.
    Taken,
}

/// Makes and knows nonces.
pub(super) struct Nonces {
    key: [u8; 32],
    most: usize,
    issued: u64,
    used: BTreeMap<Stamp, Counts>,
    /// Nonces up to here are given up.
    floor: Stamp,
}

impl Nonces {
    pub(super) const fn new(key: [u8; 32]) -> Self {
        Self {
            key,
            most: MOST,
            issued: 0,
            used: BTreeMap::new(),
            floor: (0, 0),
        }
    }

    /// With room for `most` used nonces.
    #[cfg(test)]
    pub(super) fn with_room(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// A nonce for `source`.
    pub(super) fn issue(&mut self, source: IpAddr, now_ms: u64) -> String {
        self.issued = self.issued.wrapping_add(1);
        self.seal((now_ms, self.issued), source)
    }

    /// Whether `nonce` can be used with `count` by `source`.
    pub(super) fn look(&self, nonce: &str, count: u32, source: IpAddr, now_ms: u64) -> Use {
        let Some(stamp) = self.open(nonce, source) else {
            return Use::Taken;
        };
        let (at_ms, _) = stamp;
        // A clock that was set back makes nonces from the future; they may be used, too.
        if at_ms.saturating_add(LIFE_MS) <= now_ms || at_ms > now_ms.saturating_add(LIFE_MS) {
            return Use::Taken;
        }
        let free = match self.used.get(&stamp) {
            Some(counts) => counts.is_free(count),
            None => stamp > self.floor,
        };
        if free {
            Use::Free(Count { stamp, count })
        } else {
            Use::Taken
        }
    }

    /// Marks a count as used, and forgets what has grown too old.
    pub(super) fn take(&mut self, Count { stamp, count }: Count) {
        self.used.entry(stamp).or_default().take(count);
        while self.used.len() > self.most {
            let Some((oldest, _)) = self.used.pop_first() else {
                return;
            };
            self.floor = oldest;
        }
    }

    fn seal(&self, (at_ms, number): Stamp, source: IpAddr) -> String {
        let stamp = format!("{at_ms:016x}{number:016x}");
        let mut seal =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of every length");
        seal.update(stamp.as_bytes());
        seal.update(source.to_canonical().to_string().as_bytes());
        let seal = seal.finalize().into_bytes();
        format!("{stamp}{}", hex(&seal[..16]))
    }

    /// The stamp of a nonce that we gave to `source`.
    fn open(&self, nonce: &str, source: IpAddr) -> Option<Stamp> {
        if nonce.len() != NONCE_LEN || !nonce.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let stamp = (
            u64::from_str_radix(nonce.get(..16)?, 16).ok()?,
            u64::from_str_radix(nonce.get(16..STAMP_LEN)?, 16).ok()?,
        );
        let ours = self.seal(stamp, source);
        bool::from(ours.as_bytes().ct_eq(nonce.as_bytes())).then_some(stamp)
    }
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nonces")
            .field("issued", &self.issued)
            .field("used", &self.used.len())
            .finish_non_exhaustive()
    }
}

/// The counts that a nonce was used with: the highest, and which of the 64 up to it.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    highest: u32,
    seen: u64,
}

impl Counts {
    fn is_free(self, count: u32) -> bool {
        match self.highest.checked_sub(count) {
            None => true,
            Some(behind) => behind < WINDOW && self.seen & (1 << behind) == 0,
        }
    }

    fn take(&mut self, count: u32) {
        match self.highest.checked_sub(count) {
            None => {
                let ahead = count - self.highest;
                self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
                self.highest = count;
            }
            Some(behind) if behind < WINDOW => self.seen |= 1 << behind,
            Some(_) => {}
        }
    }
}

//! Random numbers from the operating system: the only place that draws them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Letters and digits that are not mistaken for each other, 32 of them.
const READABLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// `N` random bytes.
///
/// # Panics
///
/// Where the operating system has no randomness: nothing that needs a secret may go on then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 128 random bits, for ids.
#[must_use]
pub fn bits() -> u128 {
    u128::from_le_bytes(bytes())
}

/// A secret of 256 bits that stands in headers and cookies as it is.
#[must_use]
pub fn token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A text of `letters` easily read letters and digits, 5 bits each.
#[must_use]
pub fn readable(letters: usize) -> String {
    (0..letters)
        .map(|_| char::from(READABLE[usize::from(bytes::<1>()[0] % 32)]))
        .collect()
}

/// A password of 80 bits that can be read out: `k7mq-2xvd-9hpt-w3nc`.
#[must_use]
pub fn password() -> String {
    let groups: Vec<String> = (0..4).map(|_| readable(4)).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_differ() {
        assert_ne!(token(), token());
    }

    #[test]
    fn a_password_is_four_groups_of_four() {
        let password = password();

        assert_eq!(password.len(), 19);
        assert!(password.split('-').all(|group| group.len() == 4));
    }
}

//! The `a=crypto` line of a session description (RFC 4568 §4, §6 and §9.1).

use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::{MasterKey, Suite};

/// The value of one `a=crypto` attribute: what comes behind the colon.
///
/// Formatting with `{}` gives the whole line, key and all: it is for the session description.
/// Debug output hides the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CryptoLine {
    /// Which of the offered lines this is; the answer repeats it. At most nine digits.
    pub tag: u32,
    /// Cipher and authentication.
    pub suite: Suite,
    /// The key with which whoever wrote the line sends.
    pub key: MasterKey,
    /// For how many packets the key is good, `None` for as many as SRTP allows.
    pub lifetime: Option<u64>,
    /// The master key identifier that follows each packet: its bytes, at most 16.
    pub mki: Vec<u8>,
}

/// Why a line is of no use to us. Try the next one of the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Not the form of RFC 4568 §9.1.
    #[error("the crypto line is malformed")]
    Malformed,
    /// A suite, a key method, several keys or a session parameter that we do not have.
    #[error("the crypto line asks for something that is not supported; try the next line")]
    Unsupported,
    /// The key is not base64, or not as long as its suite says.
    #[error("the key of the crypto line does not fit its suite")]
    Key,
}

impl CryptoLine {
    /// A line of ours with a new random key, no lifetime and no identifier.
    #[must_use]
    pub fn random(tag: u32, suite: Suite) -> Self {
        let key = MasterKey::random(suite);
        Self {
            tag: tag.min(999_999_999),
            suite,
            key,
            lifetime: None,
            mki: Vec::new(),
        }
    }

    /// The first of `lines` that we can use: what to answer an offer with.
    pub fn choose<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        lines.into_iter().find_map(|line| line.parse().ok())
    }
}

impl FromStr for CryptoLine {
    type Err = LineError;

    fn from_str(value: &str) -> Result<Self, LineError> {
        let mut words = value.split_ascii_whitespace();
        let mut word = || words.next().ok_or(LineError::Malformed);
        let tag = word()?;
        if tag.len() > 9 || !tag.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(LineError::Malformed);
        }
        let tag = tag.parse().map_err(|_| LineError::Malformed)?;
        let name = word()?;
        let suite = Suite::ALL
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
            .ok_or(LineError::Unsupported)?;
        let keys = word()?;
        if words.any(|parameter| !is_harmless(parameter)) {
            return Err(LineError::Unsupported);
        }
        let (method, info) = keys.split_once(':').ok_or(LineError::Malformed)?;
        if !method.eq_ignore_ascii_case("inline") || info.contains(';') {
            return Err(LineError::Unsupported);
        }
        let mut parts = info.split('|');
        let key = read_key(suite, parts.next().unwrap_or_default())?;
        let mut line = Self {
            tag,
            suite,
            key,
            lifetime: None,
            mki: Vec::new(),
        };
        for (position, part) in parts.enumerate() {
            match part.split_once(':') {
                Some((identifier, length)) if line.mki.is_empty() => {
                    line.mki = read_identifier(identifier, length)?;
                }
                // The lifetime comes first, and once.
                None if position == 0 => line.lifetime = Some(read_lifetime(part)?),
                Some(_) | None => return Err(LineError::Malformed),
            }
        }
        Ok(line)
    }
}

impl std::fmt::Display for CryptoLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = Zeroizing::new(BASE64.encode(self.key.expose()));
        write!(
            formatter,
            "{} {} inline:{}",
            self.tag,
            self.suite.name(),
            key.as_str()
        )?;
        match self.lifetime {
            Some(lifetime) if lifetime.is_power_of_two() => {
                write!(formatter, "|2^{}", lifetime.trailing_zeros())?;
            }
            Some(lifetime) => write!(formatter, "|{lifetime}")?,
            None => {}
        }
        if !self.mki.is_empty() {
            let number = self
                .mki
                .iter()
                .fold(0, |number, byte| number << 8 | u128::from(*byte));
            write!(formatter, "|{number}:{}", self.mki.len())?;
        }
        Ok(())
    }
}

/// What is longer cannot be written as a number of ours, and nobody sends it.
const MOST_IDENTIFIER_BYTES: usize = 16;
/// Packets that one key may protect at most (RFC 3711 §9.2).
const MOST_LIFETIME: u64 = 1 << 48;

/// Some telephones leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn read_key(suite: Suite, text: &str) -> Result<MasterKey, LineError> {
    let mut bytes = Zeroizing::new([0; 64]);
    let length = BASE64
        .decode_slice(text, &mut bytes[..])
        .map_err(|_| LineError::Key)?;
    MasterKey::new(suite, &bytes[..length]).ok_or(LineError::Key)
}

fn read_lifetime(text: &str) -> Result<u64, LineError> {
    let number = match text.split_once('^') {
        Some(("2", exponent)) => {
            let exponent: u32 = exponent.parse().map_err(|_| LineError::Malformed)?;
            1u64.checked_shl(exponent).ok_or(LineError::Malformed)?
        }
        Some(_) => return Err(LineError::Malformed),
        None => text.parse().map_err(|_| LineError::Malformed)?,
    };
    if (1..=MOST_LIFETIME).contains(&number) {
        Ok(number)
    } else {
        Err(LineError::Malformed)
    }
}

fn read_identifier(identifier: &str, length: &str) -> Result<Vec<u8>, LineError> {
    let length: usize = length.parse().map_err(|_| LineError::Malformed)?;
    if length == 0 || length > 128 {
        return Err(LineError::Malformed);
    }
    if length > MOST_IDENTIFIER_BYTES {
        return Err(LineError::Unsupported);
    }
    let number: u128 = identifier.parse().map_err(|_| LineError::Malformed)?;
    let bytes = number.to_be_bytes();
    let (above, kept) = bytes.split_at(bytes.len() - length);
    if above.iter().any(|byte| *byte != 0) {
        return Err(LineError::Malformed);
    }
    Ok(kept.to_vec())
}

/// Session parameters that change nothing for us: the window's size is a hint (§6.3.7), a
/// derivation rate of 0 is ours (§6.3.1), and those with a `-` may be ignored (§9.1).
fn is_harmless(parameter: &str) -> bool {
    let is_window = parameter
        .get(..4)
        .is_some_and(|name| name.eq_ignore_ascii_case("WSH="));
    is_window || parameter.eq_ignore_ascii_case("KDR=0") || parameter.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dice;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn parse(text: &str) -> Result<CryptoLine, LineError> {
        text.parse()
    }

    /// The example of RFC 4568 §10.1, with a lifetime and an identifier.
    #[test]
    fn the_line_of_the_rfc_is_read_and_written_as_it_is() {
        let text = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4");

        let line = parse(&text).unwrap();

        assert_eq!((line.tag, line.suite), (1, Suite::AesCm128HmacSha1_80));
        assert_eq!(line.lifetime, Some(1 << 20));
        assert_eq!(line.mki, [0, 0, 0, 1]);
        assert_eq!(line.to_string(), text);
    }

    #[test]
    fn lifetime_and_identifier_may_each_be_missing() {
        let with =
            |tail: &str| parse(&format!("2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}{tail}")).unwrap();

        assert_eq!(with("").lifetime, None);
        assert_eq!(with("|65537").lifetime, Some(65_537));
        assert_eq!(with("|7:2").mki, [0, 7]);
        assert_eq!(with("|2^31 WSH=64 -new=1 KDR=0").lifetime, Some(1 << 31));
    }

    #[test]
    fn a_line_of_ours_comes_back_from_its_text() {
        for suite in Suite::ALL {
            let line = CryptoLine::random(3, suite);

            assert_eq!(parse(&line.to_string()), Ok(line));
        }
    }

    #[test]
    fn a_key_without_its_padding_is_read() {
        let text = CryptoLine::random(1, Suite::AesCm256HmacSha1_80).to_string();

        assert!(text.ends_with("=="));
        assert!(parse(text.trim_end_matches('=')).is_ok());
    }

    #[test]
    fn what_we_cannot_do_is_told_from_what_is_wrong() {
        for (text, error) in [
            (
                format!("1 F8_128_HMAC_SHA1_80 inline:{KEY}"),
                LineError::Unsupported,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY};inline:{KEY}"),
                LineError::Unsupported,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
                LineError::Unsupported,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=4"),
                LineError::Unsupported,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 uri:{KEY}"),
                LineError::Unsupported,
            ),
            (
                format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEY}"),
                LineError::Key,
            ),
            (
                "1 AES_CM_128_HMAC_SHA1_80 inline:abc".to_owned(),
                LineError::Key,
            ),
            (
                format!("x AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
                LineError::Malformed,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^77"),
                LineError::Malformed,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4|2^20"),
                LineError::Malformed,
            ),
            (
                format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|256:1"),
                LineError::Malformed,
            ),
            ("1".to_owned(), LineError::Malformed),
        ] {
            assert_eq!(parse(&text).unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn the_first_line_that_works_is_chosen() {
        let good = format!("2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}");

        let chosen = CryptoLine::choose(["1 AEAD_AES_256_GCM inline:abc", good.as_str()]);

        assert_eq!(chosen.map(|line| line.tag), Some(2));
    }

    #[test]
    fn debug_output_hides_the_key() {
        let shown = format!("{:?}", CryptoLine::random(1, Suite::AesCm128HmacSha1_80));

        assert!(shown.contains("MasterKey(hidden)"), "{shown}");
    }

    #[test]
    fn mutated_lines_never_panic() {
        let mut dice = Dice::new(6);
        let seed = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4 WSH=64");
        for _ in 0..20_000 {
            let bytes = dice.mutated(seed.as_bytes());
            if let Ok(line) = parse(&String::from_utf8_lossy(&bytes)) {
                assert_eq!(parse(&line.to_string()), Ok(line));
            }
        }
    }
}

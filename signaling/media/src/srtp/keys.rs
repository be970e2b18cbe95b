//! Master keys, and the session keys derived from them.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::{hmac, iv, rand};
use zeroize::Zeroizing;

/// Cipher and authentication of a session. The tag of SRTCP always has 80 bits.
///
/// Source: RFC 4568 §6.2, RFC 6188 §3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// The one that every SRTP telephone has.
    AesCm128HmacSha1_80,
    /// The same with short tags for sound.
    AesCm128HmacSha1_32,
    /// 256 bit keys.
    AesCm256HmacSha1_80,
    /// 256 bit keys and short tags for sound.
    AesCm256HmacSha1_32,
}

impl Suite {
    /// Every suite, in the order in which we prefer them.
    pub const ALL: [Self; 4] = [
        Self::AesCm128HmacSha1_80,
        Self::AesCm256HmacSha1_80,
        Self::AesCm128HmacSha1_32,
        Self::AesCm256HmacSha1_32,
    ];

    /// The name on the `a=crypto` line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AesCm256HmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::AesCm256HmacSha1_32 => "AES_256_CM_HMAC_SHA1_32",
        }
    }

    /// Bytes of the master key, without its salt.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 16,
            Self::AesCm256HmacSha1_80 | Self::AesCm256HmacSha1_32 => 32,
        }
    }

    /// Bytes of the tag behind each RTP packet.
    #[must_use]
    pub const fn tag_bytes(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm256HmacSha1_80 => RTCP_TAG_BYTES,
            Self::AesCm128HmacSha1_32 | Self::AesCm256HmacSha1_32 => 4,
        }
    }
}

/// A master key and its salt. Wiped when dropped, and never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    bytes: Zeroizing<[u8; MOST_BYTES]>,
    length: usize,
}

impl MasterKey {
    /// A new random key for `suite`.
    #[must_use]
    pub fn random(suite: Suite) -> Self {
        let mut key = Self {
            bytes: Zeroizing::new([0; MOST_BYTES]),
            length: suite.key_bytes() + SALT_BYTES,
        };
        let filled = rand::fill(&mut key.bytes[..key.length]);
        // Without randomness there is no secrecy; aws-lc itself aborts in that case.
        assert!(
            filled.is_ok(),
            "the operating system gives no random numbers"
        );
        key
    }

    /// The key of `bytes`, key first and then the salt; `None` where they do not fit `suite`.
    #[must_use]
    pub fn new(suite: Suite, bytes: &[u8]) -> Option<Self> {
        let length = suite.key_bytes() + SALT_BYTES;
        if bytes.len() != length {
            return None;
        }
        let mut key = Self {
            bytes: Zeroizing::new([0; MOST_BYTES]),
            length,
        };
        key.bytes[..length].copy_from_slice(bytes);
        Some(key)
    }

    /// Key and salt. For the `a=crypto` line alone: never log it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// One derived key: the keystream of the master key under `label`.
    ///
    /// Source: RFC 3711 §4.3.1 and §4.3.3, with a key derivation rate of 0.
    fn derive(&self, label: u8, out: &mut [u8]) -> Option<()> {
        let (key, salt) = self.expose().split_at(self.length - SALT_BYTES);
        let mut counter = [0; 16];
        counter[..SALT_BYTES].copy_from_slice(salt);
        counter[7] ^= label;
        out.fill(0);
        keystream(&cipher(key)?, counter, out)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(hidden)")
    }
}

/// What protects the packets of one kind: RTP or RTCP.
#[derive(Debug)]
pub(super) struct SessionKeys {
    cipher: EncryptingKey,
    auth: hmac::Key,
    salt: Zeroizing<[u8; SALT_BYTES]>,
    pub(super) tag_bytes: usize,
}

/// Which packets a set of session keys is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Rtp,
    Rtcp,
}

impl SessionKeys {
    /// `None` where the key's length is not that of `suite`.
    pub(super) fn derive(suite: Suite, master: &MasterKey, purpose: Purpose) -> Option<Self> {
        if master.length != suite.key_bytes() + SALT_BYTES {
            return None;
        }
        let (first_label, tag_bytes) = match purpose {
            Purpose::Rtp => (0, suite.tag_bytes()),
            Purpose::Rtcp => (3, RTCP_TAG_BYTES),
        };
        let mut key = Zeroizing::new([0; 32]);
        let mut auth = Zeroizing::new([0; 20]);
        let mut salt = Zeroizing::new([0; SALT_BYTES]);
        master.derive(first_label, &mut key[..suite.key_bytes()])?;
        master.derive(first_label + 1, &mut auth[..])?;
        master.derive(first_label + 2, &mut salt[..])?;
        Some(Self {
            cipher: cipher(&key[..suite.key_bytes()])?,
            auth: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &auth[..]),
            salt,
            tag_bytes,
        })
    }

    /// Encrypts or decrypts `bytes` of the packet `index` of `ssrc`.
    ///
    /// Source: RFC 3711 §4.1.1.
    pub(super) fn crypt(&self, ssrc: u32, index: u64, bytes: &mut [u8]) -> Option<()> {
        let mut counter = [0; 16];
        counter[..SALT_BYTES].copy_from_slice(&self.salt[..]);
        for (at, byte) in (4..).zip(ssrc.to_be_bytes()) {
            counter[at] ^= byte;
        }
        for (at, byte) in (8..).zip(&index.to_be_bytes()[2..]) {
            counter[at] ^= byte;
        }
        keystream(&self.cipher, counter, bytes)
    }

    /// The whole tag of `bytes`; only the first [`Self::tag_bytes`] are sent.
    pub(super) fn tag(&self, bytes: &[u8]) -> [u8; 20] {
        let mut tag = [0; 20];
        tag.copy_from_slice(hmac::sign(&self.auth, bytes).as_ref());
        tag
    }
}

pub(super) const SALT_BYTES: usize = 14;
pub(super) const RTCP_TAG_BYTES: usize = 10;
const MOST_BYTES: usize = 32 + SALT_BYTES;

fn cipher(key: &[u8]) -> Option<EncryptingKey> {
    let algorithm = match key.len() {
        16 => &AES_128,
        32 => &AES_256,
        _ => return None,
    };
    EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key).ok()?).ok()
}

fn keystream(cipher: &EncryptingKey, counter: [u8; 16], bytes: &mut [u8]) -> Option<()> {
    let context = EncryptionContext::Iv128(iv::FixedLength::from(counter));
    cipher.less_safe_encrypt(bytes, context).ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::super::context::tests::hex;
    use super::*;

    fn derived(suite: Suite, master: &str, lengths: [usize; 3]) -> [Vec<u8>; 3] {
        let master = MasterKey::new(suite, &hex(master)).unwrap();
        [0, 1, 2].map(|label| {
            let mut out = vec![0; lengths[usize::from(label)]];
            master.derive(label, &mut out).unwrap();
            out
        })
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn keys_of_128_bits_are_derived_as_in_the_rfc() {
        let [key, auth, salt] = derived(
            Suite::AesCm128HmacSha1_80,
            "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6",
            [16, 94, 14],
        );

        assert_eq!(key, hex("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(salt, hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(
            auth,
            hex(
                "CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
                 E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25
                 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2"
            )
        );
    }

    /// RFC 6188 §7.2.
    #[test]
    fn keys_of_256_bits_are_derived_as_in_the_rfc() {
        let [key, auth, salt] = derived(
            Suite::AesCm256HmacSha1_80,
            "f0f04914b513f2763a1b1fa130f10e29 98f6f6e43e4309d1e622a0e332b9f1b6
             3b04803de51ee7c96423ab5b78d2",
            [32, 20, 14],
        );

        assert_eq!(
            key,
            hex("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
        );
        assert_eq!(salt, hex("fa31791685ca444a9e07c6c64e93"));
        assert_eq!(auth, hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
    }

    /// RFC 3711 appendix B.2.
    #[test]
    fn the_keystream_is_that_of_the_rfc() {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"));
        let mut stream = [0; 32];

        keystream(
            &cipher(&hex("2B7E151628AED2A6ABF7158809CF4F3C")).unwrap(),
            counter,
            &mut stream,
        )
        .unwrap();

        assert_eq!(
            stream[..],
            hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB")
        );
    }

    #[test]
    fn a_key_shows_itself_to_nobody() {
        let key = MasterKey::random(Suite::AesCm128HmacSha1_80);

        assert_eq!(format!("{key:?}"), "MasterKey(hidden)");
        assert_ne!(key, MasterKey::random(Suite::AesCm128HmacSha1_80));
    }
}

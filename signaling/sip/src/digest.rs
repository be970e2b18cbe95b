//! Whether a phone knows its password: digest access authentication, the server's side; and our
//! own logins at trunks ([`Challenge`]).
//!
//! RFC 3261 §22 with the algorithms of RFC 8760 and the rules of RFC 7616. Time and the key come
//! in; passwords are looked up by a closure; headers come as the text that stood in the message.
//!
//! ```text
//!   no credentials for our realm ─────────────▶ Challenge
//!   nonce not ours, too old, or nc used twice ─▶ Stale      (the password is not looked at)
//!   nonce good, wrong answer or unknown user ──▶ Refused    (counts as a failed login)
//!   nonce good, right answer ──────────────────▶ Passed
//! ```
//!
//! `Stale` says nothing about the password, so nobody can try passwords with a nonce of their own
//! making; and a source that is `Refused` did receive our nonce at that address, so nobody can get
//! another's address banned.

mod client;
mod credentials;
mod nonces;
mod offers;

use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub use client::Challenge;
pub use credentials::{Credentials, Unreadable};

use crate::{
    settings::Secret,
    words::{self, SipUri},
};
use nonces::{Nonces, Use};
use offers::Offers;

/// How many credentials of one message are looked at.
const MOST_CREDENTIALS: usize = 8;

/// The hash of a digest.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// MD5, for the phones that know nothing better.
    Md5,
    /// SHA-256 (RFC 8760), which we ask for first.
    Sha256,
}

impl Algorithm {
    /// What we offer, the strongest first (RFC 8760 §2.4).
    pub const OFFERED: [Self; 2] = [Self::Sha256, Self::Md5];

    /// As a challenge names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The hash of `text` in lower-case hexadecimal.
    #[must_use]
    pub fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text.as_bytes())),
            Self::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        }
    }
}

/// What a digest is computed from (RFC 7616 §3.4). All texts are unquoted.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether it is the `-sess` variant (RFC 7616 §3.4.2).
    pub session: bool,
    /// Who.
    pub user: &'a str,
    /// Where.
    pub realm: &'a str,
    /// The password.
    pub password: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// The URI that the digest names.
    pub uri: &'a str,
    /// The server's nonce.
    pub nonce: &'a str,
    /// The client's nonce.
    pub cnonce: &'a str,
    /// The nonce count: 8 hexadecimal digits, as they stand in the message.
    pub nc: &'a str,
}

impl Parts<'_> {
    /// The response for `qop=auth` (RFC 7616 §3.4.1), in lower-case hexadecimal.
    #[must_use]
    pub fn response(&self) -> String {
        let Parts {
            nonce, cnonce, nc, ..
        } = *self;
        let (secret, asked) = (self.secret(), self.asked());
        self.algorithm
            .hash(&format!("{secret}:{nonce}:{nc}:{cnonce}:auth:{asked}"))
    }

    /// The response for a server that names no `qop` (RFC 2617 §3.2.2.1).
    fn response_without_qop(&self) -> String {
        self.algorithm.hash(&format!(
            "{}:{}:{}",
            self.secret(),
            self.nonce,
            self.asked()
        ))
    }

    /// The hash of who logs in (RFC 7616 §3.4.2).
    fn secret(&self) -> String {
        let Parts {
            algorithm,
            user,
            realm,
            password,
            nonce,
            cnonce,
            ..
        } = *self;
        let secret = algorithm.hash(&format!("{user}:{realm}:{password}"));
        if self.session {
            algorithm.hash(&format!("{secret}:{nonce}:{cnonce}"))
        } else {
            secret
        }
    }

    /// The hash of what is asked for (RFC 7616 §3.4.3).
    fn asked(&self) -> String {
        self.algorithm
            .hash(&format!("{}:{}", self.method, self.uri))
    }
}

impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("algorithm", &self.algorithm)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// A request whose sender is to be known.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Its method, as it stands in the request.
    pub method: &'a str,
    /// Its Request-URI, as it stands in the request.
    pub uri: &'a str,
    /// The values of its Authorization headers (REGISTER, answered 401) or of its
    /// Proxy-Authorization headers (INVITE, answered 407), one by one.
    pub credentials: &'a [&'a str],
    /// Where it came from.
    pub source: IpAddr,
}

/// What became of an [`Attempt`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The sender is this user. Whether they may do what they ask for in this From or To is not
    /// decided yet.
    Passed {
        /// The account's user.
        user: String,
    },
    /// Nothing to judge: answer with a challenge. Every request without login takes this way, so
    /// it counts for nothing.
    Challenge,
    /// The nonce cannot be used (any more): answer with a challenge that says `stale=true`. It
    /// counts for nothing.
    Stale,
    /// Wrong password, unknown user, or a login for another request: answer with a challenge, the
    /// same for all three, and count a failed login.
    Refused {
        /// The user whose password it was not; none where the login is for another request.
        guessed: Option<String>,
    },
    /// The credentials for our realm cannot be read: answer 400, and count it as malformed.
    Malformed(Unreadable),
}

/// Judges logins and makes challenges.
#[derive(Debug)]
pub struct Verifier {
    realm: String,
    /// What the password of an unknown user is made from.
    decoy_key: [u8; 32],
    nonces: Nonces,
    offers: Offers,
}

impl Verifier {
    /// A verifier for `realm`. `key` is random and a new one at each start: with the memory of
    /// used nonces the nonces themselves must go. Phones then hear `stale` once and go on.
    #[must_use]
    pub fn new(realm: impl Into<String>, key: [u8; 32]) -> Self {
        Self {
            realm: realm.into(),
            decoy_key: derive(&key, b"decoy"),
            nonces: Nonces::new(derive(&key, b"nonce")),
            offers: Offers::new(Algorithm::OFFERED.to_vec()),
        }
    }

    /// Asks for these algorithms and takes no others, the most preferred first.
    #[must_use]
    pub fn asking_for(self, algorithms: &[Algorithm]) -> Self {
        Self {
            offers: Offers::new(algorithms.to_vec()),
            ..self
        }
    }

    /// The values of the WWW-Authenticate or Proxy-Authenticate headers for `source`, each for a
    /// header of its own, in this order (RFC 8760 §2.4: the most preferred first).
    ///
    /// `user` is who the sender says to be (the user part of From, not proven). A phone that gives
    /// up on algorithms it does not know, and comes again, is asked for MD5 alone.
    pub fn challenges(
        &mut self,
        user: &str,
        source: IpAddr,
        stale: bool,
        now_ms: u64,
    ) -> Vec<String> {
        let nonce = self.nonces.issue(source, now_ms);
        let stale = if stale { ", stale=true" } else { "" };
        let algorithms = self.offers.ask(user, source, now_ms);
        let challenge = |algorithm: Algorithm| {
            format!(
                "Digest realm=\"{}\", nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
                self.realm,
                algorithm.name(),
            )
        };
        algorithms.into_iter().map(challenge).collect()
    }

    /// Judges one request. `password` finds the password of a user.
    ///
    /// ACK and CANCEL cannot be challenged (RFC 3261 §22.1) and are not to be judged: they repeat
    /// the INVITE's nonce count, or bring nothing.
    ///
    /// An unknown user takes the same way as a wrong password, with a password that nobody knows.
    pub fn verify<'p>(
        &mut self,
        attempt: &Attempt<'_>,
        now_ms: u64,
        password: impl FnOnce(&str) -> Option<&'p Secret>,
    ) -> Verdict {
        let login = match self.pick(attempt.credentials) {
            Ok(Some(login)) => login,
            Ok(None) => return Verdict::Challenge,
            Err(why) => return Verdict::Malformed(why),
        };
        // Some phones log in as user@realm. The digest is over what they wrote.
        let user = match login.user.rsplit_once('@') {
            Some((user, realm)) if realm.eq_ignore_ascii_case(&self.realm) => user,
            Some(_) | None => &login.user,
        };
        self.offers.answered(user, attempt.source, login.algorithm);
        let count = match self
            .nonces
            .look(&login.nonce, login.count, attempt.source, now_ms)
        {
            Use::Free(count) => count,
            Use::Taken => return Verdict::Stale,
        };
        let decoy = self.decoy(user);
        let known = password(user).map_or(decoy.as_str(), Secret::reveal);
        let expected = Parts {
            algorithm: login.algorithm,
            session: login.session,
            user: &login.user,
            realm: &self.realm,
            password: known,
            method: attempt.method,
            uri: &login.uri,
            nonce: &login.nonce,
            cnonce: &login.cnonce,
            nc: &login.nc,
        }
        .response();
        let right = expected
            .as_bytes()
            .ct_eq(login.response.to_ascii_lowercase().as_bytes());
        if !bool::from(right) {
            let guessed = Some(user.to_owned());
            return Verdict::Refused { guessed };
        }
        if !is_for(&login.uri, attempt.uri) {
            return Verdict::Refused { guessed: None };
        }
        self.nonces.take(count);
        Verdict::Passed {
            user: user.to_owned(),
        }
    }

    /// The credentials for our realm, the strongest if there are several.
    fn pick(&self, credentials: &[&str]) -> Result<Option<Credentials>, Unreadable> {
        let mut best: Option<Credentials> = None;
        for value in credentials.iter().take(MOST_CREDENTIALS) {
            let Some(login) = Credentials::parse(value, &self.realm)? else {
                continue;
            };
            let stronger = |best: &Credentials| best.algorithm < login.algorithm;
            if self.offers.has(login.algorithm) && best.as_ref().is_none_or(stronger) {
                best = Some(login);
            }
        }
        Ok(best)
    }

    /// A password for a user who is none: always the same, known to nobody.
    fn decoy(&self, user: &str) -> String {
        hex(&derive(&self.decoy_key, user.as_bytes()))
    }
}

/// Whether a digest for `named` is one for a request to `asked` (RFC 7616 §3.4.6). Phones leave
/// out ports and parameters in one of the two, so it is the resource that counts.
fn is_for(named: &str, asked: &str) -> bool {
    if named == asked {
        return true;
    }
    let (Some(named), Some(asked)) = (SipUri::parse(named), SipUri::parse(asked)) else {
        return false;
    };
    // The stack below writes the escapes of a user that it read (`*21%23`) escaped once more.
    let user = asked.user.as_deref().and_then(words::percent_decode);
    let unescaped = SipUri {
        user,
        ..asked.clone()
    };
    named.is_same_resource_as(&asked) || named.is_same_resource_as(&unescaped)
}

/// A key of its own for `purpose`.
fn derive(key: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    let mut seal = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    seal.update(purpose);
    seal.finalize().into_bytes().into()
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests;

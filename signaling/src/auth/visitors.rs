//! A visitor's token: the session's id with a seal, so that nothing need be stored for the many
//! visitors who only look.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bellwire_proto::id::{SessionId, SiteKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Seals and checks session ids.
pub(super) struct Signer {
    secret: [u8; 32],
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// `SESSION.SEAL`.
    pub(super) fn token(&self, site: &SiteKey, session: SessionId) -> String {
        let seal = self.seal(site, session).finalize().into_bytes();
        format!("{session}.{}", BASE64_URL_SAFE_NO_PAD.encode(seal))
    }

    /// The session of a token that this server made for this site.
    pub(super) fn verify(&self, site: &SiteKey, token: &str) -> Option<SessionId> {
        let (session, seal) = token.split_once('.')?;
        let session: SessionId = session.parse().ok()?;
        let seal = BASE64_URL_SAFE_NO_PAD.decode(seal).ok()?;
        // Compares in constant time.
        self.seal(site, session).verify_slice(&seal).ok()?;
        Some(session)
    }

    fn seal(&self, site: &SiteKey, session: SessionId) -> Hmac<Sha256> {
        let mut seal =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of every length");
        // The session last: it has a fixed length, so no two pairs run together the same.
        for part in ["visitor|", &site.0, "|", &session.to_string()] {
            seal.update(part.as_bytes());
        }
        seal
    }
}

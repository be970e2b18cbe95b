//! Digest access authentication, the client's side: how we log in at a trunk.
//!
//! Written out here because the stack below reads only the first challenge, knows SHA-256 by
//! another name than RFC 7616 gives it, and computes `-sess` wrongly.

use super::{Algorithm, Parts, credentials};
use crate::settings::Login;

/// How many challenges of one answer are looked at.
const MOST_CHALLENGES: usize = 8;

/// A challenge of a 401 or 407 that we can answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether it is the `-sess` variant.
    pub session: bool,
    /// Where to log in.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// Whether the server knows `qop=auth`; servers of RFC 2069 do not.
    pub qop: bool,
    /// Whether only the nonce was too old: a second answer is worth it (RFC 7616 §3.3).
    pub stale: bool,
}

impl Challenge {
    /// The strongest of the values of the WWW-Authenticate or Proxy-Authenticate headers, one by
    /// one, that we can answer; of equal ones the first, which the server prefers.
    #[must_use]
    pub fn pick(values: &[&str]) -> Option<Self> {
        let mut best: Option<Self> = None;
        for challenge in values
            .iter()
            .take(MOST_CHALLENGES)
            .filter_map(|value| Self::parse(value))
        {
            if best
                .as_ref()
                .is_none_or(|best| best.algorithm < challenge.algorithm)
            {
                best = Some(challenge);
            }
        }
        best
    }

    /// Reads one challenge; `None` where we cannot answer it.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let parameters = credentials::digest_parameters(value).ok()??;
        let get = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let (algorithm, session) =
            credentials::algorithm(get("algorithm").as_deref().unwrap_or("MD5"))?;
        let qop = match get("qop") {
            // auth-int alone would hash the body, which proxies on the way may change.
            Some(offered) => offered
                .split(',')
                .any(|qop| qop.trim().eq_ignore_ascii_case("auth"))
                .then_some(true)?,
            None => false,
        };
        // RFC 7616 §3.4.2: a session needs a cnonce, and that a qop.
        (qop || !session).then_some(())?;
        Some(Self {
            algorithm,
            session,
            realm: get("realm")?,
            nonce: get("nonce").filter(|nonce| !nonce.is_empty())?,
            opaque: get("opaque"),
            qop,
            stale: get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }

    /// The value of the Authorization or Proxy-Authorization header for a request of ours.
    ///
    /// `uri` is its Request-URI as it stands in the request, `cnonce` is random, and `count` is
    /// how often the nonce has been used with this answer, from 1.
    #[must_use]
    pub fn answer(
        &self,
        login: &Login,
        method: &str,
        uri: &str,
        cnonce: &str,
        count: u32,
    ) -> String {
        let nc = format!("{count:08x}");
        let user = if login.auth_user.is_empty() {
            &login.user
        } else {
            &login.auth_user
        };
        let parts = Parts {
            algorithm: self.algorithm,
            session: self.session,
            user,
            realm: &self.realm,
            password: login.password.reveal(),
            method,
            uri,
            nonce: &self.nonce,
            cnonce,
            nc: &nc,
        };
        let response = if self.qop {
            parts.response()
        } else {
            parts.response_without_qop()
        };
        let session = if self.session { "-sess" } else { "" };
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\", \
             algorithm={}{session}",
            quoted(user),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(uri),
            self.algorithm.name(),
        );
        if self.qop {
            value.push_str(&format!(", cnonce={}, qop=auth, nc={nc}", quoted(cnonce)));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque={}", quoted(opaque)));
        }
        value
    }
}

/// `text` as a quoted string. What controls anything cannot come in: a challenge with it is none.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().filter(|letter| !letter.is_control()).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hostile, settings::Secret, words};

    fn login() -> Login {
        Login {
            user: "4420".to_owned(),
            auth_user: "bob".to_owned(),
            password: Secret::new("zanzibar"),
            register: true,
        }
    }

    #[test]
    fn the_strongest_challenge_that_can_be_answered_is_picked() {
        let md5 = "Digest realm=\"biloxi.com\", nonce=\"a\", algorithm=MD5, qop=\"auth\"";
        let sha =
            "Digest realm=\"biloxi.com\", nonce=\"b\", algorithm=SHA-256, qop=\"auth-int,auth\"";
        let odd = "Digest realm=\"biloxi.com\", nonce=\"c\", algorithm=SHA-512-256, qop=\"auth\"";
        let whole = "Digest realm=\"biloxi.com\", nonce=\"d\", algorithm=SHA-256, qop=\"auth-int\"";
        let nonce = |values: &[&str]| Challenge::pick(values).map(|picked| picked.nonce);

        assert_eq!(nonce(&[md5, sha, odd]).as_deref(), Some("b"));
        assert_eq!(nonce(&[whole, odd, md5]).as_deref(), Some("a"));
        assert_eq!(
            nonce(&[whole, odd, "Basic realm=\"x\"", "", "Digest realm=\"x\""]),
            None
        );
    }

    #[test]
    fn an_answer_is_what_the_examples_say() {
        let challenge = Challenge::parse(
            "Digest realm=\"biloxi.com\", qop=\"auth,auth-int\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc\", stale=TRUE",
        )
        .unwrap();
        let plain = Challenge {
            qop: false,
            ..challenge.clone()
        };

        let answer = |challenge: &Challenge| {
            challenge.answer(&login(), "INVITE", "sip:bob@biloxi.com", "0a4f113b", 1)
        };

        // draft-smith-sipping-auth-examples-01 §3.3 and §3.1.
        assert!(challenge.stale);
        assert_eq!(
            answer(&challenge),
            "Digest username=\"bob\", realm=\"biloxi.com\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"sip:bob@biloxi.com\", \
             response=\"89eb0059246c02b2f6ee02c7961d5ea3\", algorithm=MD5, cnonce=\"0a4f113b\", \
             qop=auth, nc=00000001, opaque=\"5ccc\""
        );
        assert!(answer(&plain).contains("response=\"bf57e4e0d0bffc0fbaedce64d59add5e\""));
    }

    #[test]
    fn our_own_registrar_takes_our_own_login() {
        let here = "192.0.2.4".parse().unwrap();
        let mut verifier = super::super::Verifier::new("biloxi.com", [1; 32]);
        let challenges = verifier.challenges("bob", here, false, 0);
        let values: Vec<&str> = challenges.iter().map(String::as_str).collect();

        let challenge = Challenge::pick(&values).unwrap();
        let answer = challenge.answer(&login(), "REGISTER", "sip:biloxi.com", "x", 10);

        assert_eq!(challenge.algorithm, Algorithm::Sha256);
        let attempt = super::super::Attempt {
            method: "REGISTER",
            uri: "sip:biloxi.com",
            credentials: &[&answer],
            source: here,
        };
        let password = login().password;
        let verdict = verifier.verify(&attempt, 0, |_| Some(&password));
        assert_eq!(
            verdict,
            super::super::Verdict::Passed {
                user: "bob".to_owned()
            }
        );
    }

    #[test]
    fn hostile_challenges_never_break_a_header() {
        let seeds = [
            "Digest realm=\"b\\\"c\", nonce=\"x\", opaque=\"\", qop=\"auth\", algorithm=MD5-sess",
            "Digest realm=\"\", nonce=\"y\"",
        ];

        hostile::texts(&seeds, 20_000, |text| {
            if let Some(challenge) = Challenge::pick(&[text]) {
                let answer = challenge.answer(&login(), "INVITE", "sip:a@b", "c", 1);
                let fits =
                    answer.len() > words::VALUE_BYTES || words::header_value(&answer).is_some();
                assert!(fits, "{text:?}");
            }
        });
    }
}

//! Digest, the caller's side: MD5 and SHA-256 with `qop=auth` (RFC 7616; RFC 8760 for its use in SIP).

use anyhow::{Context, Result, bail};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::message::Message;
use crate::chance;

/// Who answers a challenge.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// Which hash a challenge asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// `MD5`.
    Md5,
    /// `SHA-256`.
    Sha256,
}

/// A challenge of a 401 or 407.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The header that the answer goes into.
    pub answer_in: &'static str,
    /// What the password is for.
    pub realm: String,
    /// The server's number.
    pub nonce: String,
    /// The hash.
    pub algorithm: Algorithm,
    opaque: Option<String>,
    qop: bool,
    used: u32,
}

impl Challenge {
    /// The first challenge that can be answered (RFC 8760, section 2.4: servers put the strongest first).
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn of(response: &Message) -> Result<Self> {
        let headers = [
            ("WWW-Authenticate", "Authorization"),
            ("Proxy-Authenticate", "Proxy-Authorization"),
        ];
        for (header, answer_in) in headers {
            for value in response.all(header) {
                if let Some(challenge) = Self::read(value, answer_in) {
                    return Ok(challenge);
                }
            }
        }
        bail!("no challenge that can be answered in:\n{response}")
    }

    fn read(value: &str, answer_in: &'static str) -> Option<Self> {
        let value = value.trim().strip_prefix("Digest ")?;
        let field = |name: &str| field(value, name);
        let algorithm = match field("algorithm").as_deref() {
            None | Some("MD5") => Algorithm::Md5,
            Some("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        Some(Self {
            answer_in,
            realm: field("realm")?,
            nonce: field("nonce")?,
            algorithm,
            opaque: field("opaque"),
            qop: field("qop").is_some_and(|qop| qop.split(',').any(|one| one.trim() == "auth")),
            used: 0,
        })
    }

    /// The answer's value. Each one counts `nc` on.
    pub fn answer(&mut self, login: &Login, method: &str, uri: &str) -> String {
        self.used += 1;
        let hash = |text: String| self.algorithm.hash(&text);
        let Self { realm, nonce, .. } = self;
        let Login { user, password } = login;
        let secret = hash(format!("{user}:{realm}:{password}"));
        let asked = hash(format!("{method}:{uri}"));
        let (count, own) = (
            format!("{:08x}", self.used),
            format!("{:016x}", chance::bits() >> 64),
        );
        let response = match self.qop {
            true => hash(format!("{secret}:{nonce}:{count}:{own}:auth:{asked}")),
            false => hash(format!("{secret}:{nonce}:{asked}")),
        };
        let mut answer = format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={}",
            self.algorithm.name()
        );
        if self.qop {
            answer += &format!(", qop=auth, cnonce=\"{own}\", nc={count}");
        }
        if let Some(opaque) = &self.opaque {
            answer += &format!(", opaque=\"{opaque}\"");
        }
        answer
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

/// Writes the answer to a challenge into a request that is sent again.
///
/// # Errors
///
/// Where there is no challenge that can be answered, or nobody to answer.
pub fn answer(
    request: &mut Message,
    response: &Message,
    login: Option<&Login>,
) -> Result<Challenge> {
    let login = login.context("a challenge, and no user to answer it")?;
    let mut challenge = Challenge::of(response)?;
    repeat(request, &mut challenge, login)?;
    Ok(challenge)
}

/// Answers a challenge that came before, with its count one higher.
///
/// # Errors
///
/// Where the message is no request.
pub fn repeat(request: &mut Message, challenge: &mut Challenge, login: &Login) -> Result<()> {
    let super::message::Line::Request { method, uri } = request.line.clone() else {
        bail!("only a request can answer a challenge")
    };
    let answer = challenge.answer(login, &method, &uri);
    request.set(challenge.answer_in, answer);
    Ok(())
}

fn field(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((own, behind)) = rest.split_once('=') {
        let (value, next) = match behind.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => behind.split_once(',').unwrap_or((behind, "")),
        };
        if own.trim_matches([',', ' ']).eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = next;
    }
    None
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_whatever_the_order_of_its_fields() {
        let value =
            "Digest qop=\"auth,auth-int\", algorithm=SHA-256, nonce=\"a=b,c\", realm=\"r x\"";

        let challenge = Challenge::read(value, "Authorization").unwrap();

        assert_eq!(
            (challenge.realm.as_str(), challenge.nonce.as_str()),
            ("r x", "a=b,c")
        );
        assert_eq!(
            (challenge.algorithm, challenge.qop),
            (Algorithm::Sha256, true)
        );
    }

    #[test]
    fn an_answer_without_qop_is_the_one_of_the_first_rfc() {
        // RFC 2069's example as corrected: MD5(MD5(A1):nonce:MD5(A2)).
        let value =
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let mut challenge = Challenge::read(value, "Authorization").unwrap();
        let login = Login {
            user: "Mufasa".into(),
            password: "CircleOfLife".into(),
        };

        let answer = challenge.answer(&login, "GET", "/dir/index.html");

        assert!(
            answer.contains("response=\"1949323746fe6a43ef61f9606e7febea\""),
            "{answer}"
        );
    }
}

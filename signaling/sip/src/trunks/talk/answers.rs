//! What is read from a registrar's answers: challenges, and for how long we are registered.

use rsipstack::{
    sip::{Header, Headers, Response, prelude::HeadersExt},
    transaction::random_text,
};

use crate::{
    digest::Challenge,
    settings::Login,
    words::{Address, SipUri, split_commas},
};

/// Whom a login is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    /// The registrar (401).
    Server,
    /// A proxy before it (407).
    Proxy,
}

/// Why a challenge is not worth another attempt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Useless {
    /// No challenge that we can answer.
    Unknown,
    /// The answer was wrong.
    Wrong,
}

/// The challenges of one attempt that were answered, and whether one was renewed.
#[derive(Debug, Default)]
pub(super) struct Answers {
    known: Vec<(Side, Challenge)>,
    renewed: bool,
}

impl Answers {
    /// Takes the challenge of a 401 or 407 to be answered next.
    ///
    /// # Errors
    ///
    /// Why it is not worth another attempt.
    pub(super) fn answer(&mut self, response: &Response) -> Result<(), Useless> {
        let (side, name) = match response.status_code.code() {
            407 => (Side::Proxy, "Proxy-Authenticate"),
            _ => (Side::Server, "WWW-Authenticate"),
        };
        let values: Vec<&str> = values(&response.headers, name).collect();
        let challenge = Challenge::pick(&values).ok_or(Useless::Unknown)?;
        match self.known.iter_mut().find(|(known, _)| *known == side) {
            None => self.known.push((side, challenge)),
            // Only the nonce was too old (RFC 7616 §3.3). Once, or a server that says so always would keep us busy.
            Some(known) if challenge.stale && !self.renewed => {
                self.renewed = true;
                known.1 = challenge;
            }
            Some(_) => return Err(Useless::Wrong),
        }
        Ok(())
    }

    /// The headers that answer what was asked for so far.
    pub(super) fn headers(&self, login: &Login, method: &str, uri: &str) -> Vec<Header> {
        let header = |(side, challenge): &(Side, Challenge)| {
            // A new nonce each time, so that it is used once.
            let value = challenge.answer(login, method, uri, &random_text(16), 1);
            match side {
                Side::Server => Header::Authorization(value.into()),
                Side::Proxy => Header::ProxyAuthorization(value.into()),
            }
        };
        self.known.iter().map(header).collect()
    }
}

/// Whether the stack made this up, because nothing could be sent or nobody answered: what comes from elsewhere has a tag
/// in To (RFC 3261 §8.2.6.2).
pub(super) fn is_our_own(response: &Response) -> bool {
    let tag = response.to_header().and_then(|to| to.tag());
    matches!(response.status_code.code(), 408 | 503) && !matches!(tag, Ok(Some(_)))
}

/// The values of the headers with this name, one by one.
fn values<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    let named = move |header: &&Header| header.name().eq_ignore_ascii_case(name);
    headers.iter().filter(named).map(Header::value)
}

/// The seconds that the header with this name gives.
pub(super) fn seconds(headers: &Headers, name: &str) -> Option<u32> {
    let value = values(headers, name).next()?;
    // Retry-After may bring a comment and parameters.
    let digits = value.trim().split(|letter: char| !letter.is_ascii_digit());
    digits.into_iter().next()?.parse().ok()
}

/// For how long a 200 says that we are registered (RFC 3261 §10.2.4): by our contact among all, by the only one, which
/// may have been rewritten on the way, by Expires, else as long as we asked for.
pub(super) fn granted_s(response: &Response, contact: &str, asked_s: u32) -> u32 {
    let ours = SipUri::parse(contact);
    let addresses: Vec<Address> = values(&response.headers, "Contact")
        .flat_map(split_commas)
        .filter_map(Address::parse)
        .collect();
    let is_ours = |address: &&Address| match (&address.uri, &ours) {
        (Some(theirs), Some(ours)) => theirs.is_same_resource_as(ours),
        _ => false,
    };
    let found = addresses.iter().find(is_ours);
    let found = found.or(match addresses.as_slice() {
        [only] => Some(only),
        _ => None,
    });
    let own = found.and_then(|address| address.parameters.get("expires")?.parse().ok());
    let general = seconds(&response.headers, "Expires");
    own.or(general).unwrap_or(asked_s)
}

#[cfg(test)]
mod tests;

//! Reads and makes the headers of calls. What comes of others is never copied unchecked.

use rsipstack::sip::{Header, Headers, Scheme, Uri};

use crate::{
    cause::Cause,
    session_timer::Asked,
    words::{self, split_commas},
};

/// What the far end may ask inside a call.
pub(super) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY";
/// The extensions that we have.
pub(super) const SUPPORTED: &str = "100rel, timer, norefersub";
/// The extensions that we offer where we call: provisional answers are confirmed only to who demands it.
pub(super) const SUPPORTED_CALLING: &str = "timer, norefersub";
/// The kind of our bodies.
pub(super) const SDP: &str = "application/sdp";

/// The values of the headers with this name, one by one.
pub(crate) fn values<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    let named = move |header: &&Header| header.name().eq_ignore_ascii_case(name);
    headers
        .iter()
        .filter(named)
        .map(|header| header.value().trim())
}

/// The value of the first header with this name.
pub(crate) fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    values(headers, name).next()
}

/// Where somebody says that they are reached.
pub(crate) fn contact_of(headers: &Headers) -> Option<Uri> {
    let contact = words::Address::parse(value(headers, "Contact")?)?.uri_text;
    let contact = Uri::try_from(contact.as_str()).ok()?;
    matches!(contact.scheme, Some(Scheme::Sip | Scheme::Sips)).then_some(contact)
}

/// Whether a list header names this.
pub(super) fn names(headers: &Headers, name: &str, wanted: &str) -> bool {
    values(headers, name)
        .flat_map(split_commas)
        .any(|one| one.trim().eq_ignore_ascii_case(wanted))
}

/// The session description in a message, if it has one.
pub(super) fn description(headers: &Headers, body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let kind = value(headers, "Content-Type")?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(SDP)
        .then(|| String::from_utf8_lossy(body).into_owned())
}

/// What is asked about session timers (RFC 4028).
pub(super) fn asked(headers: &Headers) -> Asked<'_> {
    Asked {
        session_expires: value(headers, "Session-Expires").or_else(|| value(headers, "x")),
        min_se: value(headers, "Min-SE"),
        supports_timer: names(headers, "Supported", "timer") || names(headers, "Require", "timer"),
        allows_update: names(headers, "Allow", "UPDATE"),
    }
}

/// A header by its name.
pub(super) fn other(name: &str, value: impl Into<String>) -> Header {
    Header::Other(name.into(), value.into())
}

/// What every answer to an INVITE says of us, with a description or without.
pub(super) fn answering(with_description: bool) -> Vec<Header> {
    let mut headers = vec![
        Header::Allow(ALLOW.into()),
        Header::Supported(SUPPORTED.into()),
    ];
    if with_description {
        headers.push(Header::ContentType(SDP.into()));
    }
    headers
}

/// Why it is over, as BYE and CANCEL tell it.
pub(super) fn reasons(cause: Cause) -> Vec<Header> {
    cause
        .reasons()
        .into_iter()
        .map(|reason| Header::Reason(reason.into()))
        .collect()
}

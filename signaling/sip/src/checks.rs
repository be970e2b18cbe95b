//! What to answer to a request before anybody thinks about it (RFC 3261 §8.2).
//!
//! Everything comes in as texts of the message, so nothing here depends on a parser. The order of
//! the checks is that of §8.2, with what makes an answer impossible first.

mod merged;

pub use merged::{Merged, Request};

use crate::words::{Scheme, SipUri, split_commas};

/// The methods that we take, as the value of Allow.
pub const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE, PRACK, REFER, NOTIFY";
/// Methods that are known, and not taken (RFC 3428, RFC 6665, RFC 3903).
const KNOWN: [&str; 3] = ["MESSAGE", "SUBSCRIBE", "PUBLISH"];
/// The Max-Forwards of a request that brings none (RFC 3261 §8.1.1.6).
const MAX_FORWARDS: u8 = 70;

/// What is read and understood.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rules {
    /// The largest message, in bytes.
    pub message_bytes: usize,
    /// The extensions that a Require may name.
    pub extensions: &'static [&'static str],
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            message_bytes: 32 * 1024,
            extensions: &["100rel", "norefersub", "path", "replaces", "timer"],
        }
    }
}

/// Whether a request belongs to a dialog.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Dialog {
    /// To has no tag.
    #[default]
    None,
    /// To has a tag, and we know the dialog.
    Known,
    /// To has a tag, and we do not.
    Unknown,
}

/// What was read of a request. Header values are as they stand in the message; lists may come as
/// several values or as one with commas.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Read<'a> {
    /// The method; case counts (RFC 3261 §7.1).
    pub method: &'a str,
    /// The Request-URI.
    pub uri: &'a str,
    /// The version of the first line.
    pub version: &'a str,
    /// The topmost Via, or nothing.
    pub via: Option<&'a str>,
    /// From, or nothing.
    pub from: Option<&'a str>,
    /// To, or nothing.
    pub to: Option<&'a str>,
    /// Call-ID, or nothing.
    pub call_id: Option<&'a str>,
    /// `CSeq`, or nothing.
    pub cseq: Option<&'a str>,
    /// Max-Forwards, or nothing.
    pub max_forwards: Option<&'a str>,
    /// Contact, or nothing.
    pub contact: Option<&'a str>,
    /// The values of Require.
    pub require: &'a [&'a str],
    /// Content-Type, or nothing.
    pub content_type: Option<&'a str>,
    /// Content-Encoding, or nothing.
    pub content_encoding: Option<&'a str>,
    /// Content-Disposition, or nothing.
    pub content_disposition: Option<&'a str>,
    /// Content-Length, or nothing.
    pub content_length: Option<&'a str>,
    /// How large the body is, in bytes.
    pub body_bytes: usize,
    /// How large the message is, in bytes.
    pub message_bytes: usize,
    /// Whether it belongs to a dialog.
    pub dialog: Dialog,
}

/// An answer that refuses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub phrase: &'static str,
    /// Names and values of headers that belong to it.
    pub headers: Vec<(&'static str, String)>,
}

/// What to do with a request that does not go on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stop {
    /// Answer it.
    Answer(Refusal),
    /// Say nothing: an ACK is never answered (RFC 3261 §17), and without Via there is nowhere to
    /// answer to.
    Drop,
}

/// Whether a request may go on.
///
/// # Errors
///
/// [`Stop`] says what to do with it instead.
pub fn check(read: &Read<'_>, rules: &Rules) -> Result<(), Stop> {
    if read.via.is_none_or(|via| via.trim().is_empty()) {
        return Err(Stop::Drop);
    }
    let refused = [form, method, max_forwards, address, dialog]
        .iter()
        .find_map(|check| check(read))
        .or_else(|| size(read, rules))
        .or_else(|| extensions(read, rules))
        .or_else(|| body(read));
    match refused {
        None => Ok(()),
        Some(_) if read.method == "ACK" => Err(Stop::Drop),
        Some(refusal) => Err(Stop::Answer(refusal)),
    }
}

/// The Max-Forwards of the call that a request with this one leads to.
///
/// It is one less, so that a call that goes in circles between two systems ends (RFC 7332 §3).
/// Text that is no number, or no text, counts as 70.
#[must_use]
pub fn next_max_forwards(received: Option<&str>) -> u8 {
    received
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(MAX_FORWARDS)
        .saturating_sub(1)
}

/// Version and mandatory headers (RFC 3261 §8.1.1, §21.5.6).
fn form(read: &Read<'_>) -> Option<Refusal> {
    if !read.version.eq_ignore_ascii_case("SIP/2.0") {
        return Some(refusal(505, "Version Not Supported"));
    }
    let tag = |value: &str| {
        let address = crate::words::Address::parse(value)?;
        address.parameters.get("tag").map(|tag| !tag.is_empty())
    };
    let empty = |value: Option<&str>| value.is_none_or(|value| value.trim().is_empty());
    if read.from.and_then(tag) != Some(true) {
        return Some(refusal(400, "Bad From"));
    }
    if read.to.and_then(crate::words::Address::parse).is_none() {
        return Some(refusal(400, "Bad To"));
    }
    if empty(read.call_id) {
        return Some(refusal(400, "Missing Call-ID"));
    }
    let Some((number, method)) = read.cseq.and_then(cseq) else {
        return Some(refusal(400, "Bad CSeq"));
    };
    // §8.1.1.5: below 2^31, and with the request's own method.
    if number >= 1 << 31 {
        return Some(refusal(400, "Bad CSeq"));
    }
    if method != read.method {
        return Some(refusal(400, "CSeq Method Does Not Match"));
    }
    // §8.1.1.8: where we send what follows. Inside of a dialog we know it already.
    if read.method == "INVITE" && read.dialog == Dialog::None && empty(read.contact) {
        return Some(refusal(400, "Missing Contact"));
    }
    // §18.3: a datagram that was cut off.
    let length = read.content_length.map(|text| text.trim().parse::<usize>());
    match length {
        Some(Err(_)) => Some(refusal(400, "Bad Content-Length")),
        Some(Ok(length)) if length > read.body_bytes => Some(refusal(400, "Body Cut Off")),
        Some(Ok(_)) | None => None,
    }
}

/// RFC 3261 §8.2.1, §21.5.2.
fn method(read: &Read<'_>) -> Option<Refusal> {
    if ALLOW.split(", ").any(|known| known == read.method) {
        return None;
    }
    let (status, phrase) = if KNOWN.contains(&read.method) {
        (405, "Method Not Allowed")
    } else {
        (501, "Not Implemented")
    };
    Some(Refusal {
        headers: vec![("Allow", ALLOW.to_owned())],
        ..refusal(status, phrase)
    })
}

/// RFC 3261 §16.3 step 3, which RFC 7332 §3 asks of a back-to-back agent, too. What goes no
/// further than us may have come to its end here.
fn max_forwards(read: &Read<'_>) -> Option<Refusal> {
    let left = read.max_forwards?.trim();
    if left.is_empty() || !left.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(refusal(400, "Bad Max-Forwards"));
    }
    let goes_on = read.method == "INVITE" && read.dialog == Dialog::None;
    let none_left = left.bytes().all(|digit| digit == b'0');
    (goes_on && none_left).then(|| refusal(483, "Too Many Hops"))
}

/// RFC 3261 §8.2.2.1.
fn address(read: &Read<'_>) -> Option<Refusal> {
    let Some(uri) = SipUri::parse(read.uri) else {
        let scheme = read
            .uri
            .split_once(':')
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        let ours = matches!(scheme.as_deref(), Some("sip" | "sips" | "tel") | None);
        return Some(if ours {
            refusal(400, "Bad Request-URI")
        } else {
            refusal(416, "Unsupported URI Scheme")
        });
    };
    match uri.scheme {
        Scheme::Sip | Scheme::Sips => None,
        // A number can be called, and nothing else.
        Scheme::Tel if ["INVITE", "ACK", "CANCEL", "OPTIONS"].contains(&read.method) => None,
        Scheme::Tel => Some(refusal(416, "Unsupported URI Scheme")),
    }
}

/// RFC 3261 §12.2.2.
fn dialog(read: &Read<'_>) -> Option<Refusal> {
    // REFER (RFC 3515) and NOTIFY (RFC 6665) outside of a call would have us call somebody, or
    // hear of what we did not ask for.
    let outside = ["INVITE", "ACK", "CANCEL", "OPTIONS", "REGISTER"];
    let gone = match read.dialog {
        Dialog::Known => false,
        // §9.2: a CANCEL belongs to a transaction, which only the transaction layer knows.
        Dialog::Unknown => read.method != "CANCEL",
        Dialog::None => !outside.contains(&read.method),
    };
    gone.then(|| refusal(481, "Call/Transaction Does Not Exist"))
}

/// RFC 3261 §21.5.7.
fn size(read: &Read<'_>, rules: &Rules) -> Option<Refusal> {
    (read.message_bytes > rules.message_bytes).then(|| refusal(513, "Message Too Large"))
}

/// RFC 3261 §8.2.2.3.
fn extensions(read: &Read<'_>, rules: &Rules) -> Option<Refusal> {
    if ["ACK", "CANCEL"].contains(&read.method) {
        return None;
    }
    let known = |name: &str| {
        rules
            .extensions
            .iter()
            .any(|ours| ours.eq_ignore_ascii_case(name))
    };
    // What is no token is not repeated in our answer.
    let unknown: Vec<&str> = read
        .require
        .iter()
        .take(8)
        .flat_map(|value| split_commas(value))
        .filter(|name| !known(name))
        .filter(|name| crate::words::is_token(name))
        .collect();
    if unknown.is_empty() {
        return None;
    }
    let unsupported = vec![("Unsupported", unknown.join(", "))];
    Some(Refusal {
        headers: unsupported,
        ..refusal(420, "Bad Extension")
    })
}

/// RFC 3261 §8.2.3.
fn body(read: &Read<'_>) -> Option<Refusal> {
    let accept: &[&str] = match read.method {
        "INVITE" | "UPDATE" | "PRACK" | "ACK" => &["application/sdp"],
        "INFO" => &["application/dtmf-relay", "application/dtmf"],
        "NOTIFY" => &["message/sipfrag"],
        // Nothing is read from their bodies.
        _ => return None,
    };
    // §20.11: one that may be ignored is.
    let optional = read.content_disposition.is_some_and(|text| {
        text.to_ascii_lowercase()
            .replace(' ', "")
            .contains("handling=optional")
    });
    if read.body_bytes == 0 || optional {
        return None;
    }
    let plain = read
        .content_encoding
        .is_none_or(|text| text.trim().is_empty() || text.trim().eq_ignore_ascii_case("identity"));
    if !plain {
        let headers = vec![("Accept-Encoding", "identity".to_owned())];
        return Some(Refusal {
            headers,
            ..refusal(415, "Unsupported Media Type")
        });
    }
    let media = read
        .content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if accept.iter().any(|known| known.eq_ignore_ascii_case(media)) {
        return None;
    }
    let headers = vec![("Accept", accept.join(", "))];
    Some(Refusal {
        headers,
        ..refusal(415, "Unsupported Media Type")
    })
}

/// Number and method of a `CSeq`.
fn cseq(value: &str) -> Option<(u32, &str)> {
    let mut parts = value.split_ascii_whitespace();
    let number = parts.next()?;
    let method = parts.next()?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && parts.next().is_none()).then_some((number.parse().ok()?, method))
}

const fn refusal(status: u16, phrase: &'static str) -> Refusal {
    Refusal {
        status,
        phrase,
        headers: Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! What may stand in a message, and what is made of what stood in one.
//!
//! Everything that people or peers write passes here before it is written into a message, for the
//! parts below write what they are given: a line break in a name would be a header of its own.
//! The parser of messages is not here; these are the texts inside its headers.

mod address;
mod caller;
mod uri;

use std::net::{IpAddr, Ipv6Addr};

pub use address::{Address, Parameters, split_commas};
pub use caller::{Caller, caller};
pub use uri::{HostPort, Scheme, SipUri};

/// The longest display name that is shown or sent, in characters.
pub const NAME_CHARS: usize = 80;
/// The longest user part that is read, in bytes.
pub const USER_BYTES: usize = 64;
/// The longest number without `+`, in digits: room for access codes and service numbers.
pub const DIALLED_DIGITS: usize = 32;
/// The longest header value that is written, in bytes.
pub const VALUE_BYTES: usize = 1024;
/// The longest international number, in digits (ITU-T E.164 §6.2.1).
pub const E164_DIGITS: usize = 15;

/// Whether `user` can be an account's user: 1 to 64 letters, digits and `. _ - +`.
///
/// Less than RFC 3261 §25.1 allows, so that it never needs escaping, here or in other people's
/// software.
#[must_use]
pub fn is_account(user: &str) -> bool {
    (1..=USER_BYTES).contains(&user.len())
        && user
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
}

/// Whether `user` can stand in front of the `@` of a URI as it is (RFC 3261 §25.1, `user`).
#[must_use]
pub fn is_user_part(user: &str) -> bool {
    (1..=USER_BYTES).contains(&user.len()) && user.bytes().all(stands_in_user)
}

/// What was dialled, from the user part of a Request-URI or from what a person typed.
///
/// Percent-escapes are decoded, and what follows a `;` is dropped (RFC 3261 §19.1.6 makes a
/// telephone URI's parameters part of the user). Where it looks like a number, the visual
/// separators go (RFC 3966 §5.1.1): `+49 (0)30-123` keeps its digits. A `+` number has 1 to 15
/// digits (E.164), any other up to 32 of `0`-`9`, `*` and `#`. Otherwise it is a name, which
/// keeps its letters: `sales`.
///
/// `None` where it is neither.
#[must_use]
pub fn dialled(user: &str) -> Option<String> {
    dialled_plainly(&percent_decode(user)?)
}

/// [`dialled`] of a user part that is decoded already.
fn dialled_plainly(user: &str) -> Option<String> {
    let bare = user.split(';').next().unwrap_or_default().trim();
    if let Some(number) = number(bare) {
        return Some(number);
    }
    let looks_like_a_number = bare.bytes().all(|byte| !byte.is_ascii_alphabetic());
    (!looks_like_a_number && is_user_part(bare)).then(|| bare.to_owned())
}

/// `text` as a number, without visual separators; `None` where it is none. See [`dialled`].
#[must_use]
pub fn number(text: &str) -> Option<String> {
    if text.len() > 2 * USER_BYTES {
        return None;
    }
    let mut number = String::new();
    for letter in text.trim().chars() {
        match letter {
            '+' if number.is_empty() => number.push('+'),
            '0'..='9' | '*' | '#' => number.push(letter),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            _ => return None,
        }
    }
    let fits = match number.strip_prefix('+') {
        Some(digits) => {
            (1..=E164_DIGITS).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => (1..=DIALLED_DIGITS).contains(&number.len()),
    };
    fits.then_some(number)
}

/// `text` as a name that can be shown: unquoted, without characters that control anything (line
/// breaks, direction marks, invisible letters), single spaces, at most [`NAME_CHARS`] characters.
///
/// `None` where nothing remains.
#[must_use]
pub fn display_name(text: &str) -> Option<String> {
    let text = text.trim();
    let unquoted = match text.strip_prefix('"') {
        Some(quoted) => unescape(quoted.strip_suffix('"').unwrap_or(quoted)),
        None => text.to_owned(),
    };
    let mut name = String::new();
    let mut gap = false;
    for letter in unquoted
        .chars()
        .filter(|letter| !is_unseen(*letter))
        .take(4 * NAME_CHARS)
    {
        if letter.is_whitespace() || letter.is_control() {
            gap = !name.is_empty();
            continue;
        }
        if gap {
            name.push(' ');
            gap = false;
        }
        name.push(letter);
    }
    let name: String = name.chars().take(NAME_CHARS).collect();
    let name = name.trim_end();
    (!name.is_empty()).then(|| name.to_owned())
}

/// `name` as the quoted string in front of an address (RFC 3261 §25.1, `quoted-string`), cleaned
/// by [`display_name`] first; `None` where nothing remains.
#[must_use]
pub fn quoted_name(name: &str) -> Option<String> {
    Some(format!("\"{}\"", escape(&display_name(name)?)))
}

/// `value` if it can stand in a header as it is: one line without control characters, neither
/// empty nor longer than [`VALUE_BYTES`].
#[must_use]
pub fn header_value(value: &str) -> Option<&str> {
    let value = value.trim_matches([' ', '\t']);
    let fits = (1..=VALUE_BYTES).contains(&value.len())
        && value
            .chars()
            .all(|letter| letter == '\t' || !letter.is_control());
    fits.then_some(value)
}

/// Whether `name` is a header's name (RFC 3261 §25.1, `token`) of at most 64 bytes.
#[must_use]
pub fn is_header_name(name: &str) -> bool {
    name.len() <= 64 && is_token(name)
}

/// Whether `text` is a token (RFC 3261 §25.1).
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte))
}

/// A text that a peer wrote and that we log, store or show: printable, at most `most` characters.
#[must_use]
pub fn cleaned(text: &str, most: usize) -> String {
    let printable = |letter: &char| !letter.is_control() && !is_unseen(*letter);
    text.trim().chars().filter(printable).take(most).collect()
}

/// `text` with its percent-escapes decoded (RFC 3261 §19.1.2); one that is none stays as it is.
///
/// `None` where what comes out is no UTF-8 or has a control character in it: nobody means that.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| Some(16 * hex(*bytes.get(at + 1)?)? + hex(*bytes.get(at + 2)?)?))
            .flatten();
        decoded.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    let decoded = String::from_utf8(decoded).ok()?;
    decoded
        .chars()
        .all(|letter| !letter.is_control())
        .then_some(decoded)
}

/// `user` escaped so that it can stand in front of a URI's `@` (RFC 3261 §25.1, `user`).
#[must_use]
pub fn percent_encode_user(user: &str) -> String {
    let mut encoded = String::with_capacity(user.len());
    for byte in user.bytes() {
        if stands_in_user(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A host: a name (RFC 1123 labels), an IPv4 address, or an IPv6 address in brackets.
///
/// Names come out in lower case without a dot at the end. `None` where it is none of these.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    if let Some(inside) = text.strip_prefix('[') {
        let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            // An underscore is no host by RFC 1123, but Windows and containers are called so.
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return None;
    }
    let only_digits = name
        .rsplit('.')
        .next()?
        .bytes()
        .all(|byte| byte.is_ascii_digit());
    if only_digits && name.parse::<IpAddr>().is_err() {
        return None;
    }
    Some(name.to_ascii_lowercase())
}

/// A host with a port, if it brings one: `sip.example.com`, `192.0.2.4:5070`, `[2001:db8::1]:5061`.
/// A bare IPv6 address is understood, too.
#[must_use]
pub fn host_port(text: &str) -> Option<HostPort> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(HostPort {
            host: format!("[{address}]"),
            port: None,
        });
    }
    let (name, port) = match text.rsplit_once(':') {
        // Inside the brackets of an IPv6 address without a port.
        Some(_) if text.ends_with(']') => (text, None),
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    let port = match port {
        Some(port) => {
            if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            Some(port.parse::<u16>().ok().filter(|port| *port > 0)?)
        }
        None => None,
    };
    Some(HostPort {
        host: host(name)?,
        port,
    })
}

/// What RFC 3261 §25.1 lets stand in a user part without an escape: `unreserved` and
/// `user-unreserved`.
fn stands_in_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&byte)
}

/// Letters that nobody sees: they make one name look like another (Unicode TR 36).
const fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffd}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The inside of a quoted string with its `\` escapes undone.
fn unescape(inside: &str) -> String {
    let mut text = String::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next()),
            _ => text.push(letter),
        }
    }
    text
}

/// `text` with the `\` escapes that the inside of a quoted string needs.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// The value of a hexadecimal digit.
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

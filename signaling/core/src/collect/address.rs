//! Addresses of pages, as they may be kept: of the web only, without names, passwords and fragments.

use crate::sessions::cut;

const LONGEST_URL: usize = 2_000;

/// No browser shows a longer address, and nobody types one.
const LONGEST_TOLD: usize = 4 * LONGEST_URL;

/// A parameter whose name holds one of these has a secret value. The loader's list is no longer.
const SECRETS: [&str; 12] = [
    "token", "secret", "pass", "pwd", "mail", "session", "phone", "jwt", "card", "iban", "auth",
    "authoriz",
];

/// … and so has one whose name ends so.
const SECRET_ENDS: [&str; 6] = ["key", "code", "sid", "sig", "pin", "otp"];

/// `url` without user, password, fragment and secret parameters, or nothing where it is not the
/// address of a web page.
#[must_use]
pub fn clean_url(url: &str) -> Option<String> {
    let mut url: String = url
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    cut(&mut url, LONGEST_TOLD);
    let url = url.split('#').next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://")?;
    let scheme = ["https", "http"]
        .into_iter()
        .find(|web| scheme.eq_ignore_ascii_case(web))?;
    // Browsers read a backslash as a slash.
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, place) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.contains(char::is_whitespace) {
        return None;
    }
    let mut clean = format!("{scheme}://{host}");
    hide_secrets(&mut clean, place);
    cut(&mut clean, LONGEST_URL);
    Some(clean)
}

/// Appends `place` with `…` for the value of each parameter that looks like a secret.
fn hide_secrets(clean: &mut String, place: &str) {
    let mut rest = place;
    while let Some(equals) = rest.find('=') {
        let (before, value) = rest.split_at(equals);
        let value = &value[1..];
        let (value, after) = value.split_at(value.find(['&', ';']).unwrap_or(value.len()));
        let name = before.rsplit(['?', '&', ';']).next().unwrap_or_default();
        clean.push_str(before);
        clean.push('=');
        clean.push_str(if is_secret(name, value) { "…" } else { value });
        rest = after;
    }
    clean.push_str(rest);
}

/// By its name, or because it holds what looks like an address of mail, or an address with secrets of
/// its own: `next=/account?token=1`.
fn is_secret(name: &str, value: &str) -> bool {
    let value = unescape(value);
    let mut within = value
        .split(['?', '&', ';'])
        .filter_map(|pair| pair.split_once('='));
    names_secret(&unescape(name))
        || value.contains('@')
        || within.any(|(name, _)| names_secret(name))
}

fn names_secret(name: &str) -> bool {
    let named = SECRETS.iter().any(|secret| match *secret {
        // An author is none.
        "auth" => name.replace("author", "").contains("auth"),
        secret => name.contains(secret),
    });
    named || SECRET_ENDS.iter().any(|end| name.ends_with(end))
}

/// ASCII letters for their escapes, in lower case: `%54oken` is a token too.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let code = after
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                plain.push(char::from(code));
                rest = &after[2..];
            }
            None => {
                plain.push('%');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain.make_ascii_lowercase();
    plain
}

//! Texts as rules compare them: without regard to case, and patterns in time linear in the text.

use std::{borrow::Cow, ops::Range};

/// A name or pattern longer than this, in bytes, fits nothing.
pub(super) const LONGEST_PATTERN: usize = 2_000;

/// `text` in lower case, letter by letter: a part of a text folds as it does within the whole.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(is_folded) {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    Cow::Owned(folded)
}

fn is_folded(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_uppercase()
}

/// Whether two texts are the same but for case and space around them.
pub(super) fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    let other = other.chars().flat_map(char::to_lowercase);
    one.chars().flat_map(char::to_lowercase).eq(other)
}

/// Appends `text`, trimmed and in lower case, and tells where it stands.
pub(super) fn fold_onto(all: &mut String, text: &str) -> Range<usize> {
    let start = all.len();
    let text = text.trim();
    if text.is_ascii() {
        all.push_str(text);
        all[start..].make_ascii_lowercase();
    } else {
        all.extend(text.chars().flat_map(char::to_lowercase));
    }
    start..all.len()
}

/// What a condition asks for, ready to compare; nothing where it is too long to fit anything.
pub(super) fn asked(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    (text.len() <= LONGEST_PATTERN).then(|| fold(text))
}

/// Whether the whole of `text` fits `pattern`, both folded; `*` stands for any characters.
///
/// Each part between stars is taken at its first place, which is enough where only `*` is special:
/// no way is tried twice, whatever the pattern.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = text.strip_prefix(head);
    let Some(mut inner) = inner.and_then(|inner| inner.strip_suffix(tail)) else {
        return false;
    };
    for part in middle.split('*').filter(|part| !part.is_empty()) {
        let Some((_, after)) = inner.split_once(part) else {
            return false;
        };
        inner = after;
    }
    true
}

/// Where the parts of a folded address stand.
#[derive(Clone, Debug)]
pub(super) struct Address {
    start: usize,
    host: usize,
    path: usize,
    query: usize,
    end: usize,
}

impl Address {
    /// Appends `url` to `all`, folded; letters written as `%C3%A1` become letters.
    pub(super) fn fold_onto(all: &mut String, url: &str) -> Self {
        let span = if has_letters_escaped(url) {
            fold_onto(all, &unescape(url))
        } else {
            fold_onto(all, url)
        };
        let Range { start, end } = span;
        let text = &all[start..end];
        let host = text.find("://").map_or(0, |at| at + 3);
        let path = text[host..]
            .find(['/', '?'])
            .map_or(text.len(), |at| host + at);
        let query = text[path..].find('?').map_or(text.len(), |at| path + at);
        Self {
            start,
            host: start + host,
            path: start + path,
            query: start + query,
            end,
        }
    }

    /// Whether it fits `pattern` (folded): as a whole, without `https://`, or its path alone, each
    /// with or without what follows `?`.
    pub(super) fn fits(&self, pattern: &str, all: &str) -> bool {
        // What ends in a star fits the whole wherever it fits a beginning.
        let bare = self.query < self.end && !pattern.ends_with('*');
        let from = |start: usize| {
            fits(pattern, &all[start..self.end]) || (bare && fits(pattern, &all[start..self.query]))
        };
        if pattern.starts_with('/') {
            from(self.path)
        } else if pattern.starts_with('*') || pattern.contains("://") {
            from(self.start)
        } else {
            from(self.start) || from(self.host)
        }
    }
}

/// A pattern for addresses, ready to compare.
pub(super) fn asked_address(pattern: &str) -> Option<Cow<'_, str>> {
    if pattern.len() > LONGEST_PATTERN || !has_letters_escaped(pattern) {
        return asked(pattern);
    }
    Some(Cow::Owned(fold(unescape(pattern).trim()).into_owned()))
}

fn has_letters_escaped(url: &str) -> bool {
    let bytes = url.as_bytes();
    (0..bytes.len()).any(|at| escaped_letter(bytes, at).is_some())
}

/// The byte that `%XX` at `at` stands for, where it is part of a letter beyond ASCII.
fn escaped_letter(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = *bytes.get(at..at + 3)? else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    (!byte.is_ascii()).then_some(byte)
}

/// Letters for their escapes; what is no letter stays as it is written.
fn unescape(url: &str) -> String {
    let bytes = url.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if let Some(byte) = escaped_letter(bytes, at) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| url.to_owned())
}

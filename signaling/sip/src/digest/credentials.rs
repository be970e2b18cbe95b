//! Reads the value of an Authorization header (RFC 3261 §25.1, `credentials`).

use super::Algorithm;

/// The longest value that is read, in bytes.
const MOST_BYTES: usize = 4096;
/// The most parameters that are read.
const MOST_PARAMETERS: usize = 32;

/// Names in lower case with their unquoted values.
pub(super) type Parameters = Vec<(String, String)>;

/// A login for our realm that can be judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credentials {
    /// The hash.
    pub algorithm: Algorithm,
    /// Whether it is the `-sess` variant.
    pub session: bool,
    /// Who, as it was written.
    pub user: String,
    /// The request's URI, as it was written.
    pub uri: String,
    /// Our nonce.
    pub nonce: String,
    /// Their nonce.
    pub cnonce: String,
    /// The nonce count as 8 hexadecimal digits.
    pub nc: String,
    /// The nonce count as a number, at least 1.
    pub count: u32,
    /// The answer, in hexadecimal.
    pub response: String,
}

/// Why credentials cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// More than an honest phone writes.
    #[error("the credentials are longer than any phone writes them")]
    TooLong,
    /// Quotes that do not close, or something between the parameters.
    #[error("the credentials are no list of name=value")]
    Grammar,
    /// A parameter stands twice, so that it is open which one counts.
    #[error("the credentials name the same parameter twice")]
    Twice,
    /// A parameter that the digest needs is missing or has no usable value.
    #[error("the credentials have no usable {0}")]
    Missing(&'static str),
}

impl Credentials {
    /// Reads one header's value; `None` where it is for another scheme, another realm, or an
    /// algorithm that we did not offer, none of which is wrong.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where it is for us, but cannot be judged.
    pub fn parse(value: &str, realm: &str) -> Result<Option<Self>, Unreadable> {
        let Some(parameters) = digest_parameters(value)? else {
            return Ok(None);
        };
        let get = |name: &'static str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let need = |name: &'static str| {
            get(name)
                .filter(|value| !value.is_empty())
                .ok_or(Unreadable::Missing(name))
        };
        if !get("realm").is_some_and(|theirs| theirs.eq_ignore_ascii_case(realm)) {
            return Ok(None);
        }
        // RFC 7616 §3.3: without an algorithm it is MD5.
        let Some((algorithm, session)) = algorithm(get("algorithm").unwrap_or("MD5")) else {
            return Ok(None);
        };
        // RFC 3261 §22.4 rule 8: who gets a qop answers with one. We always send one.
        if !need("qop")?.eq_ignore_ascii_case("auth") {
            return Err(Unreadable::Missing("qop"));
        }
        let nc = need("nc")?;
        let digits = nc.len() == 8 && nc.bytes().all(|digit| digit.is_ascii_hexdigit());
        let count = u32::from_str_radix(nc, 16)
            .ok()
            .filter(|count| digits && *count > 0);
        Ok(Some(Self {
            algorithm,
            session,
            user: need("username")?.to_owned(),
            uri: need("uri")?.to_owned(),
            nonce: need("nonce")?.to_owned(),
            cnonce: need("cnonce")?.to_owned(),
            nc: nc.to_owned(),
            count: count.ok_or(Unreadable::Missing("nc"))?,
            response: need("response")?.to_owned(),
        }))
    }
}

/// The parameters of a value of the Digest scheme; `None` for any other scheme.
pub(super) fn digest_parameters(value: &str) -> Result<Option<Parameters>, Unreadable> {
    if value.len() > MOST_BYTES {
        return Err(Unreadable::TooLong);
    }
    let value = value.trim_start();
    let Some((scheme, rest)) = value.split_once(is_gap) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("Digest") {
        return Ok(None);
    }
    parameters(rest).map(Some)
}

/// An algorithm by its name, and whether it is the `-sess` variant.
pub(super) fn algorithm(name: &str) -> Option<(Algorithm, bool)> {
    Algorithm::OFFERED.into_iter().find_map(|known| {
        let plain = name.get(..known.name().len())?;
        if !plain.eq_ignore_ascii_case(known.name()) {
            return None;
        }
        match name.get(known.name().len()..)? {
            "" => Some((known, false)),
            rest => rest.eq_ignore_ascii_case("-sess").then_some((known, true)),
        }
    })
}

/// Reads `name=value` lists. Line folds (RFC 3261 §7.3.1) count as spaces, empty
/// elements as nothing.
fn parameters(text: &str) -> Result<Parameters, Unreadable> {
    let mut parameters = Parameters::new();
    let empty = |letter| letter == ',' || is_gap(letter);
    let mut rest = text.trim_start_matches(empty);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or(Unreadable::Grammar)?;
        let name = name.trim_end_matches(is_gap);
        if !crate::words::is_token(name) {
            return Err(Unreadable::Grammar);
        }
        let (value, after) = value(after.trim_start_matches(is_gap))?;
        let name = name.to_ascii_lowercase();
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(Unreadable::Twice);
        }
        if parameters.len() == MOST_PARAMETERS {
            return Err(Unreadable::TooLong);
        }
        parameters.push((name, value));
        let after = after.trim_start_matches(is_gap);
        if !after.is_empty() && !after.starts_with(',') {
            return Err(Unreadable::Grammar);
        }
        rest = after.trim_start_matches(empty);
    }
    Ok(parameters)
}

/// The value at the beginning of `text`, unquoted, and what follows it.
fn value(text: &str) -> Result<(String, &str), Unreadable> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text
            .find(|letter| letter == ',' || is_gap(letter))
            .unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        if value.contains(|letter: char| letter == '"' || letter.is_control()) {
            return Err(Unreadable::Grammar);
        }
        return Ok((value.to_owned(), after));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, quoted.get(at + 1..).unwrap_or_default())),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            _ if letter.is_control() => return Err(Unreadable::Grammar),
            _ => value.push(letter),
        }
    }
    Err(Unreadable::Grammar)
}

/// What may stand between parameters.
fn is_gap(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\n')
}

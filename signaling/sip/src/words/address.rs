//! Addresses in headers: a name, a URI and parameters (RFC 3261 §20.10, `name-addr`).

use super::{SipUri, display_name, unescape};

/// The longest list and the most parameters that are read: nobody honest writes more.
const MOST: usize = 32;

/// Parameters after a `;`. Names are in lower case; values are unquoted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `a=1;b;c="x"`. A name without a value has an empty one; the first of a name counts.
    ///
    /// `None` where there are more than 32, or one has a control character in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parameters = Vec::new();
        for part in split(text, ';') {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            if parameters.len() == MOST || part.chars().any(char::is_control) {
                return None;
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            let value = match value.strip_prefix('"') {
                Some(quoted) => unescape(quoted.strip_suffix('"').unwrap_or(quoted)),
                None => value.to_owned(),
            };
            parameters.push((name.trim().to_ascii_lowercase(), value));
        }
        Some(Self(parameters))
    }

    /// The value of `name`, which is in lower case; empty where it stands without a value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The value of a From, To, Contact or `P-Asserted-Identity`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    /// The name in front, fit to be shown.
    pub name: Option<String>,
    /// The URI as it was written, without brackets.
    pub uri_text: String,
    /// The URI, where it is one that we read.
    pub uri: Option<SipUri>,
    /// The parameters of the header, not those of the URI.
    pub parameters: Parameters,
}

impl Address {
    /// Reads one address: `"Anna" <sip:1001@example.com>;tag=1` or `sip:1001@example.com;tag=1`.
    ///
    /// Without brackets the parameters are the header's (RFC 3261 §20.10). `None` where no URI
    /// can be made out.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (name, uri, parameters) = match find_outside_quotes(text, '<') {
            Some(open) => {
                let (name, rest) = (text.get(..open)?, text.get(open + 1..)?);
                let (uri, after) = rest.split_once('>')?;
                let after = after.trim_start();
                if !after.is_empty() && !after.starts_with(';') {
                    return None;
                }
                (display_name(name), uri, after)
            }
            None => match text.split_once(';') {
                Some((uri, parameters)) => (None, uri, parameters),
                None => (None, text, ""),
            },
        };
        let uri_text = uri.trim();
        if uri_text.is_empty()
            || uri_text
                .chars()
                .any(|letter| letter.is_control() || letter == ' ')
        {
            return None;
        }
        Some(Self {
            name,
            uri_text: uri_text.to_owned(),
            uri: SipUri::parse(uri_text),
            parameters: Parameters::parse(parameters)?,
        })
    }
}

/// The elements of a comma list (RFC 3261 §7.3.1), trimmed: a comma in quotes or in `<…>` does not
/// count. Empty elements are left out; at most 33 come out, so that a list that is too long shows.
#[must_use]
pub fn split_commas(value: &str) -> Vec<&str> {
    let elements = split(value, ',')
        .map(str::trim)
        .filter(|element| !element.is_empty());
    elements.take(MOST + 1).collect()
}

/// The parts of `text` between `separator`s that stand neither in quotes nor in `<…>`.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match find(text, separator, true) {
            Some(at) => {
                rest = text.get(at + 1..);
                text.get(..at)
            }
            None => rest.take(),
        }
    })
}

/// Where `wanted` first stands outside of quotes.
fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    find(text, wanted, false)
}

fn find(text: &str, wanted: char, brackets: bool) -> Option<usize> {
    let (mut quoted, mut escaped, mut angled) = (false, false, false);
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted {
            match letter {
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if angled {
            angled = letter != '>';
        } else if letter == wanted {
            return Some(at);
        } else {
            quoted = letter == '"';
            angled = brackets && letter == '<';
        }
    }
    None
}

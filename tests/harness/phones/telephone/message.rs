//! SIP messages as lines of text: what a telephone needs of RFC 3261, section 7, and no more.
//!
//! [`judge`] reads the same bytes with `rsip`, so that what Bellwire sends is seen by a parser it does not share.

use std::{fmt, net::SocketAddr};

use anyhow::{Context, Result, bail};
use rsip::prelude::{HeadersExt, ToTypedHeader};

/// A request or a response.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its first line.
    pub line: Line,
    /// Its headers in order, with the names as they were written.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

/// A message's first line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line {
    /// Of a request.
    Request {
        /// INVITE, BYE and so on.
        method: String,
        /// The Request-URI.
        uri: String,
    },
    /// Of a response.
    Status {
        /// 100 to 699.
        code: u16,
        /// The words after it.
        phrase: String,
    },
}

/// The short forms of header names (RFC 3261, section 7.3.3, and later ones).
const SHORT: [(&str, &str); 13] = [
    ("i", "Call-ID"),
    ("m", "Contact"),
    ("e", "Content-Encoding"),
    ("l", "Content-Length"),
    ("c", "Content-Type"),
    ("f", "From"),
    ("s", "Subject"),
    ("k", "Supported"),
    ("t", "To"),
    ("v", "Via"),
    ("r", "Refer-To"),
    ("b", "Referred-By"),
    ("x", "Session-Expires"),
];

impl Message {
    /// A request without headers.
    #[must_use]
    pub fn request(method: &str, uri: &str) -> Self {
        Self::new(Line::Request {
            method: method.into(),
            uri: uri.into(),
        })
    }

    /// The response to a request, with the headers that it must repeat (RFC 3261, section 8.2.6.2).
    #[must_use]
    pub fn response(to: &Self, code: u16, phrase: &str) -> Self {
        let mut message = Self::new(Line::Status {
            code,
            phrase: phrase.into(),
        });
        for name in ["Via", "From", "To", "Call-ID", "CSeq", "Record-Route"] {
            for value in to.all(name) {
                message.headers.push((name.into(), value.into()));
            }
        }
        message
    }

    fn new(line: Line) -> Self {
        Self {
            line,
            headers: vec![],
            body: String::new(),
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// With a body.
    #[must_use]
    pub fn carrying(mut self, kind: &str, body: impl Into<String>) -> Self {
        self.body = body.into();
        self.with("Content-Type", kind)
    }

    /// With this value in place of the header's own.
    pub fn set(&mut self, name: &str, value: impl fmt::Display) {
        let value = value.to_string();
        match self.headers.iter_mut().find(|(own, _)| is(own, name)) {
            Some((_, own)) => *own = value,
            None => self.headers.push((name.into(), value)),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).context("a message that is not UTF-8")?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        // A line that starts with a space goes on with the one before (RFC 3261, section 7.3.1).
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = head.trim_start().split("\r\n");
        let mut message = Self::new(first_line(lines.next().unwrap_or_default())?);
        for line in lines {
            let (name, value) = line
                .split_once(':')
                .with_context(|| format!("no header: {line}"))?;
            let value = value.trim().to_owned();
            message.headers.push((name.trim().to_owned(), value));
        }
        let length = message
            .header("Content-Length")
            .and_then(|n| n.parse().ok());
        let length = length.unwrap_or(body.len());
        let body = body.get(..length).context("a body that was cut short")?;
        message.body = body.to_owned();
        Ok(message)
    }

    /// The first header of this name; compact forms count.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every header of this name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.to_owned();
        let named = self.headers.iter().filter(move |(own, _)| is(own, &name));
        named.map(|(_, value)| value.as_str())
    }

    /// Every value of a header that may hold several, with commas between.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(split_list).collect()
    }

    /// A header that must be there.
    ///
    /// # Errors
    ///
    /// Where it is not.
    pub fn must(&self, name: &str) -> Result<&str> {
        self.header(name)
            .with_context(|| format!("no {name} in:\n{self}"))
    }

    /// The method: a request's own, or that of the request a response answers.
    #[must_use]
    pub fn method(&self) -> &str {
        match &self.line {
            Line::Request { method, .. } => method,
            Line::Status { .. } => {
                let sequence = self.header("CSeq").unwrap_or_default();
                sequence.split_whitespace().nth(1).unwrap_or_default()
            }
        }
    }

    /// The number in `CSeq`.
    #[must_use]
    pub fn sequence(&self) -> u32 {
        let sequence = self.header("CSeq").unwrap_or_default();
        let number = sequence.split_whitespace().next();
        number.and_then(|n| n.parse().ok()).unwrap_or_default()
    }

    /// A response's status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.line {
            Line::Request { .. } => None,
            Line::Status { code, .. } => Some(*code),
        }
    }

    /// The branch of the topmost `Via`.
    #[must_use]
    pub fn branch(&self) -> String {
        let via = self.header("Via").unwrap_or_default();
        parameter(via, "branch").unwrap_or_default()
    }

    /// The body, where it describes a session.
    #[must_use]
    pub fn sdp(&self) -> Option<&str> {
        (!self.body.is_empty() && self.header("Content-Type")?.contains("sdp"))
            .then_some(self.body.as_str())
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.line {
            Line::Request { method, uri } => write!(f, "{method} {uri} SIP/2.0\r\n")?,
            Line::Status { code, phrase } => write!(f, "SIP/2.0 {code} {phrase}\r\n")?,
        }
        let others = |(name, _): &&(String, String)| !is(name, "Content-Length");
        for (name, value) in self.headers.iter().filter(others) {
            write!(f, "{name}: {value}\r\n")?;
        }
        write!(
            f,
            "Content-Length: {}\r\n\r\n{}",
            self.body.len(),
            self.body
        )
    }
}

/// What another parser says against a message; `None` where it has nothing against it.
///
/// Besides the syntax of the whole, the headers that every message must have are read to the last parameter.
#[must_use]
pub fn judge(bytes: &[u8]) -> Option<String> {
    let complaint = |what: &str, error: rsip::Error| {
        let text = String::from_utf8_lossy(bytes);
        Some(format!("{what}: {error}\n{text}"))
    };
    let message = match rsip::SipMessage::try_from(bytes) {
        Ok(message) => message,
        Err(error) => return complaint("no SIP message", error),
    };
    let checks: [(&str, Result<(), rsip::Error>); 5] = [
        (
            "Via",
            message.via_header().and_then(|one| one.typed()).map(drop),
        ),
        (
            "From",
            message.from_header().and_then(|one| one.typed()).map(drop),
        ),
        (
            "To",
            message.to_header().and_then(|one| one.typed()).map(drop),
        ),
        (
            "CSeq",
            message.cseq_header().and_then(|one| one.typed()).map(drop),
        ),
        ("Call-ID", message.call_id_header().map(drop)),
    ];
    let failed = checks
        .into_iter()
        .find_map(|(name, check)| check.err().map(|error| (name, error)));
    let (name, error) = failed?;
    complaint(name, error)
}

/// The address inside `"Name" <sip:…>;tag=…`, or the value itself where it has no brackets.
#[must_use]
pub fn uri_of(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => value.split(';').next().unwrap_or(value).trim(),
    }
}

/// The user part of an address.
#[must_use]
pub fn user_of(value: &str) -> &str {
    let uri = uri_of(value);
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    rest.split_once('@').map_or("", |(user, _)| user)
}

/// A parameter behind the address (`;tag=…`).
#[must_use]
pub fn parameter(value: &str, name: &str) -> Option<String> {
    let behind = value.rsplit_once('>').map_or(value, |(_, behind)| behind);
    behind.split(';').skip(1).find_map(|one| {
        let (own, value) = one.split_once('=').unwrap_or((one, ""));
        own.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Where an address with numbers for its host is: `sip:100@127.0.0.1:5060;transport=udp`.
#[must_use]
pub fn address_of(value: &str) -> Option<SocketAddr> {
    let uri = uri_of(value);
    let (_, rest) = uri.split_once(':')?;
    let rest = rest.split([';', '?']).next()?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let with_port = host.parse().ok();
    with_port.or_else(|| Some(SocketAddr::new(host.parse().ok()?, 5060)))
}

fn first_line(line: &str) -> Result<Line> {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("SIP/2.0"), Some(code), phrase) => Ok(Line::Status {
            code: code.parse().with_context(|| format!("no status: {line}"))?,
            phrase: phrase.unwrap_or_default().into(),
        }),
        (Some(method), Some(uri), Some("SIP/2.0")) => Ok(Line::Request {
            method: method.into(),
            uri: uri.into(),
        }),
        (_, _, _) => bail!("no first line of SIP: {line}"),
    }
}

fn is(own: &str, name: &str) -> bool {
    let short = SHORT
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(own));
    let long = short.map_or(own, |(_, long)| long);
    long.eq_ignore_ascii_case(name)
}

/// Splits at commas that are neither inside quotes nor inside brackets.
fn split_list(value: &str) -> Vec<String> {
    let (mut quoted, mut bracketed) = (false, false);
    let at_comma = |letter: char| {
        match letter {
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            ',' => return !quoted && !bracketed,
            _ => {}
        }
        false
    };
    let parts = value.split(at_comma).map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let written = Message::request("INVITE", "sip:100@127.0.0.1")
            .with("v", "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1")
            .with("From", "\"A, B\" <sip:a@b>;tag=x")
            .with("To", "<sip:100@127.0.0.1>")
            .with("Call-ID", "1")
            .with("CSeq", "7 INVITE")
            .carrying("application/sdp", "v=0\r\n");

        let read = Message::parse(written.to_string().as_bytes()).unwrap();

        assert_eq!(read.branch(), "z9hG4bK1");
        assert_eq!((read.method(), read.sequence()), ("INVITE", 7));
        assert_eq!(
            parameter(read.must("from").unwrap(), "tag").as_deref(),
            Some("x")
        );
        assert_eq!(read.sdp(), Some("v=0\r\n"));
    }

    #[test]
    fn lists_are_split_outside_of_quotes_and_brackets() {
        let list = split_list("\"a, b\" <sip:c@d;x=1,2>;q=1, <sip:e@f>");

        assert_eq!(list, ["\"a, b\" <sip:c@d;x=1,2>;q=1", "<sip:e@f>"]);
    }

    #[test]
    fn an_address_is_found_with_and_without_a_port() {
        let with = address_of("<sip:100@127.0.0.1:5080;transport=udp>;q=1");
        let without = address_of("sip:127.0.0.1");

        assert_eq!(with, "127.0.0.1:5080".parse().ok());
        assert_eq!(without, "127.0.0.1:5060".parse().ok());
        assert_eq!(address_of("sip:trunk.example"), None);
    }

    #[test]
    fn the_judge_finds_what_is_wrong() {
        let good = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
                    To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n";
        let bad = good.replace("CSeq: 1 OPTIONS", "CSeq: one OPTIONS");

        assert_eq!(judge(good.as_bytes()), None);
        assert!(judge(bad.as_bytes()).unwrap().starts_with("CSeq"));
    }
}

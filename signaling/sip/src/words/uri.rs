//! SIP and telephone URIs, as far as the centre reads them (RFC 3261 §19.1, RFC 3966).

use std::fmt;

use super::{Parameters, host_port, percent_decode};

/// The longest URI that is read, in bytes.
const URI_BYTES: usize = 512;

/// What kind of address a URI is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`, which asks for TLS all the way.
    Sips,
    /// `tel:`, a number alone.
    Tel,
}

impl Scheme {
    /// The port where the URI brings none; a number has no port.
    const fn default_port(self) -> Option<u16> {
        match self {
            Self::Sip => Some(5060),
            Self::Sips => Some(5061),
            Self::Tel => None,
        }
    }

    /// As a URI names it.
    const fn name(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Sips => "sips",
            Self::Tel => "tel",
        }
    }
}

/// A host with a port, if it brings one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostPort {
    /// A name in lower case, an IPv4 address, or an IPv6 address in brackets.
    pub host: String,
    /// The port, where there is one.
    pub port: Option<u16>,
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// A URI that was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SipUri {
    /// What kind of address it is.
    pub scheme: Scheme,
    /// The part before the `@`, decoded and without a password; of a `tel:` URI the number with
    /// its separators.
    pub user: Option<String>,
    /// The host; `None` for `tel:`.
    pub host: Option<HostPort>,
    /// What follows the first `;`.
    pub parameters: Parameters,
    /// What follows the `?`, undecoded: the headers that a `Refer-To` may bring.
    pub headers: Option<String>,
}

impl SipUri {
    /// Reads a URI without name and angle brackets.
    ///
    /// `None` where it is no SIP, SIPS or telephone URI, is longer than 512 bytes, or has a space
    /// or a control character in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = |byte: u8| byte > b' ' && byte != 0x7f && !b"<>\"".contains(&byte);
        if text.len() > URI_BYTES || !text.bytes().all(plain) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let scheme = [Scheme::Sip, Scheme::Sips, Scheme::Tel]
            .into_iter()
            .find(|known| known.name().eq_ignore_ascii_case(scheme))?;
        if scheme == Scheme::Tel {
            let (number, parameters) = rest.split_once(';').unwrap_or((rest, ""));
            return Some(Self {
                scheme,
                user: Some(percent_decode(number).filter(|number| !number.is_empty())?),
                host: None,
                parameters: Parameters::parse(parameters)?,
                headers: None,
            });
        }
        // A user part may hold `;` and `?`, so the `@` is looked for first. It holds no other `@`.
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(headers.to_owned())),
            None => (rest, None),
        };
        let (host, parameters) = rest.split_once(';').unwrap_or((rest, ""));
        let user = match user {
            Some(user) => {
                let user = user.split_once(':').map_or(user, |(user, _password)| user);
                Some(percent_decode(user).filter(|user| !user.is_empty())?)
            }
            None => None,
        };
        Some(Self {
            scheme,
            user,
            host: Some(host_port(host)?),
            parameters: Parameters::parse(parameters)?,
            headers,
        })
    }

    /// Whether both name the same place by RFC 3261 §19.1.4.
    ///
    /// The user compares letter by letter, everything else without case. `transport`, `user`,
    /// `ttl`, `method` and `maddr` count even where only one has them; other parameters where
    /// both do. Headers count.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        const COUNTED: [&str; 5] = ["transport", "user", "ttl", "method", "maddr"];
        let parameters_fit = |one: &Self, other: &Self| {
            one.parameters
                .iter()
                .all(|(name, value)| match other.parameters.get(name) {
                    Some(theirs) => value.eq_ignore_ascii_case(theirs),
                    None => !COUNTED.contains(&name),
                })
        };
        self.scheme == other.scheme
            && self.user == other.user
            && self.host == other.host
            && self.headers == other.headers
            && parameters_fit(self, other)
            && parameters_fit(other, self)
    }

    /// Whether both lead to the same resource: as [`Self::is_same_as`], but a port that is the
    /// scheme's own may be left out, and parameters and headers do not count.
    #[must_use]
    pub fn is_same_resource_as(&self, other: &Self) -> bool {
        let place = |uri: &Self| {
            let host = uri.host.clone()?;
            Some((host.host, host.port.or(uri.scheme.default_port())))
        };
        self.scheme == other.scheme && self.user == other.user && place(self) == place(other)
    }
}

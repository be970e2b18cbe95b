//! What a single setting must be, with the sentence for where it is not.

use std::{fmt::Display, net::SocketAddr};

use bellwire_proto::id::CentreId;
use serde::{Deserialize, Deserializer, de::Error};
use tracing::level_filters::LevelFilter;

use super::Network;
use crate::origin::Origin;

/// An IP address and a port.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    SocketAddr::deserialize(deserializer)
        .map_err(|_| D::Error::custom("an IP address and a port, like 127.0.0.1:8080"))
}

/// An IP address and a port, or nothing for an empty text.
pub(super) fn some_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            D::Error::custom("an IP address and a port, like 0.0.0.0:5060, or \"\" for none")
        }),
    }
}

/// An origin.
pub(super) fn origin<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Origin>, D::Error> {
    match Origin::deserialize(deserializer) {
        Ok(origin) => Ok(Some(origin)),
        Err(_) => Err(D::Error::custom(
            "scheme, host and port without a path, like https://centre.example",
        )),
    }
}

/// Networks.
pub(super) fn networks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Network>, D::Error> {
    Vec::deserialize(deserializer)
        .map_err(|_| D::Error::custom("a list of addresses or networks, like 10.0.0.0/8"))
}

/// A number of at least one.
pub(super) fn positive<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: TryFrom<u64>,
{
    let wanted = || D::Error::custom("a whole number of at least 1");
    let number = u64::deserialize(deserializer).map_err(|_| wanted())?;
    match N::try_from(number) {
        Ok(n) if number > 0 => Ok(n),
        Ok(_) => Err(wanted()),
        Err(_) => Err(D::Error::custom("a smaller number")),
    }
}

/// A centre's short name.
pub(super) fn short_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CentreId, D::Error> {
    let name = String::deserialize(deserializer)?;
    let fits = (1..=40).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match fits {
        true => Ok(CentreId(name)),
        false => Err(D::Error::custom(
            "1 to 40 lower-case letters, digits and hyphens",
        )),
    }
}

/// A log level, or several for parts of the program.
pub(super) fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let level = String::deserialize(deserializer)?;
    let fits = |part: &str| {
        let least = part
            .rsplit_once('=')
            .map_or(part, |(_, least)| least)
            .trim();
        !least.is_empty() && least.parse::<LevelFilter>().is_ok()
    };
    match level.split(',').all(fits) {
        true => Ok(level),
        false => Err(D::Error::custom(
            "error, warn, info, debug or trace, or a list like warn,bellwire=debug",
        )),
    }
}

/// Addresses of STUN servers (RFC 7064).
pub(super) fn stun<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    urls(deserializer, ["stun:", "stuns:"], "stun:stun.example:3478")
}

/// Addresses of TURN servers (RFC 7065).
pub(super) fn turn<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    urls(deserializer, ["turn:", "turns:"], "turn:turn.example:3478")
}

fn urls<'de, D: Deserializer<'de>>(
    deserializer: D,
    schemes: [&str; 2],
    like: impl Display,
) -> Result<Vec<String>, D::Error> {
    let urls = Vec::<String>::deserialize(deserializer)?;
    let fits = |url: &String| {
        let host = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
        host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
    };
    match urls.iter().all(fits) {
        true => Ok(urls),
        false => Err(D::Error::custom(format_args!(
            "a list of addresses like {like}"
        ))),
    }
}

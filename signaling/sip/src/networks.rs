//! Networks by address and prefix: which sources a trunk's calls may come from.
//!
//! An IPv4 address that comes mapped into IPv6 counts as the IPv4 address it is.

use std::{fmt, net::IpAddr, str::FromStr};

/// An address with a prefix: `203.0.113.0/28`. A single address has the longest prefix.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// A text that is no network.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no network: write an IP address, or one with a prefix like 203.0.113.0/28")]
pub struct NetworkError(pub String);

impl Network {
    /// The network of the addresses that begin with the first `prefix` bits of `address`;
    /// `None` where it has not that many.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= bits(address)).then(|| Self {
            address: masked(address, prefix),
            prefix,
        })
    }

    /// Whether `address` belongs to it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        bits(address) == bits(self.address) && masked(address, self.prefix) == self.address
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NetworkError(text.to_owned());
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => bits(address),
        };
        Self::new(address, prefix).ok_or_else(wrong)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Several networks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// The networks that `texts` name.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] for the first text that is none.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NetworkError> {
        texts
            .into_iter()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether `address` belongs to one of them.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Network> for Networks {
    fn extend<T: IntoIterator<Item = Network>>(&mut self, networks: T) {
        self.0.extend(networks);
    }
}

impl FromIterator<Network> for Networks {
    fn from_iter<T: IntoIterator<Item = Network>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

impl IntoIterator for Networks {
    type Item = Network;
    type IntoIter = std::vec::IntoIter<Network>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// How many bits an address of this kind has.
const fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// `address` with all but its first `prefix` bits cleared.
pub(crate) fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX
                .checked_shl(32 - u32::from(prefix.min(32)))
                .unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX
                .checked_shl(128 - u32::from(prefix.min(128)))
                .unwrap_or(0);
            IpAddr::V6((address.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_what_begins_like_it() {
        let cases = [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("203.0.113.0/28", "203.0.113.15", true),
            ("203.0.113.0/28", "203.0.113.16", false),
            ("203.0.113.9/28", "203.0.113.1", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("2001:db8::/48", "2001:db8:0:ffff::1", true),
            ("2001:db8::/48", "2001:db8:1::1", false),
            ("::/0", "2001:db8::1", true),
        ];

        for (network, address, inside) in cases {
            let network: Network = network.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                inside,
                "{network} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/",
            "203.0.113.0/33",
            "203.0.113.0/-1",
            "2001:db8::/129",
            "host",
            "1.2.3",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}

//! Where a page comes from, as browsers write it in the `Origin` header (RFC 6454).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

/// A web origin: scheme, host and port, in the one form that browsers send.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin(String);

/// Why a text is not an origin.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is not an origin: write the scheme, host and port, like https://shop.example")]
pub struct InvalidOrigin(String);

impl Origin {
    /// Reads an origin. Upper case, a default port and a slash at the end make no difference.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] where it is not `http` or `https`, or has a path, a query or a user.
    pub fn parse(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = || InvalidOrigin(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| invalid())?;
        let bare = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare {
            return Err(invalid());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The origin as it stands in a header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        Self::parse(text)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_brought_to_the_form_browsers_send() {
        let forms = [
            ("HTTPS://Shop.Example:443/", "https://shop.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ];
        for (text, origin) in forms {
            assert_eq!(Origin::parse(text).map(|o| o.0), Ok(origin.to_owned()));
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        let texts = [
            "shop.example",
            "null",
            "https://shop.example/cart",
            "https://shop.example/?a=1",
            "https://anna@shop.example",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "",
        ];
        for text in texts {
            assert_eq!(Origin::parse(text), Err(InvalidOrigin(text.to_owned())));
        }
    }
}

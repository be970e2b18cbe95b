//! Who asks, and by which address the server was reached.
//!
//! Headers that proxies write are believed only where the settings name the proxy.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use crate::{app::App, config::Network, origin::Origin};

/// The other end of the connection; a proxy, where there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// The browser's own address.
    pub(crate) address: IpAddr,
    /// No proxy stands between that the settings do not name: the address is the browser's.
    pub(crate) is_certain: bool,
    /// Where the request's page comes from, as the browser says.
    pub(crate) origin: Option<Origin>,
    /// This server's own origin, as the browser reached it.
    pub(crate) own: Option<Origin>,
    /// The browser asks not to watch its user: Global Privacy Control, or Do Not Track.
    pub(crate) is_quiet: bool,
}

impl Client {
    /// Whether the request's page is one of this server's own.
    pub(crate) fn is_own(&self) -> bool {
        self.own.is_some() && self.origin == self.own
    }

    /// Whether the browser reached this server by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        let own = self.own.as_ref().map(Origin::as_str);
        own.is_some_and(|own| own.starts_with("https:"))
    }
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let trusted = &app.config.trusted_proxies;
        let proxied = peer.is_some_and(|peer| is_among(peer, trusted));
        let headers = &parts.headers;
        let unknown = IpAddr::from([0, 0, 0, 0]);
        Ok(Self {
            address: match peer {
                Some(_) if proxied => forwarded_for(headers, trusted).or(peer),
                direct => direct,
            }
            .unwrap_or(unknown)
            .to_canonical(),
            is_certain: proxied || !headers.contains_key("x-forwarded-for"),
            origin: text(headers, header::ORIGIN.as_str()).and_then(|o| Origin::parse(o).ok()),
            is_quiet: ["sec-gpc", "dnt"]
                .iter()
                .any(|name| text(headers, name) == Some("1")),
            own: match &app.config.public_url {
                Some(url) => Some(url.clone()),
                None => own(headers, proxied),
            },
        })
    }
}

/// Whether `address` is one of `networks`.
pub(crate) fn is_among(address: IpAddr, networks: &[Network]) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// The last address in the chain that no trusted proxy wrote about itself.
fn forwarded_for(headers: &HeaderMap, trusted: &[Network]) -> Option<IpAddr> {
    let chain: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in chain.iter().rev() {
        let address: IpAddr = hop.trim().parse().ok()?;
        if !is_among(address, trusted) {
            return Some(address);
        }
    }
    None
}

fn own(headers: &HeaderMap, proxied: bool) -> Option<Origin> {
    let host = text(headers, header::HOST.as_str())?;
    let secure = proxied && text(headers, "x-forwarded-proto") == Some("https");
    let scheme = if secure { "https" } else { "http" };
    Origin::parse(&format!("{scheme}://{host}")).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn the_client_is_who_the_first_trusted_proxy_saw() {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().expect("a network")];
        let cases = [
            (
                vec![("x-forwarded-for", "203.0.113.9")],
                Some("203.0.113.9"),
            ),
            (
                vec![("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.7")],
                Some("203.0.113.9"),
            ),
            (vec![("x-forwarded-for", "nonsense")], None),
            (vec![], None),
        ];
        for (pairs, client) in cases {
            let client = client.map(|text| text.parse().expect("an address"));
            assert_eq!(forwarded_for(&headers(&pairs), &trusted), client);
        }
    }

    #[test]
    fn the_own_origin_follows_the_host_and_a_trusted_proxy() {
        let asked = headers(&[("host", "centre.example"), ("x-forwarded-proto", "https")]);

        let plain = own(&asked, false).map(|origin| origin.to_string());
        let proxied = own(&asked, true).map(|origin| origin.to_string());

        assert_eq!(plain.as_deref(), Some("http://centre.example"));
        assert_eq!(proxied.as_deref(), Some("https://centre.example"));
    }
}

//! The STUN and TURN servers that browsers are told, with credentials that expire.
//!
//! Source: draft-uberti-behave-turn-rest-00, as coturn's `use-auth-secret` reads it.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bellwire_proto::{rtc::IceServer, time::Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::config::Config;

/// The servers for one side of a call. `user` names it in the TURN server's log.
#[must_use]
pub fn ice_servers(config: &Config, now: Timestamp, user: &str) -> Vec<IceServer> {
    let ice = &config.ice;
    let mut servers = Vec::new();
    if !ice.stun.is_empty() {
        servers.push(IceServer {
            urls: ice.stun.clone(),
            ..IceServer::default()
        });
    }
    let Some(secret) = ice.turn_secret.as_ref().filter(|_| !ice.turn.is_empty()) else {
        return servers;
    };
    let expires = now + Duration::from_secs(ice.turn_ttl_s);
    let username = format!("{}:{user}", expires.0 / 1000);
    let mut seal = Hmac::<Sha1>::new_from_slice(secret.reveal().as_bytes())
        .expect("HMAC takes keys of every length");
    seal.update(username.as_bytes());
    servers.push(IceServer {
        urls: ice.turn.clone(),
        username: Some(username),
        credential: Some(BASE64_STANDARD.encode(seal.finalize().into_bytes())),
    });
    servers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Ice, Secret};

    #[test]
    fn turn_credentials_are_what_coturn_expects() {
        let config = Config {
            ice: Ice {
                stun: vec!["stun:stun.example:3478".to_owned()],
                turn: vec!["turn:turn.example:3478".to_owned()],
                turn_secret: Some(Secret::new("north")),
                turn_ttl_s: 600,
            },
            ..Config::default()
        };

        let servers = ice_servers(&config, Timestamp(1_700_000_000_123), "int_1");

        assert_eq!(servers[0].urls, ["stun:stun.example:3478"]);
        assert_eq!(servers[1].username.as_deref(), Some("1700000600:int_1"));
        // printf %s 1700000600:int_1 | openssl dgst -sha1 -hmac north -binary | base64
        assert_eq!(
            servers[1].credential.as_deref(),
            Some("at/oiDVXM/NOS7erykRrZofuOZQ=")
        );
    }

    #[test]
    fn without_servers_none_are_told() {
        assert_eq!(ice_servers(&Config::default(), Timestamp(0), "int_1"), []);
    }
}

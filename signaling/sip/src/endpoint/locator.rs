//! Where requests go that name an address at which nobody can be reached: a telephone behind NAT calls itself by its own
//! network's address, a trunk's host has several.
//!
//! The first request of a call knows the way; those after it (CANCEL, ACK, BYE) name only the address. So a call keeps it here.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use rsipstack::{
    sip::{Host, Uri},
    transaction::endpoint::TargetLocator,
    transport::SipAddr,
};

use crate::{api::Origin, shared::lock};

/// The ways that calls keep, by whom they lead to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Arc<Mutex<HashMap<String, Known>>>);

/// Where somebody is.
#[derive(Debug)]
struct Known {
    at: SipAddr,
    /// Whose calls need to know it, and how many.
    owner: Origin,
    calls: usize,
}

/// A way that one call keeps. Forgotten with it.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    name: String,
}

impl Places {
    /// Whoever is named by `uri` is at `at`, for as long as the result lives. Nothing, where somebody else's call has it that
    /// this is elsewhere: what is said there is not to be heard here.
    pub(crate) fn keep(&self, uri: &Uri, at: SipAddr, owner: &Origin) -> Option<Place> {
        let name = name(uri);
        let mut all = lock(&self.0);
        let known = all.entry(name.clone()).or_insert_with(|| Known {
            at: at.clone(),
            owner: owner.clone(),
            calls: 0,
        });
        if known.owner != *owner && known.at != at {
            return None;
        }
        known.at = at;
        known.calls += 1;
        drop(all);
        Some(Place {
            places: self.clone(),
            name,
        })
    }

    fn find(&self, uri: &Uri) -> Option<SipAddr> {
        lock(&self.0).get(&name(uri)).map(|known| known.at.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = lock(&self.places.0);
        if let Some(known) = all.get_mut(&self.name) {
            known.calls = known.calls.saturating_sub(1);
            if known.calls == 0 {
                all.remove(&self.name);
            }
        }
    }
}

/// Users are part of it: many telephones are at the same address of a network of their own.
fn name(uri: &Uri) -> String {
    let user = uri.auth.as_ref().map_or("", |auth| auth.user.as_str());
    format!("{user}@{}", uri.host_with_port).to_ascii_lowercase()
}

/// Whether a Contact names an address that is reached only from inside its own network (RFC 1918, RFC 4193, RFC 6598).
pub(crate) fn is_inside(uri: &Uri) -> bool {
    match &uri.host_with_port.host {
        Host::IpAddr(IpAddr::V4(ip)) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || (a == 100 && (64..128).contains(&b))
        }
        Host::IpAddr(IpAddr::V6(ip)) => {
            ip.is_unique_local()
                || ip.is_loopback()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
        }
        Host::Domain(_) => false,
    }
}

#[async_trait::async_trait]
impl TargetLocator for Places {
    async fn locate(&self, uri: &Uri) -> rsipstack::Result<SipAddr> {
        match self.find(uri) {
            Some(at) => Ok(at),
            None => SipAddr::try_from(uri),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::try_from(text).unwrap()
    }

    #[tokio::test]
    async fn a_way_is_known_as_long_as_a_call_needs_it() {
        let places = Places::default();
        let contact = uri("sip:anna@192.168.1.5:5060");
        let at = SipAddr::try_from(uri("sip:203.0.113.9:40000")).unwrap();
        let anna = Origin::Account("anna".to_owned());
        let one = places.keep(&contact, at.clone(), &anna);
        let other = places.keep(&contact, at.clone(), &anna);

        drop(one);
        assert_eq!(places.locate(&contact).await.unwrap().addr, at.addr);
        let neighbour = uri("sip:boris@192.168.1.5:5060");
        let there = places.locate(&neighbour).await.unwrap();
        assert_eq!(there.addr, neighbour.host_with_port);
        drop(other);

        let there = places.locate(&contact).await.unwrap();
        assert_eq!(there.addr, contact.host_with_port);
    }

    #[tokio::test]
    async fn nobody_is_led_to_another_ones_place() {
        let places = Places::default();
        let contact = uri("sip:anna@192.168.1.5:5060");
        let [here, moved, elsewhere] = ["203.0.113.9:40000", "203.0.113.9:50000", "198.51.100.7"]
            .map(|at| SipAddr::try_from(uri(&format!("sip:{at}"))).unwrap());
        let [anna, boris] = ["anna", "boris"].map(|user| Origin::Account(user.to_owned()));
        let _first = places.keep(&contact, here, &anna).unwrap();

        assert!(places.keep(&contact, elsewhere, &boris).is_none());
        let second = places.keep(&contact, moved.clone(), &anna);
        let same = places.keep(&contact, moved.clone(), &boris);

        assert!(second.is_some() && same.is_some());
        assert_eq!(places.locate(&contact).await.unwrap().addr, moved.addr);
    }

    #[test]
    fn addresses_of_inner_networks_are_told_apart() {
        for inside in [
            "10.1.2.3",
            "192.168.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "[fd00::1]",
        ] {
            assert!(is_inside(&uri(&format!("sip:a@{inside}:5060"))), "{inside}");
        }
        for outside in [
            "203.0.113.9",
            "100.128.0.1",
            "[2001:db8::1]",
            "phone.example",
        ] {
            assert!(!is_inside(&uri(&format!("sip:a@{outside}"))), "{outside}");
        }
    }
}

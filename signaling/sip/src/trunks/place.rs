//! Where a trunk is: its host's addresses, which of them is used, and the connection to it.
//!
//! RFC 3263 as far as trunks need it: the transport is given, so that SRV of that transport comes first, then A and AAAA.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rsipstack::{
    resolver::SipResolver,
    sip::{self, Domain, Host, HostWithPort},
    transport::{SipAddr, SipConnection},
};

use super::says;
use crate::{
    settings::{Transport, Trunk},
    shared::{Shared, lock},
    words::{self, HostPort},
};

/// For how long addresses are used.
const KEPT_MS: u64 = 60_000;
/// For how long an address that did not answer comes last.
const SHUNNED_MS: u64 = 300_000;
/// The most addresses of one host.
const MOST: usize = 16;
/// How long name servers have.
const NAMES: Duration = Duration::from_secs(3);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(4);

/// A trunk's addresses, the most preferred first.
#[derive(Debug, Default)]
pub(super) struct Place {
    addresses: Vec<SocketAddr>,
    until_ms: u64,
    shunned: Vec<(SocketAddr, u64)>,
    /// The one that was used last.
    used: Option<SocketAddr>,
}

impl Place {
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The address used last did not answer: others come first for a while.
    pub(super) fn shun(&mut self, now_ms: u64) {
        self.shunned.retain(|(_, until)| *until > now_ms);
        if let Some(used) = self.used
            && self.addresses.len() > 1
            && !self.shunned.iter().any(|(shunned, _)| *shunned == used)
        {
            self.shunned.push((used, now_ms + SHUNNED_MS));
        }
    }

    fn is_fresh(&self, now_ms: u64) -> bool {
        now_ms < self.until_ms && !self.addresses.is_empty()
    }

    fn found(&mut self, addresses: Vec<SocketAddr>, now_ms: u64) {
        self.shunned
            .retain(|(shunned, until)| *until > now_ms && addresses.contains(shunned));
        self.addresses = addresses;
        self.until_ms = now_ms + KEPT_MS;
    }

    /// The first that fits and is not shunned, else the first that fits.
    fn choose(&mut self, now_ms: u64, fits: impl Fn(&SocketAddr) -> bool) -> Option<SocketAddr> {
        let shunned = |address: &SocketAddr| {
            let known =
                |(shunned, until): &(SocketAddr, u64)| shunned == address && *until > now_ms;
            self.shunned.iter().any(known)
        };
        let fitting = || self.addresses.iter().filter(|address| fits(address));
        let chosen = fitting()
            .find(|address| !shunned(address))
            .or_else(|| fitting().next())
            .copied();
        self.used = chosen;
        chosen
    }
}

/// A trunk that requests can go to.
pub(super) struct Reached {
    /// Where they go.
    pub(super) destination: SipAddr,
    /// What they go over, where the transport has connections.
    pub(super) connection: Option<SipConnection>,
    /// Our own address there, for Via and Contact.
    pub(super) own: SocketAddr,
}

/// Finds a trunk and, where its transport has connections, connects.
///
/// # Errors
///
/// What is wrong, as a sentence.
pub(super) async fn reach(shared: &Arc<Shared>, trunk: &Trunk) -> Result<Reached, String> {
    let host = words::host_port(&trunk.host).ok_or_else(|| says::no_host(trunk))?;
    let addresses = find(shared, trunk, &host).await?;
    let listens = shared.own_address(trunk.transport);
    let (transport, datagrams) = stack_transport(trunk.transport);
    if datagrams {
        let listens = listens.ok_or_else(|| says::deaf(trunk.transport))?;
        let fits = |address: &SocketAddr| {
            address.is_ipv4() == shared.addresses.udp.unwrap_or(listens).is_ipv4()
        };
        let address = choose(shared, trunk, &addresses, fits)
            .ok_or_else(|| says::no_family(&trunk.host, listens))?;
        return Ok(Reached {
            destination: SipAddr::new(transport, address.into()),
            connection: None,
            own: towards(listens, address),
        });
    }
    let address =
        choose(shared, trunk, &addresses, |_| true).ok_or_else(|| says::not_found(&trunk.host))?;
    let target = match trunk.transport {
        // The stack takes the name that the certificate must have from here, and looks it up itself. It finds the
        // connection again by the address that it gives.
        Transport::Tls | Transport::Wss if literal(&host.host).is_none() => HostWithPort {
            host: Host::Domain(Domain(host.host.clone())),
            port: host.port.map(Into::into),
        },
        Transport::Udp | Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
            address.into()
        }
    };
    let target = SipAddr::new(transport, target);
    let wrong = |why: &str| says::no_connection(&trunk.host, trunk.transport, why);
    let connecting = shared.stack.transport_layer.lookup(&target, None);
    let (connection, destination) = tokio::time::timeout(CONNECT, connecting)
        .await
        .map_err(|_| wrong("no answer"))?
        .map_err(|why| wrong(&why.to_string()))?;
    let local = connection.get_addr().get_socketaddr();
    let own = match (listens, destination.get_socketaddr()) {
        (Some(listens), Ok(there)) => towards(listens, there),
        (Some(listens), Err(_)) => listens,
        // They can call us over this connection only.
        (None, _) => local.map_err(|why| wrong(&why.to_string()))?,
    };
    Ok(Reached {
        destination,
        connection: Some(connection),
        own,
    })
}

/// Looks up a trunk's addresses only.
///
/// # Errors
///
/// What is wrong, as a sentence.
pub(super) async fn resolve(shared: &Arc<Shared>, trunk: &Trunk) -> Result<(), String> {
    let host = words::host_port(&trunk.host).ok_or_else(|| says::no_host(trunk))?;
    find(shared, trunk, &host).await.map(drop)
}

/// The addresses of a trunk's host, kept for a while.
async fn find(
    shared: &Arc<Shared>,
    trunk: &Trunk,
    host: &HostPort,
) -> Result<Vec<SocketAddr>, String> {
    let (resolver, kept) = {
        let all = lock(&shared.trunks);
        let now = all.now(shared);
        let entry = all.entries.get(&trunk.id);
        let entry = entry.filter(|entry| super::is_same_way(&entry.trunk, trunk));
        let place = entry.map(|entry| &entry.place);
        if let Some(fresh) = place.filter(|place| place.is_fresh(now.ms)) {
            return Ok(fresh.addresses.clone());
        }
        let kept = place.map(|place| place.addresses.clone());
        (all.resolver.clone(), kept.unwrap_or_default())
    };
    let mut addresses = look_up(resolver.as_ref(), trunk.transport, host).await;
    if addresses.is_empty() {
        // A name server that is down does not end a trunk.
        addresses = kept;
    }
    if addresses.is_empty() {
        return Err(says::not_found(&trunk.host));
    }
    let mut all = lock(&shared.trunks);
    let now = all.now(shared);
    let entry = all.entries.get_mut(&trunk.id);
    if let Some(entry) = entry.filter(|entry| super::is_same_way(&entry.trunk, trunk)) {
        entry.place.found(addresses.clone(), now.ms);
    }
    Ok(addresses)
}

/// Asks the name servers. Empty where nothing was found in time.
async fn look_up(
    resolver: Option<&SipResolver>,
    transport: Transport,
    host: &HostPort,
) -> Vec<SocketAddr> {
    let port = host.port.unwrap_or(transport.default_port());
    if let Some(ip) = literal(&host.host) {
        return vec![(ip, port).into()];
    }
    let (kind, _) = stack_transport(transport);
    if let Some(resolver) = resolver {
        let domain = Domain(host.host.clone());
        let asked = resolver.lookup(
            &domain,
            host.port.map(Into::into),
            Some(kind),
            kind.is_secure(),
        );
        if let Ok(Ok(targets)) = tokio::time::timeout(NAMES, asked).await {
            let addresses = distinct(targets.into_iter().map(|target| target.addr));
            if !addresses.is_empty() {
                return addresses;
            }
        }
    }
    // What the system knows besides: its hosts file, and name services other than the DNS.
    let asked = tokio::net::lookup_host((host.host.as_str(), port));
    match tokio::time::timeout(NAMES, asked).await {
        Ok(Ok(found)) => distinct(found),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

/// Each address once, and not too many.
fn distinct(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for address in found {
        if addresses.len() < MOST && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Which address is used. A trunk that is not in the directory any more has no memory.
fn choose(
    shared: &Arc<Shared>,
    trunk: &Trunk,
    addresses: &[SocketAddr],
    fits: impl Fn(&SocketAddr) -> bool,
) -> Option<SocketAddr> {
    let mut all = lock(&shared.trunks);
    let now = all.now(shared);
    let entry = all.entries.get_mut(&trunk.id);
    match entry.filter(|entry| super::is_same_way(&entry.trunk, trunk)) {
        Some(entry) => entry.place.choose(now.ms, fits),
        None => addresses.iter().copied().find(fits),
    }
}

/// `own` with the address of the interface towards `there`, where it is everything.
fn towards(own: SocketAddr, there: SocketAddr) -> SocketAddr {
    if !own.ip().is_unspecified() {
        return own;
    }
    let any: SocketAddr = if there.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    // Nothing is sent: the system only chooses a route.
    let route = std::net::UdpSocket::bind(any).and_then(|socket| {
        socket.connect(there)?;
        socket.local_addr()
    });
    match route {
        Ok(local) => SocketAddr::new(local.ip(), own.port()),
        Err(_) => own,
    }
}

/// The address that a host is, if it is one.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// As the stack calls it, and whether it has datagrams and no connections.
pub(super) const fn stack_transport(transport: Transport) -> (sip::Transport, bool) {
    match transport {
        Transport::Udp => (sip::Transport::Udp, true),
        Transport::Tcp => (sip::Transport::Tcp, false),
        Transport::Tls => (sip::Transport::Tls, false),
        Transport::Ws => (sip::Transport::Ws, false),
        Transport::Wss => (sip::Transport::Wss, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> SocketAddr {
        ([192, 0, 2, last], 5060).into()
    }

    #[test]
    fn an_address_that_does_not_answer_comes_last_for_a_while() {
        let mut place = Place::default();
        place.found(vec![address(1), address(2)], 0);

        assert_eq!(place.choose(0, |_| true), Some(address(1)));
        place.shun(0);
        assert_eq!(place.choose(1, |_| true), Some(address(2)));
        // Looked up anew, it is still known.
        place.found(vec![address(1), address(2)], KEPT_MS);
        assert_eq!(place.choose(KEPT_MS, |_| true), Some(address(2)));
        place.shun(KEPT_MS);
        assert_eq!(place.choose(KEPT_MS, |_| true), Some(address(1)));
        assert_eq!(place.choose(SHUNNED_MS + 1, |_| true), Some(address(1)));
    }

    #[test]
    fn addresses_are_looked_up_again_after_a_minute() {
        let mut place = Place::default();
        assert!(!place.is_fresh(0));
        place.found(vec![address(1)], 5);

        assert!(place.is_fresh(KEPT_MS + 4));
        assert!(!place.is_fresh(KEPT_MS + 5));
    }

    #[tokio::test]
    async fn literals_and_names_are_found() {
        let found = async |host: &str, transport| {
            look_up(None, transport, &words::host_port(host).unwrap()).await
        };

        assert_eq!(
            found("192.0.2.1", Transport::Tls).await,
            [([192, 0, 2, 1], 5061).into()]
        );
        let six: SocketAddr = "[2001:db8::1]:5070".parse().unwrap();
        assert_eq!(found("[2001:db8::1]:5070", Transport::Udp).await, [six]);
        let local = found("localhost:5080", Transport::Tcp).await;
        assert!(local.iter().all(|address| address.ip().is_loopback()));
        assert!(!local.is_empty());
        assert!(found("nowhere.invalid", Transport::Udp).await.is_empty());
    }

    #[test]
    fn our_address_is_never_everywhere() {
        let own = towards(([0, 0, 0, 0], 5060).into(), ([127, 0, 0, 1], 9).into());
        assert_eq!(own, ([127, 0, 0, 1], 5060).into());
    }
}

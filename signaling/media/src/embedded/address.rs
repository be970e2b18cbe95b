//! Which addresses descriptions and candidates name.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Where browsers reach a socket that listens there.
pub(super) fn candidates(bound: SocketAddr, public: Option<IpAddr>) -> Vec<SocketAddr> {
    let port = bound.port();
    if let Some(public) = public {
        return vec![SocketAddr::new(public, port)];
    }
    if !bound.ip().is_unspecified() {
        return vec![bound];
    }
    let mut all: Vec<_> = own_addresses(bound.is_ipv4())
        .into_iter()
        .map(|ip| SocketAddr::new(ip, port))
        .collect();
    // A machine without any network still has itself.
    if all.is_empty() {
        all.push(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    all
}

/// Every address of this machine but the loopback ones.
fn own_addresses(v4: bool) -> Vec<IpAddr> {
    let Ok(interfaces) = nix::ifaddrs::getifaddrs() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for interface in interfaces {
        let Some(address) = interface.address else {
            continue;
        };
        let ip = match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
            (Some(at), _) if v4 => IpAddr::V4(at.ip()),
            (None, Some(at)) if !v4 => IpAddr::V6(at.ip()),
            (Some(_) | None, _) => continue,
        };
        if !ip.is_loopback() && !found.contains(&ip) {
            found.push(ip);
        }
    }
    found
}

/// What telephones are told to send to.
pub(super) fn told(bound: IpAddr, public: Option<IpAddr>) -> IpAddr {
    match public {
        Some(public) => public,
        None if bound.is_unspecified() => way_out(bound).unwrap_or(IpAddr::from([127, 0, 0, 1])),
        None => bound,
    }
}

/// The address by which this machine leaves for the world. Nothing is sent.
fn way_out(bound: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((bound, 0)).ok()?;
    let far: SocketAddr = match bound {
        IpAddr::V4(_) => ([192, 0, 2, 1], 9).into(),
        IpAddr::V6(_) => "[2001:db8::1]:9".parse().ok()?,
    };
    socket.connect(far).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

//! Where we are, as the far end is told: Contact and From for each transport.

use std::net::{IpAddr, SocketAddr};

use rsipstack::{
    dialog::authenticate::Credential,
    sip::{self, Auth, Host, HostWithPort, Param, Scheme, Uri, prelude::HeadersExt},
    transaction::transaction::Transaction,
    transport::{SipAddr, SipConnection},
};

use crate::{
    settings::{Login, Transport},
    shared::Shared,
};

/// The user part of our Contacts.
const US: &str = "bellwire";

/// Our address as somebody there sees it.
pub(crate) fn own_towards(
    shared: &Shared,
    transport: Transport,
    far: Option<IpAddr>,
) -> Option<SocketAddr> {
    let own = shared
        .own_address(transport)
        .or_else(|| shared.own_address(Transport::Udp))
        .or_else(|| shared.own_address(Transport::Tcp))?;
    if !own.ip().is_unspecified() {
        return Some(own);
    }
    Some(SocketAddr::new(way_to(far)?, own.port()))
}

/// The address by which this machine leaves for there. Nothing is sent.
fn way_to(far: Option<IpAddr>) -> Option<IpAddr> {
    let far = far.unwrap_or(IpAddr::from([192, 0, 2, 1]));
    let any: SocketAddr = match far {
        IpAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        IpAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = std::net::UdpSocket::bind(any).ok()?;
    socket.connect((far, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// What the stack answers challenges inside a call with.
pub(super) fn credential(login: &Login) -> Credential {
    Credential {
        username: login.user.clone(),
        password: login.password.reveal().to_owned(),
        realm: None,
        auth_username: Some(login.auth_user.clone()),
    }
}

/// Our Contact for this transport.
pub(super) fn contact(shared: &Shared, transport: Transport, far: Option<IpAddr>) -> Option<Uri> {
    let own = own_towards(shared, transport, far)?;
    let params = match transport {
        Transport::Udp => vec![],
        Transport::Tcp => vec![Param::Transport(sip::Transport::Tcp)],
        Transport::Tls => vec![Param::Transport(sip::Transport::Tls)],
        Transport::Ws | Transport::Wss => vec![Param::Transport(sip::Transport::Ws)],
    };
    Some(Uri {
        scheme: Some(Scheme::Sip),
        auth: Some(auth(US)),
        host_with_port: own.into(),
        params,
        ..Uri::default()
    })
}

/// The user part of a URI.
pub(super) fn auth(user: &str) -> Auth {
    Auth {
        user: user.to_owned(),
        password: None,
    }
}

/// `sip:USER@DOMAIN`. What a host is was checked by the settings.
pub(super) fn address(user: &str, domain: &str) -> Uri {
    Uri {
        scheme: Some(Scheme::Sip),
        auth: Some(auth(user)),
        host_with_port: HostWithPort {
            host: host(domain),
            port: None,
        },
        ..Uri::default()
    }
}

fn host(domain: &str) -> Host {
    match domain.parse::<IpAddr>() {
        Ok(ip) => ip.into(),
        Err(_) => Host::Domain(domain.to_owned().into()),
    }
}

/// What a message came over.
pub(crate) fn transport_of(connection: Option<&SipConnection>) -> Transport {
    match connection.map(SipConnection::transport) {
        Some(sip::Transport::Tcp) => Transport::Tcp,
        Some(sip::Transport::Tls) => Transport::Tls,
        Some(sip::Transport::Ws) => Transport::Ws,
        Some(sip::Transport::Wss) => Transport::Wss,
        Some(sip::Transport::Udp | sip::Transport::Sctp | sip::Transport::TlsSctp) | None => {
            Transport::Udp
        }
    }
}

/// A destination of the stack.
pub(super) fn destination(at: SocketAddr, transport: Transport) -> SipAddr {
    let transport = match transport {
        Transport::Udp => sip::Transport::Udp,
        Transport::Tcp => sip::Transport::Tcp,
        Transport::Tls => sip::Transport::Tls,
        Transport::Ws => sip::Transport::Ws,
        Transport::Wss => sip::Transport::Wss,
    };
    SipAddr::new(transport, at.into())
}

/// Where a request came from.
pub(crate) fn source(tx: &Transaction) -> Option<SocketAddr> {
    let connection = tx.connection.as_ref()?;
    if let Some(address) = connection.get_remote_addr() {
        return address.get_socketaddr().ok();
    }
    let via = tx.original.via_header().ok()?;
    let received = SipConnection::parse_target_from_via(via).ok()?;
    SipAddr::new(received.0, received.1).get_socketaddr().ok()
}

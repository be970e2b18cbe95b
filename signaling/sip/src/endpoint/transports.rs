//! The sockets that SIP is heard on.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use rsipstack::transport::{
    SipAddr, TcpListenerConnection, TlsConfig, TlsListenerConnection, TransportLayer,
    WebSocketListenerConnection, tls::ReloadableCertResolver, udp::UdpConnection,
};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Addresses, StartError},
    settings::Settings,
};

/// How much longer than the longest registration a connection may say nothing, in seconds.
const QUIET_S: u32 = 60;
/// Where systems keep the roots that they trust.
const ROOTS: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Opens every transport that the settings name.
pub(super) async fn open(
    layer: &TransportLayer,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<Addresses, StartError> {
    let outside =
        |address: SocketAddr| (settings.public).map(|ip| SocketAddr::new(ip, address.port()));
    let stack = |error: rsipstack::Error| StartError::Stack(error.to_string());
    let mut addresses = Addresses::default();
    if let Some(address) = settings.udp {
        let socket = std::net::UdpSocket::bind(address).map_err(|e| busy(address, "UDP", &e))?;
        let address = socket.local_addr().map_err(|e| busy(address, "UDP", &e))?;
        drop(socket);
        let token = Some(stop.child_token());
        let udp = UdpConnection::create_connection(address, outside(address), token);
        layer.add_transport(udp.await.map_err(|e| busy(address, "UDP", &e))?.into());
        addresses.udp = Some(address);
    }
    if let Some(address) = settings.tcp {
        let address = free(address, "TCP")?;
        let tcp = TcpListenerConnection::new(address, outside(address)).await;
        layer.add_transport(tcp.map_err(stack)?.into());
        addresses.tcp = Some(address);
    }
    if let Some(tls) = &settings.tls {
        let address = free(tls.address, "TLS")?;
        let read = |path: &std::path::Path| {
            std::fs::read(path)
                .map_err(|error| StartError::Certificate(format!("{}: {error}", path.display())))
        };
        let (certificate, key) = (read(&tls.certificate)?, read(&tls.key)?);
        // The stack reads them when it begins to listen, and keeps what goes wrong to itself.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        if let Err(why) = ReloadableCertResolver::new(&certificate, &key, provider) {
            return Err(StartError::Certificate(why.to_string()));
        }
        let config = TlsConfig {
            cert: Some(certificate),
            key: Some(key),
            ..TlsConfig::default()
        };
        let listener = TlsListenerConnection::new(address, outside(address), config).await;
        layer.add_transport(listener.map_err(stack)?.into());
        addresses.tls = Some(address);
    }
    if let Some(address) = settings.ws {
        let address = free(address, "WebSocket")?;
        let ws = WebSocketListenerConnection::new(address, outside(address), false).await;
        layer.add_transport(ws.map_err(stack)?.into());
        addresses.ws = Some(address);
    }
    // A phone that says nothing between two registrations is still there: cut off, it would not be called.
    let quiet_s = settings.register_max_s.saturating_add(QUIET_S);
    layer.set_stream_idle_timeout(Duration::from_secs(quiet_s.into()));
    let roots = match &settings.trust {
        Some(path) => Some(
            std::fs::read(path)
                .map_err(|error| StartError::Certificate(format!("{}: {error}", path.display())))?,
        ),
        None => ROOTS.iter().find_map(|path| std::fs::read(path).ok()),
    };
    layer.set_tls_config(TlsConfig {
        ca_certs: roots,
        ..TlsConfig::default()
    });
    Ok(addresses)
}

/// The stack binds later and keeps what goes wrong to itself: so it is tried before.
fn free(address: SocketAddr, transport: &'static str) -> Result<SocketAddr, StartError> {
    let tried = TcpListener::bind(address).and_then(|listener| listener.local_addr());
    tried.map_err(|error| busy(address, transport, &error))
}

fn busy(address: SocketAddr, transport: &'static str, why: &impl ToString) -> StartError {
    StartError::Listen {
        address,
        transport,
        why: why.to_string(),
    }
}

/// The address of the stack as one of the system.
pub(super) fn socket_address(address: &SipAddr) -> Option<SocketAddr> {
    address.get_socketaddr().ok()
}

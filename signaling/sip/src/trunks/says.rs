//! What is wrong with a trunk, as sentences: what it is, and what to do. Never with a secret in them.

use std::net::SocketAddr;

use crate::{
    settings::{Login, Transport, Trunk},
    words,
};

/// A text of the stack, at most this long.
const FOREIGN_CHARS: usize = 160;

/// The user that we register as.
fn user(login: &Login) -> &str {
    if login.auth_user.is_empty() {
        &login.user
    } else {
        &login.auth_user
    }
}

/// The host is no host.
pub(super) fn no_host(trunk: &Trunk) -> String {
    let host = words::cleaned(&trunk.host, FOREIGN_CHARS);
    format!("{host:?} is no host. Write host or host:port.")
}

/// The name has no address.
pub(super) fn not_found(host: &str) -> String {
    format!(
        "{host} cannot be found in the DNS. Check the trunk's host, and the name servers of this system."
    )
}

/// None of its addresses can be reached from ours.
pub(super) fn no_family(host: &str, own: SocketAddr) -> String {
    let ours = if own.is_ipv4() { "IPv4" } else { "IPv6" };
    format!(
        "{host} has no {ours} address, but this server hears UDP on {ours} only. Listen on the other, or take another host."
    )
}

/// We do not listen on its transport.
pub(super) fn deaf(transport: Transport) -> String {
    format!(
        "This server does not listen on {}, which the trunk needs. Give it an address for {transport}, or change the trunk's transport.",
        upper(transport)
    )
}

/// No connection.
pub(super) fn no_connection(host: &str, transport: Transport, why: &str) -> String {
    let why = words::cleaned(why, FOREIGN_CHARS);
    if why.contains("certificate") || why.contains("DNS name") {
        return format!(
            "The certificate of {host} is not accepted ({why}). Check the trunk's host, or trust the root that the carrier's certificate comes from."
        );
    }
    format!(
        "{host} takes no connection over {} ({why}). Check host, port and transport, and firewalls in between.",
        upper(transport)
    )
}

/// No answer.
pub(super) fn silent(host: &str, method: &str, address: &str, transport: Transport) -> String {
    format!(
        "{host} ({address}) does not answer {method} over {}. Check host, port and transport, and firewalls in between.",
        upper(transport)
    )
}

/// A registration was refused with `status`.
pub(super) fn refused(host: &str, login: &Login, status: u16) -> String {
    let name = user(login);
    match status {
        401 | 403 | 407 => format!(
            "{host} refuses the password of {name} ({status}). Check user and password at the carrier."
        ),
        404 | 410 | 604 => {
            format!(
                "{host} does not know {} ({status}). Check the user at the carrier.",
                login.user
            )
        }
        300..=399 => format!(
            "{host} wants {} to register elsewhere ({status}). Ask the carrier for the right host.",
            login.user
        ),
        423 => format!(
            "{host} wants longer registrations ({status}), but does not say how long in a way that fits. Ask the carrier."
        ),
        _ => format!(
            "{host} refuses to register {} ({status}). Ask the carrier what is missing.",
            login.user
        ),
    }
}

/// A login that we cannot answer.
pub(super) fn odd_login(host: &str, status: u16) -> String {
    format!(
        "{host} asks for a login in a way that is not known here ({status}). Ask the carrier for digest with SHA-256 or MD5."
    )
}

/// A registration failed there.
pub(super) fn failed(host: &str, login: &Login, status: u16) -> String {
    format!(
        "{host} cannot register {} now ({status}). It is tried again; if it stays so, ask the carrier.",
        login.user
    )
}

/// The registration was taken for no time at all.
pub(super) fn not_kept(host: &str, login: &Login) -> String {
    format!(
        "{host} takes the registration of {}, but does not keep it. Ask the carrier whether the user may register.",
        login.user
    )
}

/// As people write it.
fn upper(transport: Transport) -> String {
    transport.name().to_ascii_uppercase()
}

//! Trunks: where they lead, who the centre is there, and whom it believes without a password. Who
//! calls as the carrier costs money, so what opens too much is an error here and not a warning.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use bellwire_proto::{
    admin::Kind,
    setup::{Setup, SipTransport, Trunk},
};

use super::{
    dialling::{is_number, no_number},
    report::{Doc, Report},
    texts::{Once, shown},
};

/// Networks larger than this are told, in bits of the part that all its addresses have in common.
const WIDE: (u8, u8) = (16, 32);

/// The first address of IPv4 as IPv6 writes it: `::ffff:0:0`.
const MAPPED: u128 = 0xffff_0000_0000;

/// Checks all trunks.
pub(super) fn check(setup: &Setup, report: &mut Report) {
    let (mut names, mut ids) = (Once::default(), Once::default());
    let mut networks = BTreeSet::new();
    for trunk in &setup.trunks {
        let mut doc = report.on(Kind::Trunk, trunk.id);
        names.name(&mut doc, "trunk", &trunk.name);
        ids.id(&mut doc, "id", "trunk", trunk.id);
        of_trunk(trunk, &mut doc);
        for (n, address) in trunk.addresses.iter().enumerate() {
            of_address(&format!("addresses.{n}"), address, &mut networks, &mut doc);
        }
    }
}

fn of_trunk(trunk: &Trunk, doc: &mut Doc<'_>) {
    if !is_far_end(&trunk.host) {
        doc.error(
            "host",
            format!(
                "{} is no host. Write its name or address alone, and the port where it is another \
                 than usual, like sip.carrier.example or 192.0.2.7:5080; an IPv6 address in \
                 brackets.",
                shown(&trunk.host)
            ),
        );
    }
    if trunk.secure && trunk.transport != SipTransport::Tls {
        doc.warn(
            "secure",
            "The keys of the encrypted sound travel in messages that anybody on the way can read. \
             Choose TLS as the transport, or do without encryption.",
        );
    }
    if let Some(login) = &trunk.login {
        account_at_trunk("login.user", &login.user, doc);
        if let Some(user) = &login.auth_user {
            account_at_trunk("login.auth_user", user, doc);
        }
    }
    let registers = trunk.login.as_ref().is_some_and(|login| login.register);
    if trunk.on && !registers && trunk.addresses.is_empty() {
        doc.warn(
            "addresses",
            "No calls come in over this trunk: it neither registers nor names an address that \
             calls are taken from. Add one of the two, unless it is for outgoing calls alone.",
        );
    }
    if let Some(number) = &trunk.caller_id
        && !is_number(number)
    {
        doc.error("caller_id", no_number(number));
    }
    if trunk.most_calls == 0 {
        doc.warn(
            "most_calls",
            "This trunk takes no calls and makes none. Write 1 or more, or turn it off.",
        );
    }
}

/// The user part of an account: what can stand in a SIP address without being written otherwise
/// (RFC 3261 §25.1, `user-unreserved` and `unreserved` without the quote).
fn account_at_trunk(at: &str, user: &str, doc: &mut Doc<'_>) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"&=+$,?/-_.!~*()@".contains(&byte);
    if !(1..=128).contains(&user.len()) || !user.bytes().all(fits) {
        doc.error(
            at,
            format!(
                "{} cannot be the name of an account. Write it as the carrier gave it, without \
                 spaces and without the part after the @ where that is the carrier's host.",
                shown(user)
            ),
        );
    }
}

fn of_address(at: &str, text: &str, networks: &mut BTreeSet<(IpAddr, u8)>, doc: &mut Doc<'_>) {
    let Some((address, bits)) = network(text) else {
        doc.error(
            at,
            format!(
                "{} is neither an address nor a network. Write it like 192.0.2.7 or 192.0.2.0/24.",
                shown(text)
            ),
        );
        return;
    };
    let wide = match address {
        IpAddr::V4(_) => WIDE.0,
        IpAddr::V6(_) => WIDE.1,
    };
    if bits == 0 {
        doc.error(
            at,
            "This is the whole world: anybody could call without a password. Write the carrier's \
             own addresses.",
        );
    } else if bits < wide {
        doc.warn(
            at,
            "This is a very large network, and anybody in it can call without a password. Write \
             the carrier's own addresses.",
        );
    } else if !networks.insert((address, bits)) {
        doc.warn(
            at,
            format!(
                "{} stands at another trunk or twice at this one, so which trunk a call came over \
                 is a guess. Take one away.",
                shown(text)
            ),
        );
    }
}

/// Whether this is a host and, maybe, a port: no scheme, no spaces.
fn is_far_end(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let port = port.strip_prefix(':').or(port.is_empty().then_some("5060"));
        return address.parse::<Ipv6Addr>().is_ok() && port.is_some_and(is_port);
    }
    let (host, port) = text.split_once(':').unwrap_or((text, "5060"));
    is_port(port) && is_host(host)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|it| it > 0)
}

fn is_host(host: &str) -> bool {
    let numeric = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    if host.bytes().all(numeric) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    // RFC 3261 §25.1, `hostname`.
    let label = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&part.len())
            && part.bytes().all(fits)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

/// A network by its first address and how many bits all of its addresses have in common.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let bits = match bits {
        None => most,
        Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
            bits.parse().ok().filter(|bits| *bits <= most)?
        }
        Some(_) => return None,
    };
    Some(match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            (IpAddr::V4((address.to_bits() & mask).into()), bits)
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            let first = address.to_bits() & mask;
            match bits {
                // IPv4 as IPv6 writes it (RFC 4291 §2.5.5.2): a part of it, or all of it.
                96.. if Ipv6Addr::from(first).to_ipv4_mapped().is_some() => {
                    (IpAddr::V6(first.into()).to_canonical(), bits - 96)
                }
                ..96 if first == MAPPED & mask => (IpAddr::V6(first.into()), 0),
                _ => (IpAddr::V6(first.into()), bits),
            }
        }
    })
}

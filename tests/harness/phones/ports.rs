//! Free ports for telephones: SIP wants UDP and TCP at once, RTP an even port with the next one free.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use anyhow::{Context, Result};

use crate::chance;

/// A port that is free for UDP and TCP, and so is the next one (baresip listens for TLS there).
///
/// # Errors
///
/// Where no port is free.
pub fn sip() -> Result<u16> {
    block(2)
}

/// The first of `count` ports in a row that are free for UDP and TCP. It is even.
///
/// # Errors
///
/// Where there is no such row.
pub fn block(count: u16) -> Result<u16> {
    let mut dice = chance::Dice::new(u64::try_from(chance::bits() >> 64)?);
    // Below the range that the system gives to clients.
    let found = (0..500).find_map(|_| {
        let first = u16::try_from(dice.between(5_500, 15_500)).ok()? * 2;
        (first..first + count).all(is_free).then_some(first)
    });
    found.with_context(|| format!("no {count} free ports in a row between 11000 and 31000"))
}

fn is_free(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port);
    UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
}

//! Free ports for telephones: SIP wants UDP and TCP at once, RTP an even port with the next one free.

use std::{
    collections::HashMap,
    fs::{self, File},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

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

/// Ports that are taken together, by one process.
const TOGETHER: u16 = 64;

/// What this process has taken, until it ends.
static TAKEN: Mutex<Option<HashMap<u16, File>>> = Mutex::new(None);

/// The first of `count` ports in a row that are free for UDP and TCP, and that no other process of these tests is given.
/// It is even.
///
/// # Errors
///
/// Where there is no such row.
pub fn block(count: u16) -> Result<u16> {
    let mut dice = chance::Dice::new(u64::try_from(chance::bits() >> 64)?);
    // Below the range that the system gives to clients.
    let found = (0..500).find_map(|_| {
        let first = u16::try_from(dice.between(5_500, 15_500)).ok()? * 2;
        let mut all = first..first + count;
        let is_ours = (first / TOGETHER..=(all.end - 1) / TOGETHER).all(take);
        (is_ours && all.all(is_free)).then_some(first)
    });
    found.with_context(|| format!("no {count} free ports in a row between 11000 and 31000 that no other test has (they are marked in {})", folder().display()))
}

fn is_free(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port);
    UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
}

/// Takes [`TOGETHER`] ports for this process: who only saw that a port is free may be forestalled before it listens there.
fn take(together: u16) -> bool {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = taken.get_or_insert_default();
    if taken.contains_key(&together) {
        return true;
    }
    let folder = folder();
    let file =
        fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(together.to_string())));
    match file {
        Ok(file) if file.try_lock().is_ok() => {
            taken.insert(together, file);
            true
        }
        Ok(_) | Err(_) => false,
    }
}

fn folder() -> PathBuf {
    std::env::temp_dir().join("bellwire-test-ports")
}

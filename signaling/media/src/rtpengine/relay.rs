//! Sound of another leg on its way to a page: each time from a new source.
//!
//! Chromium plays the newest source that no description named. One that it knows already does not become the newest by speaking
//! again, so whoever is heard twice, with music in between, would be silent. The daemon cannot give what comes another source.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use tokio::{net::UdpSocket, task::JoinHandle};

use super::{
    control::{random, socket},
    words::Sound,
};
use crate::rtp::{Header, Packet};

/// After so much silence another source may speak.
const PAUSE: Duration = Duration::from_millis(100);

/// One way, until it is dropped.
#[derive(Debug)]
pub(super) struct Relay {
    task: JoinHandle<()>,
}

impl Relay {
    /// Passes on what comes from `from` to the inner side `to`. Returns where to send it.
    pub(super) async fn start(
        from: SocketAddr,
        to: SocketAddr,
        sound: Sound,
    ) -> io::Result<(SocketAddr, Self)> {
        let socket = UdpSocket::bind((way_to(from).await?, 0)).await?;
        let at = socket.local_addr()?;
        let task = tokio::spawn(pass_on(socket, from, to, sound.pt));
        Ok((at, Self { task }))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Our own address on the way there.
async fn way_to(there: SocketAddr) -> io::Result<IpAddr> {
    let socket = socket(there).await?;
    socket.connect(there).await?;
    Ok(socket.local_addr()?.ip())
}

/// Who speaks, and as which source it is passed on.
#[derive(Debug, Default)]
struct Speaks {
    now: Option<(u32, u32, Instant)>,
}

impl Speaks {
    /// The source that a packet of `theirs` gets; `None` while another one speaks.
    fn now(&mut self, theirs: u32, at: Instant) -> Option<u32> {
        let ours = match self.now {
            Some((who, ours, _)) if who == theirs => ours,
            Some((_, _, heard)) if at < heard + PAUSE => return None,
            Some(_) | None => random() as u32,
        };
        self.now = Some((theirs, ours, at));
        Some(ours)
    }
}

async fn pass_on(socket: UdpSocket, from: SocketAddr, to: SocketAddr, payload_type: u8) {
    let mut buffer = vec![0; 2048];
    let mut bytes = Vec::with_capacity(buffer.len());
    let mut speaks = Speaks::default();
    loop {
        let Ok((length, sender)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        if sender != from {
            continue;
        }
        let Ok(packet) = Packet::parse(buffer.get(..length).unwrap_or_default()) else {
            continue;
        };
        // Digits would come out as a source of their own, and the page hears keys by other means.
        if packet.header.payload_type != payload_type {
            continue;
        }
        let Some(ssrc) = speaks.now(packet.header.ssrc, Instant::now()) else {
            continue;
        };
        let header = Header {
            ssrc,
            ..packet.header
        };
        header.write(packet.payload, &mut bytes);
        // Lost packets are usual.
        let _ = socket.send_to(&bytes, to).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_again_is_a_new_source_and_two_at_once_are_one() {
        let mut speaks = Speaks::default();
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);

        let first = speaks.now(1, at(0)).unwrap();
        assert_eq!(speaks.now(1, at(20)), Some(first));
        assert_eq!(speaks.now(2, at(40)), None);
        let second = speaks.now(2, at(200)).unwrap();
        let again = speaks.now(1, at(400)).unwrap();

        assert!(first != second && again != first);
    }
}

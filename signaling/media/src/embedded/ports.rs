//! Pairs of ports for telephones: an even one for RTP, the next for RTCP (RFC 3550 §11).

use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;

use crate::anchor::MediaError;

/// How much the system keeps for us while the thread is elsewhere: a fifth of a second of sound and more.
const RECEIVE_BYTES: usize = 128 * 1024;

/// The range of ports, taken in turn so that a port rests after its call.
#[derive(Debug)]
pub(super) struct Ports {
    address: IpAddr,
    first: u16,
    pairs: u16,
    next: u16,
}

/// Two sockets.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) port: u16,
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
}

impl Ports {
    pub(super) fn new(address: IpAddr, (first, last): (u16, u16)) -> Result<Self, MediaError> {
        let first = first.saturating_add(first % 2);
        let pairs = (last.saturating_add(1)).saturating_sub(first) / 2;
        if pairs == 0 || first == 0 {
            return Err(MediaError::Settings(format!(
                "the ports {first} to {last} are too few: a telephone takes an even one and the next"
            )));
        }
        // Two servers on one machine do not begin at the same port.
        let mut random = [0; 2];
        let _ = getrandom::fill(&mut random);
        Ok(Self {
            address,
            first,
            pairs,
            next: u16::from_le_bytes(random) % pairs,
        })
    }

    /// A pair that nobody uses.
    pub(super) fn take(&mut self) -> Result<Pair, MediaError> {
        let mut why = "all are in use".to_owned();
        for _ in 0..self.pairs {
            let port = self.first + 2 * self.next;
            self.next = (self.next + 1) % self.pairs;
            match (self.bind(port), self.bind(port + 1)) {
                (Ok(rtp), Ok(rtcp)) => return Ok(Pair { port, rtp, rtcp }),
                (Err(error), _) | (_, Err(error)) => why = error.to_string(),
            }
        }
        Err(MediaError::Ports(why))
    }

    fn bind(&self, port: u16) -> std::io::Result<UdpSocket> {
        bind(SocketAddr::new(self.address, port), RECEIVE_BYTES)
    }
}

/// A socket that does not block, with room for what comes while the thread is elsewhere.
pub(super) fn bind(address: SocketAddr, receive: usize) -> std::io::Result<UdpSocket> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::DGRAM,
        None,
    )?;
    // Smaller than wished for is not fatal.
    let _ = socket.set_recv_buffer_size(receive);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

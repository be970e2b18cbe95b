//! A telephone's far end: its sockets, its description, SRTP, and whom its packets are taken from.

use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use mio::net::UdpSocket;

use super::{
    latch::{Came, Latch},
    leg,
    ports::Pair,
};
use crate::{
    anchor::{Described, MediaError, Want},
    rtp::{Header, reception::Reception},
    sdp::{self, Own},
    srtp::{CryptoLine, Receiver, Sender, Suite},
};

/// A telephone.
pub(super) struct Phone {
    pub(super) sockets: Pair,
    /// Sockets for pictures, where they were ever wanted.
    pub(super) pictures: Option<Pair>,
    address: IpAddr,
    secure: bool,
    session: u64,
    version: u64,
    /// Our keys, the same for the life of the leg.
    keys: Vec<CryptoLine>,
    /// Our offer that is not answered, or was last.
    offered: Option<Own>,
    agreed: Option<sdp::Agreed>,
    /// Apart, because keys are large and most legs have none.
    sends: Option<Box<Sender>>,
    receives: Option<Box<Receiver>>,
    latch: Latch,
    /// Where its pictures come from, and what they are called.
    pictures_at: Option<(SocketAddr, u32)>,
    pub(super) reception: Reception,
    /// The far end's source, once heard.
    pub(super) ssrc: Option<u32>,
}

impl Phone {
    pub(super) fn new(sockets: Pair, address: IpAddr, secure: bool) -> Self {
        let mut random = [0; 4];
        let _ = getrandom::fill(&mut random);
        let keys = match secure {
            true => (1..)
                .zip([Suite::AesCm128HmacSha1_80, Suite::AesCm256HmacSha1_80])
                .map(|(tag, suite)| CryptoLine::random(tag, suite))
                .collect(),
            false => Vec::new(),
        };
        Self {
            sockets,
            pictures: None,
            address,
            secure,
            session: u64::from(u32::from_le_bytes(random)),
            version: 0,
            keys,
            offered: None,
            agreed: None,
            sends: None,
            receives: None,
            latch: Latch::default(),
            pictures_at: None,
            reception: Reception::new(8000),
            ssrc: None,
        }
    }

    fn own(&mut self, want: &Want) -> Own {
        self.version += 1;
        Own {
            address: self.address,
            port: self.sockets.port,
            session: self.session,
            version: self.version,
            codecs: want.codecs(),
            direction: want.direction,
            secure: self.keys.clone(),
            video: (self.pictures.as_ref())
                .filter(|_| want.video && !self.secure)
                .map(|pair| pair.port),
        }
    }

    pub(super) fn offer(&mut self, want: &Want) -> String {
        let own = self.own(want);
        let text = sdp::offer(&own);
        self.offered = Some(own);
        text
    }

    pub(super) fn rollback(&mut self) {
        self.offered = None;
    }

    pub(super) fn answered(&mut self, text: &str) -> Result<Described, MediaError> {
        let own = self.offered.as_ref().ok_or(MediaError::NotNow)?;
        let agreed = sdp::agreed(own, &sdp::read(text)?)?;
        Ok(self.take(agreed))
    }

    pub(super) fn answer(
        &mut self,
        text: &str,
        want: &Want,
    ) -> Result<(String, Described), MediaError> {
        let offer = sdp::read(text)?;
        let own = self.own(want);
        let (mut answer, mut agreed) = sdp::answer(&own, &offer)?;
        // A key that is sent with goes on: another one would begin a new stream.
        if let (Some((ours, theirs)), Some((before, _))) = (
            &mut agreed.crypto,
            self.agreed
                .as_ref()
                .and_then(|agreed| agreed.crypto.clone()),
        ) && before.suite == theirs.suite
        {
            let mut kept = before;
            kept.tag = ours.tag;
            answer = answer.replace(&format!("a=crypto:{ours}"), &format!("a=crypto:{kept}"));
            *ours = kept;
        }
        self.offered = None;
        Ok((answer, self.take(agreed)))
    }

    fn take(&mut self, agreed: sdp::Agreed) -> Described {
        let before = self.agreed.as_ref();
        let (old_out, old_in) = match before.and_then(|before| before.crypto.as_ref()) {
            Some((ours, theirs)) => (Some(ours), Some(theirs)),
            None => (None, None),
        };
        let (new_out, new_in) = match &agreed.crypto {
            Some((ours, theirs)) => (Some(ours), Some(theirs)),
            None => (None, None),
        };
        // A context goes on while its key does: its counts must not begin anew.
        if old_out.map(|line| &line.key) != new_out.map(|line| &line.key) {
            self.sends = new_out.and_then(Sender::new).map(Box::new);
        }
        if old_in != new_in {
            self.receives = new_in.and_then(Receiver::new).map(Box::new);
        }
        if before.is_none_or(|before| before.remote != agreed.remote) {
            self.latch = Latch::default();
            self.pictures_at = None;
        }
        if before.is_none_or(|before| before.codec != agreed.codec) {
            self.reception = Reception::new(agreed.codec.clock());
        }
        let described = Described {
            codec: agreed.codec,
            direction: agreed.direction,
            held: agreed.held,
            digits: agreed.events.is_some(),
            video: agreed.video.map(|video| video.codec),
        };
        self.agreed = Some(agreed);
        described
    }

    pub(super) fn agreed(&self) -> Option<leg::Agreed> {
        let agreed = self.agreed.as_ref()?;
        Some(leg::Agreed {
            codec: agreed.codec,
            send_pt: agreed.send_pt,
            events: agreed.events.map(|events| (events.send_pt, events.clock)),
            comfort: agreed.comfort,
            direction: agreed.direction,
            video: (agreed.video.as_ref())
                .map(|video| (video.codec, video.send_pt, agreed.direction.sends())),
        })
    }

    pub(super) fn description(&self) -> Option<&sdp::Agreed> {
        self.agreed.as_ref()
    }

    /// Whether something should be heard of it now.
    pub(super) fn should_be_heard(&self) -> bool {
        (self.agreed.as_ref()).is_some_and(|agreed| agreed.direction.receives() && !agreed.held)
    }

    /// Takes in a packet with this number and source: false where it is of somebody else, or forged. It is plain RTP afterwards.
    pub(super) fn accept(
        &mut self,
        from: SocketAddr,
        header: &Header,
        packet: &mut Vec<u8>,
        now: Instant,
    ) -> bool {
        let Some(agreed) = &self.agreed else {
            return false;
        };
        let number = header.payload_type;
        let known = (agreed.receive.iter()).any(|(known, _)| *known == number)
            || agreed
                .events
                .is_some_and(|events| events.receive_pt == number)
            || agreed.comfort == Some(number);
        let came = Came {
            from,
            ssrc: header.ssrc,
            proven: self.receives.is_some(),
            at: now,
        };
        if !known || !self.latch.lets(came, agreed.remote) {
            return false;
        }
        if let Some(receives) = &mut self.receives
            && receives.unprotect_rtp(packet).is_err()
        {
            return false;
        }
        self.latch.take(came);
        true
    }

    /// Whether RTCP from there is of this telephone, decrypted where it must be.
    pub(super) fn accept_rtcp(&mut self, from: SocketAddr, packet: &mut Vec<u8>) -> bool {
        self.is_at(from.ip())
            && match &mut self.receives {
                Some(receives) => receives.unprotect_rtcp(packet).is_ok(),
                None => true,
            }
    }

    /// Whether the telephone is at this address, as far as is known.
    pub(super) fn is_at(&self, ip: IpAddr) -> bool {
        (self.agreed.as_ref()).is_some_and(|agreed| self.latch.is_at(ip, agreed.remote))
    }

    /// Whether a packet of pictures is of this telephone: its sound says where it is.
    pub(super) fn accept_picture(&mut self, from: SocketAddr, ssrc: u32) -> bool {
        let promised = (self.agreed.as_ref())
            .and_then(|agreed| agreed.video)
            .is_some_and(|video| video.remote.ip() == from.ip());
        let lets = promised || self.is_at(from.ip());
        if lets {
            self.pictures_at = Some((from, ssrc));
        }
        lets
    }

    /// The source of the telephone's pictures, once they came.
    pub(super) fn pictures_ssrc(&self) -> Option<u32> {
        self.pictures_at.map(|(_, ssrc)| ssrc)
    }

    /// Sends a packet of sound.
    pub(super) fn send(&mut self, packet: &mut Vec<u8>) {
        let Some(agreed) = &self.agreed else {
            return;
        };
        let to = self.latch.at().unwrap_or(agreed.remote);
        if let Some(sends) = &mut self.sends
            && sends.protect_rtp(packet).is_err()
        {
            return;
        }
        send(&self.sockets.rtp, packet, to);
    }

    /// Sends RTCP about the sound.
    pub(super) fn send_rtcp(&mut self, packet: &mut Vec<u8>) {
        let Some(agreed) = &self.agreed else {
            return;
        };
        if let Some(sends) = &mut self.sends
            && sends.protect_rtcp(packet).is_err()
        {
            return;
        }
        let at = self.latch.at();
        match (agreed.rtcp_mux, at) {
            (true, _) => send(&self.sockets.rtp, packet, at.unwrap_or(agreed.remote)),
            // Behind NAT the port is not known; the address is.
            (false, Some(from)) => {
                let to = SocketAddr::new(from.ip(), agreed.remote_rtcp.port());
                send(&self.sockets.rtcp, packet, to);
            }
            (false, None) => send(&self.sockets.rtcp, packet, agreed.remote_rtcp),
        }
    }

    /// Sends a packet of pictures.
    pub(super) fn send_picture(&self, packet: &[u8]) {
        if let (Some(pair), Some(video)) = (
            &self.pictures,
            self.agreed.as_ref().and_then(|agreed| agreed.video),
        ) {
            let to = self.pictures_at.map_or(video.remote, |(from, _)| from);
            send(&pair.rtp, packet, to);
        }
    }

    /// Sends RTCP about the pictures.
    pub(super) fn send_picture_rtcp(&self, packet: &[u8]) {
        if let (Some(pair), Some(video)) = (
            &self.pictures,
            self.agreed.as_ref().and_then(|agreed| agreed.video),
        ) {
            // Behind NAT the port is not known; the address is.
            let to = self.pictures_at.map_or(video.remote_rtcp, |(from, _)| {
                SocketAddr::new(from.ip(), video.remote_rtcp.port())
            });
            send(&pair.rtcp, packet, to);
        }
    }
}

/// Sends; what the system has no room for is lost, as on any network.
fn send(socket: &UdpSocket, packet: &[u8], to: SocketAddr) {
    if to.port() == 0 || to.ip().is_unspecified() {
        return;
    }
    match socket.send_to(packet, to) {
        Ok(_) => {}
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::WouldBlock | ErrorKind::ConnectionRefused
            ) => {}
        Err(error) => tracing::debug!(%error, %to, "a packet could not be sent"),
    }
}

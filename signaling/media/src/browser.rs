//! One browser's leg, without IO: ICE-lite, DTLS-SRTP and its session descriptions.
//!
//! str0m does ICE, DTLS and SRTP. The descriptions are ours: what a page sends is read and judged
//! here, str0m is given a plain one made of what was understood, and the page's answer is written
//! from what was agreed. Directions and the choice of codec never reach str0m.

mod agreed;
mod answering;
mod description;
mod formats;
mod key;
mod negotiation;
mod offering;
mod shared;
mod state;
mod writing;

use std::{
    collections::VecDeque,
    fmt,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc,
    crypto::dtls::DtlsVersion,
    media::{KeyframeRequestKind, Mid},
    net::{DatagramSend, Protocol, Receive},
    rtp::RtpWrite,
};

use crate::{anchor::MediaError, rtp::Header, stream::Slot};
pub use agreed::{AgreedBrowser, AgreedVideo, Media};
pub use shared::{Shared, crypto};
use state::State;

/// What a leg wants done, or tells.
#[derive(Debug)]
pub enum Poll {
    /// A datagram to send from the browsers' socket.
    Transmit {
        /// Where to.
        to: SocketAddr,
        /// What.
        bytes: DatagramSend,
    },
    /// A packet came from the page: decrypted, and of a payload type that was agreed.
    Rtp {
        /// Told by its payload type.
        media: Media,
        /// As it came.
        header: Header,
        /// Its payload.
        payload: Arc<[u8]>,
    },
    /// The page needs a whole picture to go on.
    KeyframeWanted,
    /// ICE and DTLS are done: media flows from now on. Told once.
    Connected,
    /// The connection is gone for good. Told once; nothing follows but [`Poll::Timeout`].
    Lost(&'static str),
    /// Nothing more for now: call [`Browser::handle_timeout`] at this time, or when a datagram
    /// came [`Browser::handle_datagram`], and then poll again.
    Timeout(Instant),
}

/// One browser's leg.
pub struct Browser {
    rtc: Rtc,
    shared: Arc<Shared>,
    ufrag: String,
    state: State,
    connected: bool,
    /// When we give up, unless the page comes back before.
    give_up: Option<Instant>,
    lost: bool,
    /// What was not polled yet.
    queue: VecDeque<Poll>,
    /// When str0m wants to be woken.
    next: Instant,
}

/// How long a page may take to connect after its first description, and to come back after its
/// connection broke. A browser itself restarts ICE after five to fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// When to look again where there is nothing to wait for.
const NOTHING: Duration = Duration::from_secs(60);
/// More than this of datagrams and packets is dropped where nobody polls.
const MOST_QUEUED: usize = 1024;

impl Browser {
    /// A leg that has agreed on nothing yet.
    ///
    /// # Errors
    ///
    /// [`MediaError::Settings`] where a candidate is none that str0m can work with.
    pub fn new(shared: &Arc<Shared>, now: Instant) -> Result<Self, MediaError> {
        let mut config = Rtc::builder()
            .set_crypto_provider(shared.crypto.clone())
            .set_dtls_cert(shared.certificate.clone())
            .set_ice_lite(true)
            // RFC 9147 where the page has it: one way to and fro less before sound.
            .set_dtls_version(DtlsVersion::Auto)
            .set_rtp_mode(true)
            .set_stats_interval(None)
            .set_extension_map(formats::extensions());
        formats::configure(config.codec_config());
        let mut rtc = config.build(now);
        for &address in &shared.candidates {
            let candidate = Candidate::host(address, "udp").map_err(|error| {
                MediaError::Settings(format!("browsers cannot be told of {address}: {error}"))
            })?;
            rtc.add_local_candidate(candidate);
        }
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        Ok(Self {
            rtc,
            shared: shared.clone(),
            ufrag,
            state: State::new(),
            connected: false,
            give_up: None,
            lost: false,
            queue: VecDeque::new(),
            next: now,
        })
    }

    /// Our part of the user name in ICE checks. An ICE restart of the page changes it: ask again
    /// after each negotiation, and keep the old one until then.
    #[must_use]
    pub fn ufrag(&self) -> String {
        self.ufrag.clone()
    }

    /// What was agreed last; `None` before the first.
    #[must_use]
    pub fn agreed(&self) -> Option<&AgreedBrowser> {
        self.state.agreed()
    }

    /// Whether media can flow.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connected && !self.lost
    }

    /// Takes a datagram that came to the browsers' socket. What is not understood is dropped.
    pub fn handle_datagram(&mut self, from: SocketAddr, bytes: &[u8], now: Instant) {
        let Ok(contents) = bytes.try_into() else {
            return;
        };
        let Some(destination) = self.listening(from) else {
            return;
        };
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination,
            contents,
        };
        self.input(Input::Receive(now, receive));
    }

    /// Lets time pass. See [`Poll::Timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        self.input(Input::Timeout(now));
    }

    /// What is to be done next. Call until [`Poll::Timeout`] after everything else that was called,
    /// or after a batch of it.
    pub fn poll(&mut self, now: Instant) -> Poll {
        if !self.lost && self.give_up.is_some_and(|at| at <= now) {
            self.lose("the page cannot be reached");
        }
        if let Some(poll) = self.queue.pop_front() {
            return poll;
        }
        let at = if self.lost {
            now + NOTHING
        } else {
            self.next.min(now + NOTHING)
        };
        Poll::Timeout(self.give_up.map_or(at, |give_up| at.min(give_up)))
    }

    /// Sends one packet to the page. Dropped where it is not connected, where the payload type was
    /// not agreed, or where the page does not want to hear.
    pub fn send(&mut self, media: Media, pt: u8, slot: &Slot, payload: &[u8], now: Instant) {
        if !self.is_connected() {
            return;
        }
        let Some(mid) = self.state.sends(media, pt) else {
            return;
        };
        let packet = RtpWrite::new(
            pt.into(),
            slot.extended.into(),
            slot.timestamp,
            now,
            payload,
        )
        .marker(slot.marker)
        .nackable(media == Media::Video);
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, None) else {
            return;
        };
        stream.write_rtp(packet);
        self.input(Input::Timeout(now));
    }

    /// Asks the page for a whole picture.
    pub fn ask_keyframe(&mut self, now: Instant) {
        let Some(mid) = self.state.pictures() else {
            return;
        };
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_rx_by_mid(mid, None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.input(Input::Timeout(now));
        }
    }

    /// Tells the page that it is over (RTCP BYE, DTLS `close_notify`). Poll until
    /// [`Poll::Timeout`] afterwards, then drop the leg.
    pub fn close(&mut self, now: Instant) {
        if self.lost {
            return;
        }
        match self.rtc.close() {
            Ok(()) => self.input(Input::Timeout(now)),
            Err(error) => {
                tracing::debug!(%error, "a browser's connection could not be closed");
                self.lose("the connection failed");
            }
        }
    }

    /// Gives str0m something, and takes at once what comes of it: it keeps no more than one packet.
    fn input(&mut self, input: Input<'_>) {
        if self.lost {
            return;
        }
        let now = match &input {
            Input::Timeout(now) | Input::Receive(now, _) => *now,
        };
        let mut result = self.rtc.handle_input(input);
        while !self.lost {
            let output = match result.and_then(|()| self.rtc.poll_output()) {
                Ok(output) => output,
                Err(error) => {
                    tracing::debug!(%error, "a browser's connection failed");
                    self.lose("the connection failed");
                    return;
                }
            };
            result = Ok(());
            match output {
                Output::Timeout(at) => {
                    self.next = at;
                    return;
                }
                Output::Transmit(transmit) => self.queue(Poll::Transmit {
                    to: transmit.destination,
                    bytes: transmit.contents,
                }),
                Output::Event(event) => {
                    if let Some(poll) = self.event(event, now) {
                        self.queue(poll);
                    }
                }
            }
        }
    }

    fn queue(&mut self, poll: Poll) {
        let may_be_dropped = match poll {
            Poll::Transmit { .. } | Poll::Rtp { .. } | Poll::KeyframeWanted => true,
            Poll::Connected | Poll::Lost(_) | Poll::Timeout(_) => false,
        };
        if self.queue.len() < MOST_QUEUED || !may_be_dropped {
            self.queue.push_back(poll);
        }
    }

    /// The candidate that `from` will have sent to. With several of its family it may be another
    /// of ours; that is no matter, as we have one socket for all.
    fn listening(&self, from: SocketAddr) -> Option<SocketAddr> {
        let candidates = &self.shared.candidates;
        let same = candidates
            .iter()
            .find(|candidate| candidate.is_ipv4() == from.is_ipv4());
        same.or(candidates.first()).copied()
    }

    fn lose(&mut self, why: &'static str) {
        self.lost = true;
        self.give_up = None;
        self.rtc.disconnect();
        self.queue(Poll::Lost(why));
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "foreign, and most of it is about what we do not use"
    )]
    fn event(&mut self, event: Event, now: Instant) -> Option<Poll> {
        match event {
            Event::Connected => {
                self.give_up = None;
                let first = !std::mem::replace(&mut self.connected, true);
                first.then_some(Poll::Connected)
            }
            Event::IceConnectionStateChange(state) => {
                match state {
                    IceConnectionState::Disconnected => {
                        self.give_up.get_or_insert(now + PATIENCE);
                    }
                    IceConnectionState::Connected | IceConnectionState::Completed => {
                        if self.connected {
                            self.give_up = None;
                        }
                    }
                    IceConnectionState::New | IceConnectionState::Checking => {}
                }
                None
            }
            Event::Closed => {
                self.lose("the page closed the connection");
                None
            }
            Event::RtpPacket(packet) => {
                let pt = *packet.header.payload_type;
                let media = self.state.receives(pt)?;
                Some(Poll::Rtp {
                    media,
                    header: Header {
                        payload_type: pt,
                        marker: packet.header.marker,
                        sequence: packet.header.sequence_number,
                        timestamp: packet.header.timestamp,
                        ssrc: *packet.header.ssrc,
                    },
                    payload: packet.payload,
                })
            }
            Event::KeyframeRequest(_) => Some(Poll::KeyframeWanted),
            _ => None,
        }
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Browser")
            .field("ufrag", &self.ufrag)
            .field("agreed", &self.state.agreed())
            .field("connected", &self.connected)
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

/// Our part of the user name of an ICE check: tells which leg a datagram of a new address is for.
///
/// `None` for all else. Source: RFC 8489 §5 and §14.3, RFC 8445 §7.2.2.
#[must_use]
pub fn ufrag_of(datagram: &[u8]) -> Option<&str> {
    let (head, mut rest) = datagram.split_first_chunk::<20>()?;
    if head[0] > 3 || head[4..8] != MAGIC_COOKIE {
        return None;
    }
    while let Some((attribute, value)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([attribute[2], attribute[3]]));
        if u16::from_be_bytes([attribute[0], attribute[1]]) == USERNAME {
            let name = std::str::from_utf8(value.get(..length)?).ok()?;
            return name.split_once(':').map(|(ours, _)| ours);
        }
        rest = value.get(length.next_multiple_of(4)..)?;
    }
    None
}

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 6;

/// str0m's name of an m-line.
fn mid(name: &str) -> Mid {
    Mid::from(name)
}

#[cfg(test)]
mod tests;

//! A leg and a page that are connected in memory.

use std::time::Duration;

use super::*;

/// Both ends, and the time.
pub(super) struct Call {
    pub(super) page: Page,
    pub(super) leg: Browser,
    pub(super) now: Instant,
    pub(super) got: Vec<Poll>,
    /// Whether the page sent records as only DTLS 1.3 has them (RFC 9147, section 4).
    pub(super) has_dtls_13: bool,
}

pub(super) fn wanting(codecs: &[Codec]) -> Want {
    Want {
        codecs: codecs.to_vec(),
        ..Want::default()
    }
}

pub(super) fn address() -> SocketAddr {
    "192.0.2.1:5000".parse().unwrap()
}

pub(super) fn leg(now: Instant) -> Browser {
    let shared = Arc::new(Shared::new(vec![address()]).unwrap());
    Browser::new(&shared, now).unwrap()
}

impl Call {
    pub(super) fn new() -> Self {
        Self::by(DtlsVersion::Auto)
    }

    /// With a page that speaks DTLS of this version.
    pub(super) fn by(version: DtlsVersion) -> Self {
        let now = Instant::now();
        Self {
            page: Page::new(now, version),
            leg: leg(now),
            now,
            got: vec![],
            has_dtls_13: false,
        }
    }

    /// Lets `span` pass, and carries all datagrams across.
    pub(super) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            loop {
                let mut quiet = true;
                for (to, bytes) in self.page.poll() {
                    quiet = false;
                    assert_eq!(to, address());
                    let from = self.page.address;
                    if rtp_kind(&bytes) == crate::rtp::Kind::Stun && bytes[0] == 0 {
                        assert_eq!(ufrag_of(&bytes), Some(self.leg.ufrag().as_str()));
                    }
                    self.has_dtls_13 |= matches!(bytes[0], 0b0010_0000..=0b0011_1111);
                    self.leg.handle_datagram(from, &bytes, self.now);
                }
                loop {
                    match self.leg.poll(self.now) {
                        Poll::Transmit { to, bytes } => {
                            quiet = false;
                            if to == self.page.address {
                                self.page.receive(address(), &bytes, self.now);
                            }
                        }
                        Poll::Timeout(_) => break,
                        other @ (Poll::Rtp { .. }
                        | Poll::KeyframeWanted
                        | Poll::Connected
                        | Poll::Lost(_)) => self.got.push(other),
                    }
                }
                if quiet {
                    break;
                }
            }
            self.now += Duration::from_millis(20);
            self.page.time(self.now);
            self.leg.handle_timeout(self.now);
        }
    }

    pub(super) fn connected(&mut self) -> bool {
        self.run(Duration::from_secs(3));
        let told = |poll: &Poll| matches!(poll, Poll::Connected);
        self.got.iter().filter(|poll| told(poll)).count() == 1 && self.leg.is_connected()
    }

    /// The payload types and payloads that came from the page.
    pub(super) fn heard(&mut self) -> Vec<(Media, u8, Vec<u8>)> {
        self.run(Duration::from_millis(200));
        self.got
            .drain(..)
            .filter_map(|poll| match poll {
                Poll::Rtp {
                    media,
                    header,
                    payload,
                } => Some((media, header.payload_type, payload.to_vec())),
                Poll::Transmit { .. }
                | Poll::KeyframeWanted
                | Poll::Connected
                | Poll::Lost(_)
                | Poll::Timeout(_) => None,
            })
            .collect()
    }

    /// Sends five packets each way of each payload type, and expects them there.
    pub(super) fn talk(&mut self, pts: &[u8], first: u16) {
        self.got.clear();
        self.page.got.clear();
        for step in 0..5u16 {
            for (index, &pt) in (0u16..).zip(pts) {
                let sequence = first + step * 10 + index;
                let payload = [pt, step as u8, 7, 7];
                self.page
                    .send(Media::Audio, pt, sequence.into(), &payload, self.now);
                let slot = slot(sequence);
                self.leg.send(Media::Audio, pt, &slot, &payload, self.now);
            }
            self.run(Duration::from_millis(20));
        }
        let heard = self.heard();
        for &pt in pts {
            let count = |got: &[(u8, Vec<u8>)]| {
                let mine = |(own, payload): &&(u8, Vec<u8>)| *own == pt && payload[0] == pt;
                got.iter().filter(mine).count()
            };
            let here: Vec<(u8, Vec<u8>)> = heard
                .iter()
                .map(|(media, pt, payload)| {
                    assert_eq!(*media, Media::Audio);
                    (*pt, payload.clone())
                })
                .collect();
            assert_eq!(count(&here), 5, "of {pt} from the page");
            assert_eq!(count(&self.page.got), 5, "of {pt} to the page");
        }
    }
}

pub(super) fn slot(sequence: u16) -> Slot {
    Slot {
        sequence,
        extended: sequence.into(),
        timestamp: u32::from(sequence) * 160,
        marker: false,
    }
}

pub(super) fn rtp_kind(bytes: &[u8]) -> crate::rtp::Kind {
    crate::rtp::kind(bytes)
}

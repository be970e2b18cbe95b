//! A page: a str0m client that is no ICE-lite one, and says nothing of its candidates.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::{
    Candidate, Event, Input, Output, Rtc,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    crypto::dtls::DtlsVersion,
    format::{Codec as Theirs, FormatParams},
    media::{Direction as Way, Frequency, KeyframeRequestKind, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

use super::Media;
use crate::anchor::Direction;

pub(super) struct Page {
    rtc: Rtc,
    pub(super) address: SocketAddr,
    pending: Option<SdpPendingOffer>,
    mids: Vec<(Media, Mid)>,
    pub(super) got: Vec<(u8, Vec<u8>)>,
    pub(super) keyframe_wanted: bool,
    out: Vec<(SocketAddr, Vec<u8>)>,
}

impl Page {
    /// A page that speaks DTLS of this version.
    pub(super) fn new(now: Instant, version: DtlsVersion) -> Self {
        let mut config = Rtc::builder()
            .set_dtls_version(version)
            .set_crypto_provider(std::sync::Arc::new(str0m::crypto::from_feature_flags()))
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_g722(true, false)
            .enable_pcmu(true, false)
            .enable_pcma(true, false)
            .enable_vp8(true);
        for (pt, clock) in [
            (110, Frequency::FORTY_EIGHT_KHZ),
            (126, Frequency::EIGHT_KHZ),
        ] {
            config.codec_config().add_config(
                pt.into(),
                None,
                Theirs::Tele,
                clock,
                None,
                FormatParams::default(),
            );
        }
        let mut page = Self {
            rtc: config.build(now),
            address: "198.51.100.1:6000".parse().unwrap(),
            pending: None,
            mids: vec![],
            got: vec![],
            keyframe_wanted: false,
            out: vec![],
        };
        let candidate = Candidate::host(page.address, "udp").unwrap();
        page.rtc.add_local_candidate(candidate);
        page
    }

    pub(super) fn offer(&mut self, media: &[Media]) -> String {
        let mut api = self.rtc.sdp_api();
        for &media in media {
            let kind = match media {
                Media::Audio => MediaKind::Audio,
                Media::Video => MediaKind::Video,
            };
            let mid = api.add_media(kind, Way::SendRecv, None, None, None);
            self.mids.push((media, mid));
        }
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        without_candidates(&offer.to_sdp_string())
    }

    pub(super) fn offer_direction(&mut self, direction: Direction) -> String {
        let way = match direction {
            Direction::SendRecv => Way::SendRecv,
            Direction::SendOnly => Way::SendOnly,
            Direction::RecvOnly => Way::RecvOnly,
            Direction::Inactive => Way::Inactive,
        };
        let mid = self.mid(Media::Audio);
        let mut api = self.rtc.sdp_api();
        api.set_direction(mid, way);
        let Some((offer, pending)) = api.apply() else {
            // Nothing changes for str0m: an offer all the same.
            let mut api = self.rtc.sdp_api();
            api.set_direction(mid, Way::Inactive);
            api.set_direction(mid, way);
            let (offer, pending) = api.apply().unwrap();
            self.pending = Some(pending);
            return without_candidates(&offer.to_sdp_string());
        };
        self.pending = Some(pending);
        without_candidates(&offer.to_sdp_string())
    }

    /// Restarts ICE from another address.
    pub(super) fn restart(&mut self, address: SocketAddr) -> String {
        self.address = address;
        let mut api = self.rtc.sdp_api();
        api.ice_restart(false);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        without_candidates(&offer.to_sdp_string())
    }

    pub(super) fn take_answer(&mut self, text: &str) {
        let answer = SdpAnswer::from_sdp_string(text).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
        let candidate = Candidate::host(self.address, "udp").unwrap();
        self.rtc.add_local_candidate(candidate);
    }

    pub(super) fn answer(&mut self, text: &str) -> String {
        let offer = SdpOffer::from_sdp_string(text).unwrap();
        let answer = self.rtc.sdp_api().accept_offer(offer).unwrap();
        without_candidates(&answer.to_sdp_string())
    }

    pub(super) fn send(
        &mut self,
        media: Media,
        pt: u8,
        sequence: u64,
        payload: &[u8],
        now: Instant,
    ) {
        let time = u32::try_from(sequence).unwrap() * 160;
        let packet = RtpWrite::new(pt.into(), sequence.into(), time, now, payload);
        let mid = self.mid(media);
        let mut direct = self.rtc.direct_api();
        direct
            .stream_tx_by_mid(mid, None)
            .unwrap()
            .write_rtp(packet);
        self.time(now);
    }

    pub(super) fn ask_keyframe(&mut self) {
        let mid = self.mid(Media::Video);
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
    }

    pub(super) fn close(&mut self) {
        self.rtc.close().unwrap();
    }

    fn mid(&self, wanted: Media) -> Mid {
        let found = self.mids.iter().find(|(media, _)| *media == wanted);
        found.unwrap().1
    }

    pub(super) fn time(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    pub(super) fn receive(&mut self, from: SocketAddr, bytes: &[u8], now: Instant) {
        let receive = Receive {
            proto: Protocol::Udp,
            source: from,
            destination: self.address,
            contents: bytes.try_into().unwrap(),
        };
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        self.drain();
    }

    /// What goes out.
    pub(super) fn poll(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        self.drain();
        std::mem::take(&mut self.out)
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    self.out
                        .push((transmit.destination, transmit.contents.to_vec()));
                }
                Output::Event(Event::MediaAdded(added)) => {
                    let media = match added.kind {
                        MediaKind::Audio => Media::Audio,
                        MediaKind::Video => Media::Video,
                    };
                    if !self.mids.iter().any(|(_, mid)| *mid == added.mid) {
                        self.mids.push((media, added.mid));
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let pt = *packet.header.payload_type;
                    self.got.push((pt, packet.payload.to_vec()));
                }
                Output::Event(Event::KeyframeRequest(_)) => self.keyframe_wanted = true,
                Output::Event(_) => {}
            }
        }
    }
}

/// A page sends its candidates apart; we need none.
fn without_candidates(text: &str) -> String {
    let kept = text
        .lines()
        .filter(|line| !line.starts_with("a=candidate") && !line.starts_with("a=end-of"));
    kept.fold(String::new(), |text, line| text + line + "\r\n")
}

//! The browser's `RTCPeerConnection`: its events as one enum, its promises as futures.

use std::rc::Rc;

use bellwire_proto::rtc::{IceServer, Step};
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaStream, MediaStreamTrack, RtcBundlePolicy, RtcConfiguration, RtcIceCandidateInit,
    RtcIceServer, RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState,
    RtcRtpTransceiver, RtcRtpTransceiverDirection, RtcSdpType, RtcSessionDescriptionInit,
    RtcSignalingState, RtcTrackEvent,
};

use super::{
    devices::DeviceKind,
    recovery::{Path, Talks},
};

#[wasm_bindgen]
extern "C" {
    // What web-sys does not know yet of the standard's interface.
    #[wasm_bindgen(extends = RtcPeerConnection, js_name = RTCPeerConnection)]
    #[derive(Debug)]
    type StandardPeer;

    #[wasm_bindgen(method, js_name = restartIce)]
    fn restart_ice(this: &StandardPeer);

    #[wasm_bindgen(method, catch, js_name = addTrack)]
    fn add_track(
        this: &StandardPeer,
        track: &MediaStreamTrack,
        stream: &MediaStream,
    ) -> Result<JsValue, JsValue>;

    // Without a description: the browser makes the offer or the answer that is due.
    #[wasm_bindgen(method, js_name = setLocalDescription)]
    fn describe(this: &StandardPeer) -> Promise;
}

/// What a peer connection reports.
pub(super) enum PeerEvent {
    /// Tracks changed, or ICE is to restart: an offer is due.
    Negotiate,
    /// A way to reach this browser was found.
    Candidate(Step),
    /// The other side's track.
    Track(MediaStreamTrack),
    /// The path opened, broke or was lost.
    Path,
}

/// One `RTCPeerConnection`; dropped, it is closed and silent.
#[derive(Debug)]
pub(super) struct Peer {
    pc: StandardPeer,
    _on_negotiate: Closure<dyn FnMut()>,
    _on_candidate: Closure<dyn FnMut(RtcPeerConnectionIceEvent)>,
    _on_track: Closure<dyn FnMut(RtcTrackEvent)>,
    _on_path: Closure<dyn FnMut()>,
}

impl Peer {
    pub(super) fn new(
        ice: &[IceServer],
        heard: impl Fn(PeerEvent) + 'static,
    ) -> Result<Self, JsValue> {
        let pc = RtcPeerConnection::new_with_configuration(&configuration(ice))?;
        let heard = Rc::new(heard);

        let tell = Rc::clone(&heard);
        let on_negotiate = Closure::<dyn FnMut()>::new(move || tell(PeerEvent::Negotiate));
        pc.set_onnegotiationneeded(Some(on_negotiate.as_ref().unchecked_ref()));

        let tell = Rc::clone(&heard);
        let on_candidate = Closure::<dyn FnMut(RtcPeerConnectionIceEvent)>::new(
            move |event: RtcPeerConnectionIceEvent| {
                if let Some(step) = candidate(&event) {
                    tell(PeerEvent::Candidate(step));
                }
            },
        );
        pc.set_onicecandidate(Some(on_candidate.as_ref().unchecked_ref()));

        let tell = Rc::clone(&heard);
        let on_track = Closure::<dyn FnMut(RtcTrackEvent)>::new(move |event: RtcTrackEvent| {
            tell(PeerEvent::Track(event.track()));
        });
        pc.set_ontrack(Some(on_track.as_ref().unchecked_ref()));

        let on_path = Closure::<dyn FnMut()>::new(move || heard(PeerEvent::Path));
        pc.set_onconnectionstatechange(Some(on_path.as_ref().unchecked_ref()));

        Ok(Self {
            pc: pc.unchecked_into(),
            _on_negotiate: on_negotiate,
            _on_candidate: on_candidate,
            _on_track: on_track,
            _on_path: on_path,
        })
    }

    /// The browser's object, for reading statistics.
    pub(super) fn raw(&self) -> &RtcPeerConnection {
        &self.pc
    }

    /// Uses these servers from the next ICE restart on.
    pub(super) fn configure(&self, ice: &[IceServer]) -> Result<(), JsValue> {
        self.pc
            .set_configuration_with_configuration(&configuration(ice))
    }

    pub(super) fn restart_ice(&self) {
        self.pc.restart_ice();
    }

    pub(super) fn is_stable(&self) -> bool {
        self.pc.signaling_state() == RtcSignalingState::Stable
    }

    /// Whether an offer was answered already, by either side.
    pub(super) fn was_settled(&self) -> bool {
        self.pc.current_remote_description().is_some()
    }

    pub(super) fn knows_remote(&self) -> bool {
        self.pc.remote_description().is_some()
    }

    pub(super) fn talks(&self) -> Talks {
        if self.pc.signaling_state() == RtcSignalingState::HaveLocalOffer {
            Talks::Offered
        } else if self.pc.local_description().is_some() || self.knows_remote() {
            Talks::Settled
        } else {
            Talks::Silent
        }
    }

    pub(super) fn path(&self) -> Path {
        match self.pc.connection_state() {
            RtcPeerConnectionState::Connected => Path::Open,
            RtcPeerConnectionState::Disconnected => Path::Broken,
            RtcPeerConnectionState::Failed | RtcPeerConnectionState::Closed => Path::Lost,
            RtcPeerConnectionState::New | RtcPeerConnectionState::Connecting | _ => Path::Trying,
        }
    }

    /// Makes the offer or the answer that is due and returns it.
    pub(super) async fn describe(&self) -> Result<Step, JsValue> {
        JsFuture::from(self.pc.describe()).await?;
        let description = self.pc.local_description().ok_or(JsValue::NULL)?;
        let sdp = description.sdp();
        Ok(match description.type_() {
            RtcSdpType::Answer | RtcSdpType::Pranswer => Step::Answer { sdp },
            RtcSdpType::Offer | RtcSdpType::Rollback | _ => Step::Offer { sdp },
        })
    }

    /// Takes in the other side's description; an offer takes back our own open one.
    pub(super) async fn take(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(sdp);
        JsFuture::from(self.pc.set_remote_description(&description)).await?;
        Ok(())
    }

    pub(super) async fn add_candidate(
        &self,
        candidate: &str,
        mid: Option<&str>,
        line: Option<u16>,
    ) -> Result<(), JsValue> {
        let init = RtcIceCandidateInit::new(candidate);
        init.set_sdp_mid(mid);
        init.set_sdp_m_line_index(line);
        let added = self
            .pc
            .add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&init));
        JsFuture::from(added).await?;
        Ok(())
    }

    /// Sends `track`, or nothing, as the sound or the picture of this side.
    pub(super) fn send(
        &self,
        kind: DeviceKind,
        track: Option<&MediaStreamTrack>,
        stream: &MediaStream,
    ) {
        let Some(transceiver) = self.transceiver(kind) else {
            if let Some(track) = track {
                let _refused_only_when_closed = self.pc.add_track(track, stream);
            }
            return;
        };
        let _settles_after_the_negotiation = transceiver.sender().replace_track(track);
        if track.is_some() {
            open_both_ways(&transceiver);
        }
    }

    /// Makes room for sound and picture both ways, whether or not there is a track yet: so a
    /// camera that is turned on later needs no negotiation of its own.
    pub(super) fn make_room(&self) {
        for kind in [DeviceKind::Microphone, DeviceKind::Camera] {
            if self.transceiver(kind).is_none() {
                self.pc.add_transceiver_with_str(kind.track_kind());
            }
        }
    }

    /// The same for an offer from outside: says that this side may send what it only receives.
    pub(super) fn take_room(&self) {
        for kind in [DeviceKind::Microphone, DeviceKind::Camera] {
            if let Some(transceiver) = self.transceiver(kind) {
                open_both_ways(&transceiver);
            }
        }
    }

    pub(super) fn close(&self) {
        self.pc.set_onnegotiationneeded(None);
        self.pc.set_onicecandidate(None);
        self.pc.set_ontrack(None);
        self.pc.set_onconnectionstatechange(None);
        self.pc.close();
    }

    fn transceiver(&self, kind: DeviceKind) -> Option<RtcRtpTransceiver> {
        (self.pc.get_transceivers().iter())
            .map(JsCast::unchecked_into::<RtcRtpTransceiver>)
            .find(|transceiver| {
                let stopped = transceiver.direction() == RtcRtpTransceiverDirection::Stopped;
                !stopped && transceiver.receiver().track().kind() == kind.track_kind()
            })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.close();
    }
}

fn open_both_ways(transceiver: &RtcRtpTransceiver) {
    match transceiver.direction() {
        RtcRtpTransceiverDirection::Recvonly | RtcRtpTransceiverDirection::Inactive => {
            transceiver.set_direction(RtcRtpTransceiverDirection::Sendrecv);
        }
        RtcRtpTransceiverDirection::Sendrecv
        | RtcRtpTransceiverDirection::Sendonly
        | RtcRtpTransceiverDirection::Stopped
        | _ => {}
    }
}

fn configuration(ice: &[IceServer]) -> RtcConfiguration {
    let servers = Array::new();
    for server in ice {
        let urls: Array = server
            .urls
            .iter()
            .map(|url| JsValue::from_str(url))
            .collect();
        let entry = RtcIceServer::new();
        entry.set_urls(&urls);
        if let Some(username) = &server.username {
            entry.set_username(username);
        }
        if let Some(credential) = &server.credential {
            entry.set_credential(credential);
        }
        servers.push(&entry);
    }
    let configuration = RtcConfiguration::new();
    configuration.set_ice_servers(&servers);
    configuration.set_bundle_policy(RtcBundlePolicy::MaxBundle);
    configuration
}

/// The candidate as a step; `None` for the end of candidates, which nobody needs to be told.
fn candidate(event: &RtcPeerConnectionIceEvent) -> Option<Step> {
    let found = event.candidate()?;
    let candidate = found.candidate();
    (!candidate.is_empty()).then(|| Step::Candidate {
        candidate,
        mid: found.sdp_mid(),
        line: found.sdp_m_line_index(),
    })
}

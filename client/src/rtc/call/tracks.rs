//! The tracks of a call: which come in and are played, which go out.

use std::rc::Weak;

use bellwire_proto::rtc::Step;
use wasm_bindgen::JsCast;
use web_sys::{MediaStream, MediaStreamTrack};

use super::{Call, CallChange};
use crate::{
    dom,
    rtc::{
        devices::{self, Choice, DeviceKind, MediaProblem, Wanted},
        local::first,
    },
};

impl Call {
    /// One track of a kind is played: a newer one takes the older one's place.
    pub(super) fn take_track(&self, track: MediaStreamTrack) {
        let mut tracks = self.remote_tracks.borrow_mut();
        tracks.retain(|old| old.kind() != track.kind());
        tracks.push(track);
        drop(tracks);
        self.compose_remote();
    }

    /// Puts the tracks together that the other side sends. A picture that it does not send is
    /// left out: a player would wait for its first frame and play no sound before.
    pub(super) fn compose_remote(&self) {
        let Some(stream) = self.remote_stream().or_else(|| MediaStream::new().ok()) else {
            return;
        };
        let mut changed = false;
        let wanted: Vec<MediaStreamTrack> = (self.remote_tracks.borrow().iter())
            .filter(|track| track.kind() == "audio" || self.remote_sending.get().video)
            .map(Clone::clone)
            .collect();
        for old in stream.get_tracks().iter() {
            let old: MediaStreamTrack = old.unchecked_into();
            if !wanted.contains(&old) {
                stream.remove_track(&old);
                changed = true;
            }
        }
        for track in wanted {
            if stream.get_track_by_id(&track.id()).is_none() {
                stream.add_track(&track);
                changed = true;
            }
        }
        if changed {
            self.remote.replace(Some(Clone::clone(&stream)));
            self.play_remote();
            self.change(CallChange::Remote(stream));
        }
    }

    /// On hold the other side is not heard.
    pub(super) fn play_remote(&self) {
        if let Some(stream) = self.remote_stream() {
            for track in stream.get_audio_tracks().iter() {
                let track: MediaStreamTrack = track.unchecked_into();
                track.set_enabled(!self.local.held());
            }
        }
    }

    /// Opens a device and takes it into use, unless it was decided otherwise meanwhile.
    pub(super) async fn open(&self, kind: DeviceKind, choice: Choice) -> Result<(), MediaProblem> {
        let turn = self.next_turn();
        let wanted = match kind {
            DeviceKind::Microphone => Wanted {
                audio: choice,
                video: Choice::Off,
            },
            DeviceKind::Camera => Wanted {
                audio: Choice::Off,
                video: choice,
            },
        };
        let stream = devices::open(&wanted).await?;
        if self.closed.get() || self.turn.get() != turn {
            devices::stop(&stream);
            return Ok(());
        }
        self.put(kind, first(&stream, kind));
        Ok(())
    }

    pub(super) fn next_turn(&self) -> u32 {
        self.turn.set(self.turn.get().wrapping_add(1));
        self.turn.get()
    }

    pub(super) fn put(&self, kind: DeviceKind, track: Option<MediaStreamTrack>) {
        if self.closed.get() {
            return;
        }
        self.local.put(kind, track);
        self.watch(kind);
        self.tracks_changed();
        self.change(CallChange::LocalStream(self.local.stream()));
    }

    pub(super) fn tracks_changed(&self) {
        if self.closed.get() {
            return;
        }
        if let Some(peer) = self.peer() {
            self.local.send_by(&peer);
        }
        self.tell_sending();
    }

    pub(super) fn tell_sending(&self) {
        if self.closed.get() {
            return;
        }
        let sending = self.local.sending();
        self.say(Step::Sending(sending));
        self.change(CallChange::Sending(sending));
    }

    pub(super) fn watch(&self, kind: DeviceKind) {
        let this = Weak::clone(&self.this);
        self.local.watch(kind, move || {
            if let Some(call) = this.upgrade() {
                call.device_lost(kind);
            }
        });
    }

    /// A microphone that was unplugged is replaced by another, if there is one.
    pub(super) fn device_lost(&self, kind: DeviceKind) {
        let this = Weak::clone(&self.this);
        dom::spawn(async move {
            let Some(call) = this.upgrade() else { return };
            let replaced = match kind {
                DeviceKind::Microphone => call.open(kind, Choice::Any).await.is_ok(),
                DeviceKind::Camera => false,
            };
            if !replaced {
                call.put(kind, None);
                call.change(CallChange::DeviceLost(kind));
            }
        });
    }
}

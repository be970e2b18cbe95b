//! What this side has to send: its microphone, its camera, and music while on hold.

use std::cell::{Cell, RefCell};

use bellwire_proto::rtc::Sending;
use wasm_bindgen::JsCast;
use web_sys::{MediaStream, MediaStreamTrack};

use super::{
    devices::{self, Choice, DeviceKind},
    music::Music,
    peer::Peer,
};
use crate::dom::Listener;

/// This side's tracks.
#[derive(Debug)]
pub(super) struct Local {
    stream: MediaStream,
    muted: Cell<bool>,
    held: Cell<bool>,
    music: RefCell<Option<Music>>,
    /// The camera that was used last, for turning it on again.
    camera: RefCell<Choice>,
    microphone_end: RefCell<Option<Listener>>,
    camera_end: RefCell<Option<Listener>>,
}

impl Local {
    pub(super) fn new(stream: MediaStream) -> Self {
        let local = Self {
            stream,
            muted: Cell::new(false),
            held: Cell::new(false),
            music: RefCell::new(None),
            camera: RefCell::new(Choice::Any),
            microphone_end: RefCell::new(None),
            camera_end: RefCell::new(None),
        };
        local.remember_camera();
        local
    }

    /// Another handle on the stream. (`stream.clone()` would be the browser's: a copy of each
    /// track, that stays on when this one is stopped.)
    pub(super) fn stream(&self) -> MediaStream {
        Clone::clone(&self.stream)
    }

    pub(super) fn track(&self, kind: DeviceKind) -> Option<MediaStreamTrack> {
        first(&self.stream, kind)
    }

    pub(super) fn muted(&self) -> bool {
        self.muted.get()
    }

    pub(super) fn held(&self) -> bool {
        self.held.get()
    }

    pub(super) fn camera_on(&self) -> bool {
        self.track(DeviceKind::Camera).is_some()
    }

    pub(super) fn camera(&self) -> Choice {
        self.camera.borrow().clone()
    }

    /// What the other side gets now.
    pub(super) fn sending(&self) -> Sending {
        let held = self.held.get();
        let speaks = self.track(DeviceKind::Microphone).is_some() && !self.muted.get();
        Sending {
            audio: speaks || (held && self.music.borrow().is_some()),
            video: self.camera_on() && !held,
        }
    }

    pub(super) fn set_muted(&self, muted: bool) {
        self.muted.set(muted);
        if let Some(track) = self.track(DeviceKind::Microphone) {
            track.set_enabled(!muted);
        }
    }

    /// On hold, music takes the place of the microphone and nothing that of the camera.
    pub(super) fn set_held(&self, held: bool) {
        if self.held.replace(held) != held {
            let music = if held { Music::start() } else { None };
            drop(self.music.replace(music));
        }
    }

    /// Puts `track` in the place of the one of its kind; `None` only takes that away. The old
    /// one is stopped, so that its light goes out.
    pub(super) fn put(&self, kind: DeviceKind, track: Option<MediaStreamTrack>) {
        if let Some(old) = self.track(kind) {
            self.end(kind).take();
            old.stop();
            self.stream.remove_track(&old);
        }
        if let Some(track) = track {
            self.stream.add_track(&track);
        }
        match kind {
            DeviceKind::Microphone => self.set_muted(self.muted.get()),
            DeviceKind::Camera => self.remember_camera(),
        }
    }

    /// Calls `on_end` when the device is unplugged or taken away.
    pub(super) fn watch(&self, kind: DeviceKind, on_end: impl Fn() + 'static) {
        if let Some(track) = self.track(kind) {
            let listener = Listener::new(&track, "ended", move |_| on_end());
            drop(self.end(kind).replace(Some(listener)));
        }
    }

    /// Gives a peer connection what it is to send.
    pub(super) fn send_by(&self, peer: &Peer) {
        let microphone = self.track(DeviceKind::Microphone);
        let music = self.music.borrow();
        let (sound, picture) = if self.held.get() {
            (
                music.as_ref().map(|music| Clone::clone(music.track())),
                None,
            )
        } else {
            (microphone, self.track(DeviceKind::Camera))
        };
        peer.send(DeviceKind::Microphone, sound.as_ref(), &self.stream);
        peer.send(DeviceKind::Camera, picture.as_ref(), &self.stream);
    }

    pub(super) fn stop(&self) {
        self.microphone_end.take();
        self.camera_end.take();
        self.music.take();
        devices::stop(&self.stream);
    }

    fn end(&self, kind: DeviceKind) -> &RefCell<Option<Listener>> {
        match kind {
            DeviceKind::Microphone => &self.microphone_end,
            DeviceKind::Camera => &self.camera_end,
        }
    }

    fn remember_camera(&self) {
        let track = self.track(DeviceKind::Camera);
        if let Some(id) = track.and_then(|track| track.get_settings().get_device_id()) {
            self.camera.replace(Choice::Device(id));
        }
    }
}

/// The first track of this kind in `stream`.
pub(super) fn first(stream: &MediaStream, kind: DeviceKind) -> Option<MediaStreamTrack> {
    let tracks = match kind {
        DeviceKind::Microphone => stream.get_audio_tracks(),
        DeviceKind::Camera => stream.get_video_tracks(),
    };
    tracks.iter().next().map(JsCast::unchecked_into)
}

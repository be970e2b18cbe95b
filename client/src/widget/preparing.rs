//! Before a call, and whenever devices are chosen: microphone, camera and speaker.

use web_sys::MediaStream;

use super::{
    app::App,
    keep::{self, Chosen},
    screen::Place,
    text::T,
};

use crate::{
    dom::spawn,
    rtc::{
        MediaProblem,
        devices::{self, Choice, Wanted},
    },
};

impl App {
    /// Goes to the device choice, and asks for the devices.
    pub(crate) fn prepare(self, video: bool) {
        self.go(Place::Preparing { video });
        self.call.muted.set(false);
        self.open_devices(video);
    }

    /// Leaves the device choice.
    pub(crate) fn leave_preparing(self, place: Place) {
        self.close_devices();
        self.go(place);
    }

    /// Asks for the microphone, and the camera if wanted; the last choice of devices counts.
    pub(crate) fn open_devices(self, video: bool) {
        let inner = self.inner();
        let turn = inner.asked_devices.get() + 1;
        inner.asked_devices.set(turn);
        self.call.problem.set(None);
        self.call
            .speaker
            .set(keep::device(Chosen::Speaker).unwrap_or_default());
        let wanted = wanted(video);
        spawn(async move {
            let opened = devices::open(&wanted).await;
            let current = self.inner().asked_devices.get() == turn;
            match opened {
                Ok(stream) if current => self.devices_opened(stream, video).await,
                Ok(stale) => devices::stop(&stale),
                Err(problem) if current => self.devices_failed(problem),
                Err(_) => {}
            }
        });
    }

    async fn devices_opened(self, stream: MediaStream, video: bool) {
        if let Some(before) = self.call.stream.get_untracked() {
            devices::stop(&before);
        }
        self.call.camera.set(video);
        self.call.stream.set(Some(stream));
        self.build_call();
        self.list_devices().await;
    }

    pub(super) async fn list_devices(self) {
        if let Ok(devices) = devices::list().await {
            self.call.devices.set(devices);
        }
    }

    fn devices_failed(self, problem: MediaProblem) {
        if problem == MediaProblem::RefusedByPage
            && let Some(frame) = self.frame()
        {
            frame.window(T.why_window);
        }
        self.call.problem.set(Some(problem));
    }

    /// Lets microphone and camera go.
    pub(super) fn close_devices(self) {
        let inner = self.inner();
        inner.asked_devices.set(inner.asked_devices.get() + 1);
        if let Some(stream) = self.call.stream.get_untracked() {
            devices::stop(&stream);
            self.call.stream.set(None);
        }
        self.call.problem.set(None);
    }

    /// Another device was chosen, before the call or in it.
    pub(crate) fn choose(self, kind: Chosen, id: String) {
        keep::set_device(kind, &id);
        if kind == Chosen::Speaker {
            return self.call.speaker.set(id);
        }
        let Some(call) = self.built() else {
            let video = self.wants_video();
            return self.open_devices(video);
        };
        spawn(async move {
            let changed = match kind {
                Chosen::Microphone => call.use_microphone(&id).await,
                Chosen::Camera => call.use_camera(&id).await,
                Chosen::Speaker => Ok(()),
            };
            self.media_result(changed);
        });
    }

    fn wants_video(self) -> bool {
        match self.here.get_untracked().place {
            Place::Preparing { video } => video,
            Place::Home | Place::Chat | Place::Message | Place::Privacy => self
                .inner()
                .carried
                .borrow()
                .as_ref()
                .is_some_and(|carried| carried.video),
        }
    }

    pub(super) fn media_result(self, result: Result<(), MediaProblem>) {
        self.call.problem.set(result.err());
    }

    /// Goes on without a camera, or asks again, wherever the visitor is.
    pub(crate) fn ask_again(self, video: bool) {
        match self.here.get_untracked().place {
            Place::Preparing { .. } => self.prepare(video),
            Place::Home | Place::Chat | Place::Message | Place::Privacy => {
                if let Some(carried) = self.inner().carried.borrow_mut().as_mut() {
                    carried.video = video;
                }
                self.open_devices(video);
            }
        }
    }
}

fn wanted(video: bool) -> Wanted {
    let choice = |kind| keep::device(kind).map_or(Choice::Any, Choice::Device);
    Wanted {
        audio: choice(Chosen::Microphone),
        video: if video {
            choice(Chosen::Camera)
        } else {
            Choice::Off
        },
    }
}

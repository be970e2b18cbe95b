//! The microphone's and the camera's switches.

use bellwire_client::rtc::devices::{self, Choice, Wanted};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{CAMERA, MUTED, Media, chosen, keep};
use crate::{notices::WayOn, text};

impl Media {
    /// Tries the microphone and lets it go, so that a refusal is seen before the first ring.
    pub(crate) fn check_microphone(self) {
        if self.carried.read_untracked().is_some() {
            return;
        }
        spawn_local(async move {
            let wanted = Wanted {
                audio: chosen::microphone(),
                video: Choice::Off,
            };
            match devices::open(&wanted).await {
                Ok(stream) => {
                    devices::stop(&stream);
                    self.notices.done(WayOn::Microphone);
                }
                Err(problem) => {
                    let sentence = text::ready_without_microphone(&problem);
                    self.notices.ask(sentence, WayOn::Microphone);
                }
            }
        });
    }

    /// Calls go to a telephone from now on: a microphone that does not work matters no more, but
    /// to a call that is here.
    pub(crate) fn needs_no_microphone(self) {
        if self.carried.read_untracked().is_none() {
            self.notices.done(WayOn::Microphone);
        }
    }

    /// Mutes or unmutes.
    pub(crate) fn toggle_mute(self) {
        let Some(call) = self.call.get_value() else {
            return;
        };
        let muted = !self.muted.get_untracked();
        call.set_muted(muted);
        self.muted.set(muted);
        keep(MUTED, muted);
    }

    /// Turns the camera on or off.
    pub(crate) fn toggle_camera(self) {
        let Some(call) = self.call.get_value() else {
            return;
        };
        let on = !self.camera.get_untracked();
        spawn_local(async move {
            match call.set_camera(on).await {
                Ok(()) => keep(CAMERA, on),
                Err(problem) => self.notices.say(text::camera_problem(&problem)),
            }
        });
    }

    /// Opens the microphone, or another one, in a call.
    pub(crate) fn reopen_microphone(self) {
        let Some(call) = self.call.get_value() else {
            self.check_microphone();
            return;
        };
        spawn_local(async move {
            match call.use_microphone(&chosen::id(chosen::microphone())).await {
                Ok(()) => {
                    self.notices.done(WayOn::Microphone);
                    self.notices.say(text::MICROPHONE_BACK);
                }
                Err(problem) => {
                    let sentence = text::media_problem(&problem);
                    self.notices.ask(sentence, WayOn::Microphone);
                }
            }
        });
    }

    /// Uses another camera in a call where the camera is on.
    pub(crate) fn change_camera(self) {
        let Some(call) = self
            .call
            .get_value()
            .filter(|_| self.camera.get_untracked())
        else {
            return;
        };
        spawn_local(async move {
            if let Err(problem) = call.use_camera(&chosen::id(chosen::camera())).await {
                self.notices.say(text::camera_problem(&problem));
            }
        });
    }
}

//! Which microphone and camera the agent chose on this computer.

use bellwire_client::{rtc::devices::Choice, storage};

const MICROPHONE: &str = "bellwire-microphone";
const CAMERA: &str = "bellwire-camera";

/// The microphone for calls.
pub(crate) fn microphone() -> Choice {
    choice(storage::local(MICROPHONE))
}

/// The camera for calls.
pub(crate) fn camera() -> Choice {
    choice(storage::local(CAMERA))
}

/// Keeps the choice of a microphone; the system's where `id` is empty.
pub(crate) fn choose_microphone(id: &str) {
    storage::set_local(MICROPHONE, Some(id).filter(|id| !id.is_empty()));
}

/// Keeps the choice of a camera; the system's where `id` is empty.
pub(crate) fn choose_camera(id: &str) {
    storage::set_local(CAMERA, Some(id).filter(|id| !id.is_empty()));
}

/// A choice as the value of a list: the device's id, or nothing for the system's choice.
pub(crate) fn value(choice: Choice) -> String {
    match choice {
        Choice::Off | Choice::Any => String::new(),
        Choice::Device(id) => id,
    }
}

/// The browser's name for a choice; for the system's choice a name that no device has, or that
/// means just that.
pub(crate) fn id(choice: Choice) -> String {
    match choice {
        Choice::Off | Choice::Any => "default".to_owned(),
        Choice::Device(id) => id,
    }
}

fn choice(kept: Option<String>) -> Choice {
    kept.map_or(Choice::Any, Choice::Device)
}

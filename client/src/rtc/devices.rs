//! Microphones, cameras and speakers: which there are, and opening them.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream,
    MediaStreamConstraints, MediaStreamTrack, MediaTrackConstraints, window,
};

pub use super::audio::Meter;

/// What a device is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeviceKind {
    /// Takes in sound.
    Microphone,
    /// Takes in pictures.
    Camera,
}

impl DeviceKind {
    /// What the browser calls its tracks.
    pub(super) fn track_kind(self) -> &'static str {
        match self {
            Self::Microphone => "audio",
            Self::Camera => "video",
        }
    }
}

/// One device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Device {
    /// The browser's name for it, for [`Choice::Device`].
    pub id: String,
    /// Its name as people know it; empty until a microphone or camera was allowed once.
    pub label: String,
}

/// The devices of this computer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Devices {
    /// Take in sound.
    pub microphones: Vec<Device>,
    /// Take in pictures.
    pub cameras: Vec<Device>,
    /// Play sound. Empty in browsers that do not let pages choose.
    pub speakers: Vec<Device>,
}

/// Which device is wanted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Choice {
    /// None.
    #[default]
    Off,
    /// Any; the browser's default.
    Any,
    /// The one with this id, or any where it is gone.
    Device(String),
}

/// What is to be opened.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// The microphone.
    pub audio: Choice,
    /// The camera.
    pub video: Choice,
}

/// Why a microphone or camera could not be opened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MediaProblem {
    /// The person, or a setting of the browser, said no.
    Refused,
    /// The page around this frame does not let it use the device (permissions policy). A window
    /// of its own may.
    RefusedByPage,
    /// There is no microphone.
    NoMicrophone,
    /// There is no camera.
    NoCamera,
    /// Another program uses it, or the system denies it to the browser.
    InUse,
    /// Pages without `https` get no microphone.
    Insecure,
    /// Something else, in the browser's words.
    Failed(String),
}

impl MediaProblem {
    /// What happened and what to do, in a sentence or two for people.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Refused => {
                "The browser did not allow the microphone or camera. Allow it with the icon beside the page's address, then try again."
            }
            Self::RefusedByPage => {
                "This page does not allow calls inside it. The call can be made in a window of its own."
            }
            Self::NoMicrophone => {
                "No microphone was found. Plug one in and try again, or write to us instead."
            }
            Self::NoCamera => "No camera was found. A voice call works without one.",
            Self::InUse => {
                "The microphone or camera is in use or switched off. Close other programs that use it, then try again."
            }
            Self::Insecure => {
                "Calls need a secure page, with an address that starts with https. You can write to us instead."
            }
            Self::Failed(_) => {
                "The microphone or camera did not start. Try again, choose another one, or write to us instead."
            }
        }
    }
}

/// The devices of this computer.
///
/// # Errors
///
/// [`MediaProblem::Insecure`] or [`MediaProblem::Failed`].
pub async fn list() -> Result<Devices, MediaProblem> {
    let listing = media_devices()?.enumerate_devices().map_err(failed)?;
    let listed: Array = JsFuture::from(listing)
        .await
        .map_err(failed)?
        .unchecked_into();
    let mut devices = Devices::default();
    for entry in listed.iter() {
        let entry: MediaDeviceInfo = entry.unchecked_into();
        let device = Device {
            id: entry.device_id(),
            label: entry.label(),
        };
        match entry.kind() {
            MediaDeviceKind::Audioinput => devices.microphones.push(device),
            MediaDeviceKind::Videoinput => devices.cameras.push(device),
            MediaDeviceKind::Audiooutput => devices.speakers.push(device),
            _ => {}
        }
    }
    Ok(devices)
}

/// Opens what is wanted. The browser may ask the person first, so this can take long.
///
/// # Errors
///
/// Why it could not be opened. Nothing stays open then.
pub async fn open(wanted: &Wanted) -> Result<MediaStream, MediaProblem> {
    match get(wanted).await {
        // A remembered device that was unplugged must not stop the call.
        Err(error) if names_devices(wanted) && is_gone(&error) => {
            match get(&any_instead(wanted)).await {
                Ok(stream) => Ok(stream),
                Err(error) => Err(explain(&error, wanted).await),
            }
        }
        Err(error) => Err(explain(&error, wanted).await),
        Ok(stream) => Ok(stream),
    }
}

/// Stops every track of `stream`, so that the lights of the devices go out.
pub fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        track.unchecked_into::<MediaStreamTrack>().stop();
    }
}

/// Whether the page around this frame lets it use `feature` (`microphone`, `camera`); `None`
/// where the browser does not tell.
#[must_use]
pub fn allowed_by_page(feature: &str) -> Option<bool> {
    let document = window()?.document()?;
    let policy = ["permissionsPolicy", "featurePolicy"]
        .into_iter()
        .filter_map(|name| Reflect::get(&document, &name.into()).ok())
        .find(JsValue::is_object)?;
    let asks: js_sys::Function = Reflect::get(&policy, &"allowsFeature".into())
        .ok()?
        .dyn_into()
        .ok()?;
    asks.call1(&policy, &feature.into()).ok()?.as_bool()
}

/// What is known when a device did not open.
#[derive(Clone, Copy, Debug, Default)]
struct Circumstances {
    wants_microphone: bool,
    wants_camera: bool,
    has_microphone: bool,
    has_camera: bool,
    /// The page around this frame forbids it.
    forbidden: bool,
}

/// Names the problem from the name of the browser's error.
///
/// Source: Media Capture and Streams §10.2 (`getUserMedia`), and the older names some browsers use.
fn problem(name: &str, message: String, seen: Circumstances) -> MediaProblem {
    match name {
        "NotAllowedError" | "PermissionDeniedError" | "SecurityError" if seen.forbidden => {
            MediaProblem::RefusedByPage
        }
        "NotAllowedError" | "PermissionDeniedError" | "PermissionDismissedError" => {
            MediaProblem::Refused
        }
        "SecurityError" => MediaProblem::Insecure,
        "NotFoundError" | "DevicesNotFoundError" | "OverconstrainedError" => {
            if seen.wants_microphone && !seen.has_microphone {
                MediaProblem::NoMicrophone
            } else if seen.wants_camera && !seen.has_camera {
                MediaProblem::NoCamera
            } else if seen.wants_microphone {
                MediaProblem::NoMicrophone
            } else {
                MediaProblem::NoCamera
            }
        }
        "NotReadableError" | "TrackStartError" | "AbortError" => MediaProblem::InUse,
        _ => MediaProblem::Failed(message),
    }
}

async fn explain(error: &Failure, wanted: &Wanted) -> MediaProblem {
    let error = match error {
        Failure::Problem(problem) => return problem.clone(),
        Failure::Browser(error) => error,
    };
    let devices = list().await.unwrap_or_default();
    let wants_microphone = wanted.audio != Choice::Off;
    let wants_camera = wanted.video != Choice::Off;
    let forbids = |wants, feature| wants && allowed_by_page(feature) == Some(false);
    let seen = Circumstances {
        wants_microphone,
        wants_camera,
        has_microphone: !devices.microphones.is_empty(),
        has_camera: !devices.cameras.is_empty(),
        forbidden: forbids(wants_microphone, "microphone") || forbids(wants_camera, "camera"),
    };
    let (name, message) = match error.dyn_ref::<DomException>() {
        Some(error) => (error.name(), error.message()),
        None => named(error),
    };
    problem(&name, message, seen)
}

/// Name and message of an error that is no `DOMException` (`OverconstrainedError` is not).
fn named(error: &JsValue) -> (String, String) {
    let text = |key: &str| {
        let value = Reflect::get(error, &key.into()).ok();
        value
            .and_then(|value| value.as_string())
            .unwrap_or_default()
    };
    (text("name"), text("message"))
}

enum Failure {
    Problem(MediaProblem),
    Browser(JsValue),
}

async fn get(wanted: &Wanted) -> Result<MediaStream, Failure> {
    let constraints = MediaStreamConstraints::new();
    constraints.set_audio(&audio_constraints(&wanted.audio));
    constraints.set_video(&video_constraints(&wanted.video));
    let devices = media_devices().map_err(Failure::Problem)?;
    let asked = devices
        .get_user_media_with_constraints(&constraints)
        .map_err(Failure::Browser)?;
    let stream = JsFuture::from(asked).await.map_err(Failure::Browser)?;
    Ok(stream.unchecked_into())
}

fn audio_constraints(choice: &Choice) -> JsValue {
    let Some(constraints) = device_constraints(choice) else {
        return JsValue::FALSE;
    };
    constraints.set_echo_cancellation_bool(true);
    constraints.set_noise_suppression_bool(true);
    constraints.set_auto_gain_control_bool(true);
    constraints.into()
}

fn video_constraints(choice: &Choice) -> JsValue {
    let Some(constraints) = device_constraints(choice) else {
        return JsValue::FALSE;
    };
    // Sharp enough for a face, light enough for an old laptop. A bare number is an ideal.
    constraints.set_width_i32(960);
    constraints.set_height_i32(540);
    constraints.set_frame_rate_f64(24.0);
    constraints.into()
}

fn device_constraints(choice: &Choice) -> Option<MediaTrackConstraints> {
    let constraints = MediaTrackConstraints::new();
    match choice {
        Choice::Off => return None,
        Choice::Any => {}
        Choice::Device(id) => {
            let exact = js_sys::Object::new();
            let _plain_objects_take_keys = Reflect::set(&exact, &"exact".into(), &id.into());
            constraints.set_device_id(&exact);
        }
    }
    Some(constraints)
}

fn names_devices(wanted: &Wanted) -> bool {
    matches!(wanted.audio, Choice::Device(_)) || matches!(wanted.video, Choice::Device(_))
}

fn is_gone(error: &Failure) -> bool {
    match error {
        Failure::Browser(error) => {
            matches!(
                named(error).0.as_str(),
                "OverconstrainedError" | "NotFoundError"
            )
        }
        Failure::Problem(_) => false,
    }
}

fn any_instead(wanted: &Wanted) -> Wanted {
    let any = |choice: &Choice| match choice {
        Choice::Off => Choice::Off,
        Choice::Any | Choice::Device(_) => Choice::Any,
    };
    Wanted {
        audio: any(&wanted.audio),
        video: any(&wanted.video),
    }
}

fn media_devices() -> Result<MediaDevices, MediaProblem> {
    let navigator = window().ok_or(MediaProblem::Insecure)?.navigator();
    // Insecure pages have no `mediaDevices` at all.
    let devices = navigator
        .media_devices()
        .map_err(|_| MediaProblem::Insecure)?;
    if devices.is_undefined() || devices.is_null() {
        return Err(MediaProblem::Insecure);
    }
    Ok(devices)
}

fn failed(error: JsValue) -> MediaProblem {
    MediaProblem::Failed(named(&error).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Circumstances {
        Circumstances {
            wants_microphone: true,
            has_microphone: true,
            has_camera: true,
            ..Circumstances::default()
        }
    }

    #[test]
    fn a_refusal_by_the_page_is_told_from_one_by_the_person() {
        let forbidden = Circumstances {
            forbidden: true,
            ..seen()
        };

        assert_eq!(
            problem("NotAllowedError", String::new(), seen()),
            MediaProblem::Refused
        );
        assert_eq!(
            problem("NotAllowedError", String::new(), forbidden),
            MediaProblem::RefusedByPage
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let no_camera = Circumstances {
            wants_camera: true,
            has_camera: false,
            ..seen()
        };
        let nothing = Circumstances {
            wants_camera: true,
            has_camera: false,
            has_microphone: false,
            ..seen()
        };

        assert_eq!(
            problem("NotFoundError", String::new(), no_camera),
            MediaProblem::NoCamera
        );
        assert_eq!(
            problem("NotFoundError", String::new(), nothing),
            MediaProblem::NoMicrophone
        );
    }

    #[test]
    fn a_busy_device_and_an_unknown_error_have_their_own_sentences() {
        let unknown = problem("TypeError", "odd".into(), seen());

        assert_eq!(
            problem("NotReadableError", String::new(), seen()),
            MediaProblem::InUse
        );
        assert_eq!(unknown, MediaProblem::Failed("odd".into()));
        assert_ne!(unknown.sentence(), MediaProblem::InUse.sentence());
    }
}

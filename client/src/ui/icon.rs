//! Icons: one stroke path each, in the colour and about the size of the text around them.

#[cfg(feature = "desk")]
use leptos::prelude::*;

/// What an icon means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Icon {
    /// A voice call.
    Phone,
    /// A video call.
    Video,
    /// A chat.
    Chat,
    /// The microphone is open.
    Mic,
    /// The microphone is muted.
    MicOff,
    /// The camera is on.
    Camera,
    /// The camera is off.
    CameraOff,
    /// Hang up.
    HangUp,
    /// Put on hold.
    Hold,
    /// Take off hold.
    Resume,
    /// Send a message.
    Send,
    /// Close.
    Close,
    /// Open in a window of its own.
    Window,
    /// To where one came from.
    Back,
    /// Over the whole screen.
    Expand,
    /// The keys of a telephone.
    Keypad,
    /// Settings, devices.
    Settings,
    /// A person.
    User,
    /// Time.
    Clock,
    /// Done, seen.
    Check,
    /// Something to look at.
    Alert,
}

impl Icon {
    /// The path's data, on a field of 24 by 24.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Phone => {
                "M6.6 3.5 9 3l1.9 4.4-2 1.6a12 12 0 0 0 6.1 6.1l1.6-2L21 15l-.5 2.4a3.2 3.2 0 0 1-3.3 2.6C10.4 19.6 4.4 13.6 4 6.8a3.2 3.2 0 0 1 2.6-3.3Z"
            }
            Self::Video | Self::Camera => {
                "M4 6.5h9.5A1.5 1.5 0 0 1 15 8v8a1.5 1.5 0 0 1-1.5 1.5H4A1.5 1.5 0 0 1 2.5 16V8A1.5 1.5 0 0 1 4 6.5ZM15 11l6.5-3.5v9L15 13"
            }
            Self::CameraOff => {
                "M15 10.5V8a1.5 1.5 0 0 0-1.5-1.5H10M6 6.5H4A1.5 1.5 0 0 0 2.5 8v8A1.5 1.5 0 0 0 4 17.5h9.5A1.5 1.5 0 0 0 15 16M15 11l6.5-3.5v9L18 14.6M3 3l18 18"
            }
            Self::Chat => {
                "M4 4.5h16A1.5 1.5 0 0 1 21.5 6v9.5A1.5 1.5 0 0 1 20 17h-8l-5 4v-4H4a1.5 1.5 0 0 1-1.5-1.5V6A1.5 1.5 0 0 1 4 4.5ZM7 9h10M7 12.5h6"
            }
            Self::Mic => {
                "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M8.5 21h7"
            }
            Self::MicOff => {
                "M9 5.5A3 3 0 0 1 15 6v4.5M9 9.5V11a3 3 0 0 0 4.5 2.6M5.5 11a6.5 6.5 0 0 0 10.3 5.3M18.5 11a6.5 6.5 0 0 1-.6 2.7M12 17.5V21M8.5 21h7M3 3l18 18"
            }
            Self::HangUp => {
                "M3 14.7c-1.3-1.6-.6-3.5 1-4.5a15.3 15.3 0 0 1 16 0c1.6 1 2.3 2.9 1 4.5l-1 1.2-4.3-1.6-.3-2.7a12 12 0 0 0-6.8 0l-.3 2.7L4 15.9Z"
            }
            Self::Hold => "M9 5v14M15 5v14",
            Self::Resume => "M7 4.5v15l12-7.5Z",
            Self::Send => "M3.5 11.5 20.5 4l-6 16.5-3.5-7ZM11 13.5 20.5 4",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Window => {
                "M14 4h6v6M20 4l-8.5 8.5M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5"
            }
            Self::Back => "M14.5 5.5 8 12l6.5 6.5",
            Self::Expand => "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
            Self::Keypad => {
                "M6 5.5h.1M12 5.5h.1M18 5.5h.1M6 10h.1M12 10h.1M18 10h.1M6 14.5h.1M12 14.5h.1M18 14.5h.1M12 19h.1"
            }
            Self::Settings => {
                "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM9 15a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z"
            }
            Self::User => "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
            Self::Clock => "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2",
            Self::Check => "M5 12.5 9.5 17 19 7.5",
            Self::Alert => "M12 4 2.8 20h18.4ZM12 10v4.5M12 17.2v.1",
        }
    }
}

#[cfg(feature = "desk")]
/// An icon, for places that know it already. It says nothing to a screen reader: the button
/// around it has a name.
#[must_use]
pub fn view(icon: Icon) -> impl IntoView {
    view! { <Glyph icon=icon /> }
}

#[cfg(feature = "desk")]
/// An icon that may change. It says nothing to a screen reader: the button around it has a
/// name.
#[component]
pub fn Glyph(
    /// Which.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! {
        <svg class="bw-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=move || icon.get().path()></path>
        </svg>
    }
}

//! The call: who, how it goes, its buttons, and the pictures.
//!
//! It stays on the page while another contact is shown, only smaller: its sound must go on.

use bellwire_client::{
    rtc::{CallState, Level, Quality},
    ui::{Glyph, Icon, VideoView},
};
use bellwire_proto::{agent::OnPhone, id::InteractionId, rtc::Sending};
use leptos::prelude::*;
use web_sys::MediaStream;

use super::keypad::{Keypad, KeypadView};
use crate::{format, rules, text};

/// A press on one of the call's buttons.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Press {
    /// Mute or unmute.
    Mute,
    /// Camera on or off.
    Camera,
    /// Hold or resume.
    Hold,
    /// Hang up.
    HangUp,
    /// Show the call again.
    Show,
    /// Try what the microphone prevented again.
    TryAgain,
    /// Take the call from the agent's telephone to this page.
    TakeHere,
    /// Open or close the keypad.
    Keypad,
    /// A key of the keypad.
    Key(&'static str),
}

/// What the desk knows of the live call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LiveCall {
    /// The call.
    pub(crate) id: InteractionId,
    /// Who it is.
    pub(crate) who: String,
    /// On hold.
    pub(crate) held: bool,
    /// A page of the visitor is connected.
    pub(crate) reachable: bool,
    /// A camera has a place in it.
    pub(crate) has_camera: bool,
    /// Who calls does so by telephone.
    pub(crate) by_telephone: bool,
    /// The agent's telephone carries it.
    pub(crate) phone: Option<OnPhone>,
    /// The keys pressed on the other side, the last ones.
    pub(crate) pressed: String,
}

/// What this page knows of the call's media.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallMedia {
    /// How it goes.
    pub(crate) state: Signal<CallState>,
    /// This page carries it.
    pub(crate) is_carried: Signal<bool>,
    /// It is coming here from the agent's telephone.
    pub(crate) is_coming: Signal<bool>,
    /// Why this page cannot carry it.
    pub(crate) problem: Signal<Option<String>>,
    /// From the visitor.
    pub(crate) remote: Signal<Option<MediaStream>, LocalStorage>,
    /// What the visitor's page says it sends.
    pub(crate) remote_sending: Signal<Sending>,
    /// From here.
    pub(crate) local: Signal<Option<MediaStream>, LocalStorage>,
    /// Muted here.
    pub(crate) muted: Signal<bool>,
    /// The camera is on here.
    pub(crate) camera: Signal<bool>,
    /// How good the line is.
    pub(crate) quality: Signal<Option<Quality>>,
}

/// The live call.
#[component]
pub(crate) fn CallStage(
    /// What the desk knows.
    #[prop(into)]
    call: Signal<LiveCall>,
    /// What this page knows.
    media: CallMedia,
    /// The keys of a telephone.
    keypad: KeypadView,
    /// The call is the contact that is shown.
    #[prop(into)]
    in_front: Signal<bool>,
    /// How long it goes on.
    #[prop(into)]
    timer: Signal<String>,
    /// Called once for each press.
    on_press: Callback<Press>,
) -> impl IntoView {
    let on_phone = Memo::new(move |_| call.with(|call| call.phone.is_some()));
    let mark = move || match (media.is_carried.get(), media.problem.with(Option::is_some)) {
        _ if on_phone.get() => "phone",
        (true, _) => state_mark(media.state.get()),
        (false, true) => "failed",
        (false, false) => "connecting",
    };
    let sentence = move || {
        let call = call.get();
        if let Some(phone) = call.phone {
            return match media.is_coming.get() {
                true => text::phone::TAKING_HERE,
                false if !call.reachable => text::VISITOR_AWAY,
                false => rules::on_phone(phone, call.held),
            };
        }
        match (media.is_carried.get(), media.state.get()) {
            (false, _) if media.problem.with(Option::is_some) => "",
            (false, _) => text::CALL_COMING_BACK,
            (true, _) if !call.reachable => text::VISITOR_AWAY,
            (true, CallState::Connecting) => text::CALL_CONNECTING,
            (true, CallState::Interrupted) => text::CALL_INTERRUPTED,
            (true, CallState::Failed) => text::CALL_FAILED,
            (true, CallState::Connected) if call.held && call.by_telephone => {
                text::phone::CALLER_HELD
            }
            (true, CallState::Connected) if call.held => text::VISITOR_HELD,
            (true, CallState::Connected) if !media.remote_sending.get().audio => text::REMOTE_MUTED,
            (true, CallState::Connected) => "",
        }
    };
    let problem = move || {
        let problem = media.problem.get().filter(|_| !media.is_carried.get())?;
        Some(view! {
            <p class="bw-problem" role="alert">
                <span>{problem}</span>
                <button class="bw-button" on:click=move |_| on_press.run(Press::TryAgain)>{text::TRY_AGAIN}</button>
            </p>
        })
    };

    view! {
        <section
            class="call"
            class:aside=move || !in_front.get()
            aria-label=text::CALL
            data-call=mark
            data-call-of=move || call.with(|call| call.id.to_string())
        >
            <Pictures call media />
            <div class="call-line">
                <p class="call-who">{move || call.with(|call| call.who.clone())}</p>
                <span class="timer" role="timer">{timer}</span>
                <QualityHint quality=media.quality />
                <p class="call-sentence" role="status">{sentence}</p>
                <p class="their-keys" role="status">
                    {move || call.with(|call| text::phone::pressed(&call.pressed))}
                </p>
            </div>
            {problem}
            <CallControls call media keypad in_front on_press />
            <Keypad keypad on_key=Callback::new(move |key| on_press.run(Press::Key(key))) />
        </section>
    }
}

#[component]
fn CallControls(
    #[prop(into)] call: Signal<LiveCall>,
    media: CallMedia,
    keypad: KeypadView,
    in_front: Signal<bool>,
    on_press: Callback<Press>,
) -> impl IntoView {
    let on_phone = Memo::new(move |_| call.with(|call| call.phone.is_some()));
    let by_telephone = Memo::new(move |_| call.with(|call| call.by_telephone));
    let has_camera = Memo::new(move |_| call.with(|call| call.has_camera));
    let held = move || call.with(|call| call.held);
    let button = move |press: Press,
                       shortcut: &'static str,
                       sign: Box<dyn Fn() -> Icon + Send + Sync>,
                       name: Box<dyn Fn() -> &'static str + Send + Sync>,
                       pressed: Box<dyn Fn() -> bool + Send + Sync>| {
        view! {
            <button
                class="bw-button call-button"
                class:pressed=pressed
                class:bw-danger=press == Press::HangUp
                aria-keyshortcuts=shortcut
                disabled=move || {
                    press != Press::HangUp && !media.is_carried.get() && !on_phone.get()
                }
                on:click=move |_| on_press.run(press)
            >
                {move || view! { <Glyph icon=sign() /> }}
                <span>{name}</span>
            </button>
        }
    };
    let camera = media.camera;
    let muted = Signal::derive(move || {
        let phone = call.with(|call| call.phone);
        phone.map_or_else(|| media.muted.get(), |phone| phone.muted)
    });
    let take_here = move || {
        on_phone.get().then(|| {
            view! {
                <button
                    class="bw-button call-button"
                    disabled=media.is_coming
                    on:click=move |_| on_press.run(Press::TakeHere)
                >
                    {text::phone::TAKE_HERE}
                </button>
            }
        })
    };
    let keys = move || {
        by_telephone.get().then(|| {
            view! {
                <button
                    class="bw-button call-button opens-keypad"
                    aria-expanded=move || keypad.open.get().to_string()
                    aria-keyshortcuts="Alt+K"
                    on:click=move |_| on_press.run(Press::Keypad)
                >
                    <Glyph icon=Icon::Keypad />
                    <span>{text::phone::KEYPAD}</span>
                </button>
            }
        })
    };
    let show = move || {
        (!in_front.get()).then(|| {
            view! {
                <button class="bw-button call-button" on:click=move |_| on_press.run(Press::Show)>
                    {text::SHOW_CALL}
                </button>
            }
        })
    };

    view! {
        <div class="call-controls" role="group" aria-label=text::CALL_CONTROLS>
            {button(
                Press::Mute,
                "Alt+M",
                Box::new(move || if muted.get() { Icon::MicOff } else { Icon::Mic }),
                Box::new(move || if muted.get() { text::UNMUTE } else { text::MUTE }),
                Box::new(move || muted.get()),
            )}
            {move || has_camera.get().then(|| button(
                Press::Camera,
                "Alt+C",
                Box::new(move || if camera.get() { Icon::Camera } else { Icon::CameraOff }),
                Box::new(move || if camera.get() { text::CAMERA_OFF } else { text::CAMERA_ON }),
                Box::new(|| false),
            ))}
            {button(
                Press::Hold,
                "Alt+H",
                Box::new(move || if held() { Icon::Resume } else { Icon::Hold }),
                Box::new(move || if held() { text::RESUME } else { text::HOLD }),
                Box::new(held),
            )}
            {keys}
            {take_here}
            {button(
                Press::HangUp,
                "Alt+U",
                Box::new(|| Icon::HangUp),
                Box::new(|| text::HANG_UP),
                Box::new(|| false),
            )} {show}
        </div>
    }
}

/// The visitor's picture or initials, and the own picture in a corner.
#[component]
fn Pictures(#[prop(into)] call: Signal<LiveCall>, media: CallMedia) -> impl IntoView {
    let has_picture = move || {
        media.remote_sending.get().video && media.remote.with(Option::is_some) && !is_held(call)
    };
    let shows_self = move || media.camera.get() && media.local.with(Option::is_some);
    let initials = move || call.with(|call| format::initials(&call.who));

    view! {
        <div class="pictures" class:no-picture=move || !has_picture()>
            <VideoView
                id="bw-remote"
                label=text::VISITOR_VIEW
                stream=media.remote
                picture=Signal::derive(has_picture)
            />
            <p class="avatar" aria-hidden="true" hidden=has_picture>
                {initials}
            </p>
            <VideoView
                id="bw-self"
                own=true
                label=text::SELF_VIEW
                stream=media.local
                picture=Signal::derive(shows_self)
            />
        </div>
    }
}

/// How good the line is: bars, and the figures for who wants them.
#[component]
fn QualityHint(quality: Signal<Option<Quality>>) -> impl IntoView {
    move || {
        let quality = quality.get()?;
        let (word, mark) = match quality.level {
            Level::Good => (text::QUALITY_GOOD, "good"),
            Level::Fair => (text::QUALITY_FAIR, "fair"),
            Level::Poor => (text::QUALITY_POOR, "poor"),
        };
        let loss = (quality.loss * 100.0).round();
        let figures = text::line_figures(quality.rtt_ms, quality.jitter_ms, loss);
        Some(view! {
            <span class="quality" data-quality=mark title=figures>
                {word}
            </span>
        })
    }
}

fn is_held(call: Signal<LiveCall>) -> bool {
    call.with(|call| call.held)
}

fn state_mark(state: CallState) -> &'static str {
    match state {
        CallState::Connecting => "connecting",
        CallState::Connected => "connected",
        CallState::Interrupted => "interrupted",
        CallState::Failed => "failed",
    }
}

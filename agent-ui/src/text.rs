//! Every text of the desk, in one place, so that they read alike and can be translated.
//!
//! Sentences say what happened and what helps; names of buttons are short and never change.

pub(crate) mod admin;
pub(crate) mod phone;
pub(crate) mod supervise;

use bellwire_client::rtc::devices::MediaProblem;
use bellwire_proto::{
    agent::{AgentRefusal, AgentState},
    interaction::{EndCause, Medium, Role},
};

use crate::route::Tab;

pub(crate) const PRODUCT: &str = "Bellwire";
pub(crate) const DESK: &str = "Bellwire desk";

// Signing in and out.
pub(crate) const SIGN_IN_TITLE: &str = "Sign in to your desk";
pub(crate) const USER_NAME: &str = "User name";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGNING_IN: &str = "Signing in…";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const ENTER_BOTH: &str = "Please enter your user name and your password.";
pub(crate) const WRONG_PASSWORD: &str =
    "The user name or the password is not right. Please try again.";
pub(crate) const SERVER_GONE: &str =
    "The server does not answer. Check your network and try again; your work is kept.";
pub(crate) const SERVER_TROUBLE: &str =
    "The server could not do that just now. Please try again in a moment.";
pub(crate) const NO_LONGER_SIGNED_IN: &str =
    "You are no longer signed in. Sign in again to go on where you were.";
pub(crate) const SIGNED_OUT: &str = "You are signed out.";
pub(crate) const STILL_TALKING: &str =
    "You are still in a contact. End it before you sign out, so that nobody is left alone.";
pub(crate) const ONE_MOMENT: &str = "One moment…";

// The header.
pub(crate) const AVAILABILITY: &str = "Availability";
pub(crate) const READY: &str = "Ready";
pub(crate) const NOT_READY: &str = "Not ready";
pub(crate) const ON_CALL: &str = "On call";
pub(crate) const ON_CALL_MORE: &str = "Away, but reachable for scheduled work";
pub(crate) const READY_AGAIN: &str = "Be ready again";
pub(crate) const REASON_MENU: &str = "Reason for not being ready";
pub(crate) const QUEUES: &str = "Queues";
pub(crate) const NO_QUEUES: &str = "No queues are assigned to you.";
pub(crate) const NOBODY_WAITS: &str = "nobody waits";
pub(crate) const USER_MENU: &str = "Your menu";
pub(crate) const SHORTCUTS: &str = "Keyboard shortcuts";
pub(crate) const SOUND_AND_CAMERA: &str = "Sound and camera";
pub(crate) const NOTIFY_ME: &str = "Allow notifications";
pub(crate) const THEME: &str = "Colours";
pub(crate) const THEME_SYSTEM: &str = "As the system";
pub(crate) const THEME_LIGHT: &str = "Light";
pub(crate) const THEME_DARK: &str = "Dark";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const DISMISS: &str = "Dismiss";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const NOTICES: &str = "Notices";
pub(crate) const WAITING: &str = "Waiting";
pub(crate) const LONGEST: &str = "Longest";
pub(crate) const AGENTS_READY: &str = "Agents ready";
pub(crate) const CALL_WAIT: &str = "Wait for a call";
pub(crate) const CHAT_WAIT: &str = "Wait for a chat";
pub(crate) const UNREAD: &str = "unread";

// The connection.
pub(crate) const LINK_UP: &str = "Connected";
pub(crate) const LINK_DOWN: &str = "Connecting…";
pub(crate) const LINK_DOWN_TALKING: &str =
    "Connection lost. While you hear each other, go on talking; reconnecting…";
pub(crate) const LINK_DOWN_CHATTING: &str =
    "Connection lost. What you write is sent as soon as it is back; reconnecting…";
pub(crate) const LINK_DOWN_IDLE: &str = "Connection lost. Nothing can ring here; reconnecting…";
pub(crate) const TOO_MUCH_KEPT: &str =
    "Too much waits for the connection to come back. Please wait before you go on.";

// Whole-page notices.
pub(crate) const ELSEWHERE_TITLE: &str = "Bellwire is open in another window.";
pub(crate) const ELSEWHERE_MORE: &str = "Your desk works in one window at a time. Go on in the other one, or bring your contacts here; a call comes along.";
pub(crate) const WORK_HERE: &str = "Work here";
pub(crate) const OTHER_VERSION_TITLE: &str = "Bellwire was updated.";
pub(crate) const OTHER_VERSION_MORE: &str =
    "Load this page anew to go on. Your contacts and your live call come back by themselves.";
pub(crate) const RELOAD: &str = "Reload";
pub(crate) const ENDED_TITLE: &str = "The server ended this connection.";
pub(crate) const ENDED_MORE: &str = "Connect again to go on where you were.";
pub(crate) const CONNECT_AGAIN: &str = "Connect again";

// The offer.
pub(crate) const INCOMING: &str = "Incoming";
pub(crate) const ACCEPT: &str = "Accept";
pub(crate) const DECLINE: &str = "Decline";
pub(crate) const ACCEPTING: &str = "Connecting…";
pub(crate) const ASKING_MICROPHONE: &str = "Waiting for the microphone…";
pub(crate) const SOUND_BLOCKED: &str =
    "Your browser keeps the ring silent until you click anywhere on this page.";
pub(crate) const RINGS_FOR: &str = "Time left to answer";
pub(crate) const WAITED: &str = "Waited";
pub(crate) const GAVE_UP: &str = "The visitor gave up waiting before you answered.";
pub(crate) const RANG_OUT: &str =
    "Nobody answered, so the contact went back to its queue and you are set to not ready.";
pub(crate) const LED_TO_PAGE: &str = "The visitor was led to a page instead.";
pub(crate) const VISITOR_GONE: &str = "The visitor left before you answered.";

// The list of contacts.
pub(crate) const CONTACTS: &str = "Contacts";
pub(crate) const NOTHING_HERE: &str = "No contacts";
pub(crate) const IDLE_READY: &str = "You are ready. The next contact rings here.";
pub(crate) const IDLE_RINGING: &str = "A contact rings. Answer it above.";
pub(crate) const IDLE_ON_CALL: &str =
    "You are on call: nothing rings here now, but scheduled work can reach you.";
pub(crate) const IDLE_NOT_READY: &str = "You are not ready. Choose “Ready” to take contacts.";
pub(crate) const SOMEONE: &str = "Visitor";
pub(crate) const TYPING: &str = "typing…";
pub(crate) const UNREACHABLE: &str = "not reachable";
pub(crate) const ON_HOLD: &str = "on hold";
pub(crate) const WORK: &str = "Work";
pub(crate) const CONTEXT: &str = "Context";
pub(crate) const PAGES: &str = "Pages";
pub(crate) const BACK_TO_CALL: &str = "Back to the call with";
pub(crate) const COLUMNS: &str = "Parts of the desk";

// The call.
pub(crate) const CALL: &str = "Call";
pub(crate) const MUTE: &str = "Mute";
pub(crate) const UNMUTE: &str = "Unmute";
pub(crate) const CAMERA_ON: &str = "Camera on";
pub(crate) const CAMERA_OFF: &str = "Camera off";
pub(crate) const HOLD: &str = "Hold";
pub(crate) const RESUME: &str = "Resume";
pub(crate) const HANG_UP: &str = "Hang up";
pub(crate) const END_CHAT: &str = "End chat";
pub(crate) const CALL_CONNECTING: &str = "Connecting…";
pub(crate) const CALL_INTERRUPTED: &str = "Interrupted; reconnecting…";
pub(crate) const CALL_FAILED: &str = "No connection; trying again…";
pub(crate) const CALL_COMING_BACK: &str = "Taking the call back…";
pub(crate) const CALL_CONTROLS: &str = "Call controls";
pub(crate) const VISITOR_HELD: &str = "On hold; the visitor hears music.";
pub(crate) const REMOTE_MUTED: &str = "Visitor is muted";
pub(crate) const VISITOR_AWAY: &str =
    "The visitor's page is not reachable just now. It may be changing pages; please wait.";
pub(crate) const SELF_VIEW: &str = "Your camera";
pub(crate) const VISITOR_VIEW: &str = "The visitor";
pub(crate) const QUALITY_GOOD: &str = "Good line";
pub(crate) const QUALITY_FAIR: &str = "Fair line";
pub(crate) const QUALITY_POOR: &str = "Poor line";
pub(crate) const SHOW_CALL: &str = "Show call";
pub(crate) const MICROPHONE_LOST: &str =
    "Your microphone was disconnected; the visitor cannot hear you. Connect one and try again.";
pub(crate) const MICROPHONE_BACK: &str = "The visitor can hear you again.";
pub(crate) const CAMERA_LOST: &str = "Your camera was disconnected. The call goes on with sound.";
pub(crate) const CAMERA_LEFT_OUT: &str =
    "Your camera could not be used, so you answer with sound only.";
pub(crate) const CALL_NOT_BUILT: &str =
    "Your browser could not build the call. Reload the page; the call comes back.";

// Devices.
pub(crate) const MICROPHONE: &str = "Microphone";
pub(crate) const CAMERA: &str = "Camera";
pub(crate) const SYSTEM_CHOICE: &str = "The system's choice";
pub(crate) const TEST_MICROPHONE: &str = "Test the microphone";
pub(crate) const STOP_TEST: &str = "Stop the test";
pub(crate) const SPEAK_NOW: &str = "Speak: the bar moves when you are heard.";

// The chat.
pub(crate) const CHAT: &str = "Chat";
pub(crate) const CHAT_LINES: &str = "Lines of the chat";
pub(crate) const MESSAGE_HINT: &str = "Write to the visitor";

// Wrap-up.
pub(crate) const WRAP_UP: &str = "Wrap-up";
pub(crate) const DISPOSITION: &str = "Disposition";
pub(crate) const NOTE: &str = "Note";
pub(crate) const FINISH: &str = "Finish";

// The context.
pub(crate) const NOW_ON: &str = "Now on";
pub(crate) const CAME_FROM: &str = "Came from";
pub(crate) const SITE: &str = "Site";
pub(crate) const LANGUAGE: &str = "Language";
pub(crate) const QUEUE: &str = "Queue";
pub(crate) const CALL_URI: &str = "Call URI";
pub(crate) const COPY_URI: &str = "Copy call URI";
pub(crate) const COPIED: &str = "Copied.";
pub(crate) const NOT_COPIED: &str =
    "Your browser does not let this page copy. Mark the text and copy it by hand.";
pub(crate) const INTENTS: &str = "What it seems to be about";
pub(crate) const EVIDENCE: &str = "Why it seems so";
pub(crate) const ANSWERS: &str = "Answers";
pub(crate) const VISITS: &str = "Visits";
pub(crate) const PAST: &str = "Contacts before";
pub(crate) const LEFT_MESSAGE: &str = "Left a message";
pub(crate) const LEFT_MESSAGE_MORE: &str =
    "The visitor may be gone. Your answer stands in the chat when they come back.";
pub(crate) const REPLY_TO: &str = "Answer to";
pub(crate) const NOBODY: &str = "nobody";
pub(crate) const JOURNEY: &str = "Journey";
pub(crate) const NO_JOURNEY: &str = "Nothing yet.";
pub(crate) const PAGE_UNKNOWN: &str = "The page is not known.";
pub(crate) const NO_CONTACT_CHOSEN: &str = "Choose a contact to see who it is.";

/// The sentence for too many wrong passwords.
pub(crate) fn wait_before_sign_in(seconds: u64) -> String {
    match seconds {
        0 | 1 => "Too many tries. Please wait a second and try again.".to_owned(),
        2..=90 => format!("Too many tries. Please wait {seconds} seconds and try again."),
        _ => format!(
            "Too many tries. Please wait {} minutes and try again.",
            seconds.div_ceil(60)
        ),
    }
}

/// An agent's state in a word.
pub(crate) fn state(state: &AgentState) -> &'static str {
    match state {
        AgentState::SignedOut => "Signed out",
        AgentState::NotReady => NOT_READY,
        AgentState::OnCall => ON_CALL,
        AgentState::Ready => READY,
        AgentState::Offered => "Ringing",
        AgentState::Busy => "Busy",
        AgentState::WrapUp => WRAP_UP,
    }
}

/// A page of the bar.
pub(crate) fn tab(tab: Tab) -> &'static str {
    match tab {
        Tab::Desk => "Desk",
        Tab::Contacts => "Contacts",
        Tab::Results => "Invitations and waits",
        Tab::Admin => "Administration",
    }
}

/// A medium in a word.
pub(crate) fn medium(medium: Medium, video: bool) -> &'static str {
    match (medium, video) {
        (Medium::Call, false) => "Voice call",
        (Medium::Call, true) => "Video call",
        (Medium::Chat, _) => CHAT,
    }
}

/// Why a request could not be done.
pub(crate) fn refused(reason: AgentRefusal) -> &'static str {
    match reason {
        AgentRefusal::OfferGone => "That offer is over: it was withdrawn, answered or rang out.",
        AgentRefusal::NotYours => "That contact is not on your desk any more.",
        AgentRefusal::NotNow => "That cannot be done just now.",
        AgentRefusal::BadText => "The text is empty or too long. Please shorten it.",
        AgentRefusal::NotInList => "That choice is not in the list any more. Choose another one.",
        AgentRefusal::NoSuchDevice => {
            "You cannot take calls on that. Ask who runs your centre for a phone or a number of your own."
        }
        AgentRefusal::TooFast => "That was too much at once. Please try again in a moment.",
    }
}

/// Why a contact is over. `by_telephone`: with somebody who called by telephone.
pub(crate) fn over(
    medium: Medium,
    cause: EndCause,
    by: Option<Role>,
    by_telephone: bool,
) -> &'static str {
    match (medium, cause, by) {
        (_, EndCause::HungUp, Some(Role::Customer)) if by_telephone => phone::CALLER_HUNG_UP,
        (_, EndCause::Abandoned, _) if by_telephone => phone::CALLER_GAVE_UP,
        (_, EndCause::Vanished, by) if by_telephone && by != Some(Role::Agent) => {
            phone::CALLER_LOST
        }
        (Medium::Call, EndCause::HungUp, Some(Role::Agent)) => "You hung up.",
        (Medium::Call, EndCause::HungUp, Some(Role::Customer)) => "The visitor hung up.",
        (Medium::Chat, EndCause::HungUp, Some(Role::Agent)) => "You ended the chat.",
        (Medium::Chat, EndCause::HungUp, Some(Role::Customer)) => "The visitor ended the chat.",
        (_, EndCause::Vanished, Some(Role::Agent)) => "Your desk was not reachable for too long.",
        (_, EndCause::Vanished, _) => "The visitor was not reachable for too long.",
        (_, EndCause::Abandoned, _) => "The visitor gave up.",
        (_, EndCause::Directed, _) => "The visitor was led to a page instead.",
        (_, EndCause::HungUp | EndCause::NoAnswer | EndCause::Declined, _) => {
            "The contact is over."
        }
    }
}

/// What is wrong with the microphone or the camera, and what helps.
pub(crate) fn media_problem(problem: &MediaProblem) -> String {
    match problem {
        MediaProblem::Refused => "Your browser did not allow the microphone. Allow it for this address (the sign beside the address bar), then try again.".to_owned(),
        MediaProblem::RefusedByPage => "This page may not use the microphone. Open the desk in a window of its own.".to_owned(),
        MediaProblem::NoMicrophone => "No microphone was found. Connect one, then try again.".to_owned(),
        MediaProblem::NoCamera => "No camera was found. You can answer with sound only.".to_owned(),
        MediaProblem::InUse => "Another program uses the microphone or the camera. Close it there, then try again.".to_owned(),
        MediaProblem::Insecure => "The browser allows a microphone only on a secure address (https). Ask who runs your centre for it.".to_owned(),
        MediaProblem::Failed(why) => format!("The microphone could not be opened ({why}). Connect it anew, then try again."),
    }
}

/// The warning after "Ready" with a microphone that does not work.
pub(crate) fn ready_without_microphone(problem: &MediaProblem) -> String {
    format!(
        "You are ready, but you could not take a call. {}",
        media_problem(problem)
    )
}

/// What is wrong with the camera, in a call that goes on without it.
pub(crate) fn camera_problem(problem: &MediaProblem) -> &'static str {
    match problem {
        MediaProblem::Refused | MediaProblem::RefusedByPage => {
            "Your browser did not allow the camera. Allow it for this address (the sign beside the address bar), then try again."
        }
        MediaProblem::NoMicrophone | MediaProblem::NoCamera => {
            "No camera was found. Connect one, then try again."
        }
        MediaProblem::InUse => "Another program uses the camera. Close it there, then try again.",
        MediaProblem::Insecure => "The browser allows a camera only on a secure address (https).",
        MediaProblem::Failed(_) => {
            "The camera could not be turned on. The call goes on with sound."
        }
    }
}

/// How many wait, and how long the longest has.
pub(crate) fn waiting((count, oldest): (u32, Option<std::time::Duration>)) -> String {
    match (count, oldest) {
        (0, _) => NOBODY_WAITS.to_owned(),
        (count, None) => format!("{count} waiting"),
        (count, Some(oldest)) => {
            format!("{count} waiting, longest {}", crate::format::timer(oldest))
        }
    }
}

/// A language by its name, in English; the tag itself where the browser does not know it.
pub(crate) fn language(tag: &str) -> String {
    if tag.is_empty() {
        return String::new();
    }
    name_of_language(tag).unwrap_or_else(|| tag.to_owned())
}

/// Asks the browser (`Intl.DisplayNames`, which js-sys does not cover).
fn name_of_language(tag: &str) -> Option<String> {
    use js_sys::{Array, Function, Object, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let names: Function = get(&get(&js_sys::global(), "Intl")?, "DisplayNames")?
        .dyn_into()
        .ok()?;
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &"language".into()).ok()?;
    let arguments = Array::of2(&"en-GB".into(), &options);
    let names: JsValue = Reflect::construct(&names, &arguments).ok()?;
    let of: Function = get(&names, "of")?.dyn_into().ok()?;
    of.call1(&names, &tag.into()).ok()?.as_string()
}

/// How often a visitor has come.
pub(crate) fn visits(count: u32) -> String {
    match count {
        0 => String::new(),
        1 => "the first".to_owned(),
        count => format!("{count}, this one included"),
    }
}

/// The line's figures, for whoever wants them.
pub(crate) fn line_figures(rtt_ms: u32, jitter_ms: u32, loss_percent: f32) -> String {
    format!("Round trip {rtt_ms} ms, jitter {jitter_ms} ms, loss {loss_percent} %")
}

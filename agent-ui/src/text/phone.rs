//! What the desk says about telephones: the agent's own, and those of people who call.

use bellwire_proto::agent::Device;

use crate::format;

// What calls are taken on.
pub(crate) const TAKE_CALLS_ON: &str = "Take calls on";
pub(crate) const READY: &str = "Desk phone ready";
pub(crate) const GONE: &str = "Desk phone not registered";
pub(crate) const GONE_AND_CHOSEN: &str = "Desk phone not registered: calls cannot reach you there";
pub(crate) const GONE_BESIDE: &str = "Desk phone not registered: only this browser rings";

// What rings.
pub(crate) const CALL: &str = "Telephone call";
pub(crate) const RINGS: &str = "Your phone rings: answer there.";
pub(crate) const RINGS_TOO: &str = "Your desk phone rings too: answer here or there.";
pub(crate) const ANSWER_HERE: &str = "Answer here";
pub(crate) const IDLE_RINGING: &str = "Your phone rings. Answer it there.";
pub(crate) const IDLE_READY: &str =
    "You are ready. The next call rings on your phone, other contacts here.";
pub(crate) const IDLE_READY_BOTH: &str =
    "You are ready. The next call rings here and on your phone, other contacts here.";

// Who calls.
pub(crate) const NUMBER: &str = "Number";
pub(crate) const NAME: &str = "Name";
pub(crate) const CALLED: &str = "Called";
pub(crate) const WITHHELD: &str = "Number withheld";

// The call.
pub(crate) const CARRIED: &str = "The call is on your phone.";
pub(crate) const CARRIED_MUTED: &str =
    "The call is on your phone, which is muted: you are not heard.";
pub(crate) const CARRIED_HELD: &str = "The call is on your phone, on hold.";
pub(crate) const TAKE_HERE: &str = "Take the call here";
pub(crate) const TAKING_HERE: &str = "Taking the call here…";
pub(crate) const CALLER_HELD: &str = "On hold; the caller hears music.";
pub(crate) const CALLER_HUNG_UP: &str = "The caller hung up.";
pub(crate) const CALLER_GAVE_UP: &str = "The caller gave up.";
pub(crate) const CALLER_GAVE_UP_FIRST: &str = "The caller hung up before you answered.";
pub(crate) const CALLER_LOST: &str = "The caller's telephone was not reachable any more.";
pub(crate) const NO_CHAT: &str = "The caller is on a telephone, so there is no chat.";

// The keypad.
pub(crate) const KEYPAD: &str = "Keypad";
pub(crate) const KEYS: &str = "Telephone keys";

/// A device to take calls on.
pub(crate) fn device(device: Device, number: Option<&str>) -> String {
    match (device, number) {
        (Device::Browser, _) => "This browser".to_owned(),
        (Device::Phone, _) => "My desk phone".to_owned(),
        (Device::Both, _) => "Browser and desk phone".to_owned(),
        (Device::Number, None) => "My number".to_owned(),
        (Device::Number, Some(number)) => format!("My number ({})", format::number(number)),
    }
}

/// The keys that the other side pressed; nothing where it pressed none.
pub(crate) fn pressed(digits: &str) -> String {
    told("Pressed: ", digits)
}

/// The keys that were pressed here.
pub(crate) fn sent(digits: &str) -> String {
    told("Sent: ", digits)
}

fn told(what: &str, digits: &str) -> String {
    if digits.is_empty() {
        return String::new();
    }
    format!("{what}{digits}")
}

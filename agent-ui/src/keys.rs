//! The keyboard: which press asks for what. Listening is [`listen`], deciding is [`shortcut`].

use bellwire_client::ui::keypad;
use leptos::{ev, leptos_dom::helpers::window_event_listener};
use wasm_bindgen::JsCast;

/// What a press asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shortcut {
    /// Takes the offer.
    Accept,
    /// Refuses the offer.
    Decline,
    /// Takes contacts.
    Ready,
    /// Takes none.
    NotReady,
    /// Mutes or unmutes.
    Mute,
    /// Camera on or off.
    Camera,
    /// Hold or resume.
    Hold,
    /// Hangs up, or ends the chat.
    HangUp,
    /// Opens or closes the keypad.
    Keypad,
    /// Presses a key of the keypad.
    Key(&'static str),
    /// To the message box.
    Message,
    /// Ends the wrap-up.
    Finish,
    /// One contact further down.
    Next,
    /// One contact further up.
    Previous,
    /// The contact at this place of the list, from 0.
    Item(usize),
    /// Shows the shortcuts.
    Help,
}

impl Shortcut {
    /// Whether it means something only where the desk is seen.
    pub(crate) fn is_of_desk(self) -> bool {
        match self {
            // Keys that are not seen are not pressed by accident.
            Self::Keypad
            | Self::Key(_)
            | Self::Message
            | Self::Finish
            | Self::Next
            | Self::Previous
            | Self::Item(_) => true,
            Self::Accept
            | Self::Decline
            | Self::Ready
            | Self::NotReady
            | Self::Mute
            | Self::Camera
            | Self::Hold
            | Self::HangUp
            | Self::Help => false,
        }
    }
}

/// The list for the help, in reading order.
pub(crate) const HELP: [(&str, &str); 17] = [
    ("Alt A", "Accept what rings (Enter too, outside a text)"),
    ("Alt D", "Decline what rings"),
    ("Alt R", "Ready"),
    ("Alt N", "Not ready"),
    ("Alt M", "Mute or unmute"),
    ("Alt C", "Camera on or off"),
    ("Alt H", "Hold or resume"),
    ("Alt U", "Hang up, or end the chat"),
    ("Alt K", "Open or close the keypad"),
    ("0 … 9, *, #", "Press that key, while the keypad is open"),
    ("Alt T", "Write a message"),
    ("Enter", "Send the message (Shift Enter: new line)"),
    ("Alt ↓, Alt ↑", "Next, previous contact"),
    ("Alt 1 … 9", "Contact at that place of the list"),
    ("Ctrl Enter", "Finish the wrap-up"),
    ("?", "This list"),
    ("Esc", "Close what is open"),
];

/// A press, and where the focus was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Press<'a> {
    /// The key's place on the keyboard (`KeyA`), the same whatever Alt makes of it.
    pub(crate) code: &'a str,
    /// What the key types.
    pub(crate) key: &'a str,
    /// With Alt.
    pub(crate) alt: bool,
    /// With Ctrl, or Command.
    pub(crate) ctrl: bool,
    /// The focus is in a text field or a list of choices.
    pub(crate) in_field: bool,
    /// The focus is on something that Enter itself works on.
    pub(crate) on_control: bool,
    /// Something rings here.
    pub(crate) ringing: bool,
    /// The keypad is open.
    pub(crate) keypad: bool,
}

/// What a press asks for, if anything.
pub(crate) fn shortcut(press: Press<'_>) -> Option<Shortcut> {
    // AltGr comes as Ctrl and Alt together, and types letters in many layouts.
    match (press.alt, press.ctrl) {
        (true, false) => with_alt(press.code),
        (false, true) => (press.key == "Enter").then_some(Shortcut::Finish),
        (false, false) => plain(press),
        (true, true) => None,
    }
}

fn with_alt(code: &str) -> Option<Shortcut> {
    let shortcut = match code {
        "KeyA" => Shortcut::Accept,
        "KeyD" => Shortcut::Decline,
        "KeyR" => Shortcut::Ready,
        "KeyN" => Shortcut::NotReady,
        "KeyM" => Shortcut::Mute,
        "KeyC" => Shortcut::Camera,
        "KeyH" => Shortcut::Hold,
        "KeyU" => Shortcut::HangUp,
        "KeyK" => Shortcut::Keypad,
        "KeyT" => Shortcut::Message,
        "ArrowDown" => Shortcut::Next,
        "ArrowUp" => Shortcut::Previous,
        _ => return digit(code).map(Shortcut::Item),
    };
    Some(shortcut)
}

fn digit(code: &str) -> Option<usize> {
    let digit: usize = code.strip_prefix("Digit")?.parse().ok()?;
    digit.checked_sub(1)
}

fn plain(press: Press<'_>) -> Option<Shortcut> {
    if press.in_field {
        return None;
    }
    match press.key {
        "?" => Some(Shortcut::Help),
        "Enter" if press.ringing && !press.on_control => Some(Shortcut::Accept),
        "Escape" if press.keypad => Some(Shortcut::Keypad),
        key if press.keypad => keypad::key(key).map(Shortcut::Key),
        _ => None,
    }
}

/// Calls `on_press` for each shortcut; it answers whether it did something, and the browser then does not.
pub(crate) fn listen(
    ringing: impl Fn() -> bool + 'static,
    keypad: impl Fn() -> bool + 'static,
    on_press: impl Fn(Shortcut) -> bool + 'static,
) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.repeat() || event.is_composing() {
            return;
        }
        let focus = Focus::now();
        let (code, key) = (event.code(), event.key());
        let press = Press {
            code: &code,
            key: &key,
            alt: event.alt_key(),
            ctrl: event.ctrl_key() || event.meta_key(),
            in_field: focus.in_field,
            on_control: focus.on_control,
            ringing: ringing(),
            keypad: keypad(),
        };
        if shortcut(press).is_some_and(&on_press) {
            event.prevent_default();
        }
    });
    leptos::prelude::on_cleanup(move || handle.remove());
}

struct Focus {
    in_field: bool,
    on_control: bool,
}

impl Focus {
    fn now() -> Self {
        let focused = leptos::prelude::document().active_element();
        let tag = focused
            .as_ref()
            .map(|element| element.tag_name().to_lowercase());
        let editable = (focused.as_ref())
            .and_then(|element| element.dyn_ref::<web_sys::HtmlElement>())
            .is_some_and(web_sys::HtmlElement::is_content_editable);
        let tag = tag.as_deref().unwrap_or_default();
        let in_field = editable || matches!(tag, "input" | "textarea" | "select");
        let on_control = in_field || matches!(tag, "button" | "a" | "summary" | "video");
        Self {
            in_field,
            on_control,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alt_and_a_letter_work_even_while_writing() {
        let press = Press {
            code: "KeyA",
            key: "å",
            alt: true,
            in_field: true,
            ..Press::default()
        };

        assert_eq!(shortcut(press), Some(Shortcut::Accept));
    }

    #[test]
    fn alt_gr_types_and_asks_for_nothing() {
        let press = Press {
            code: "KeyA",
            alt: true,
            ctrl: true,
            ..Press::default()
        };

        assert_eq!(shortcut(press), None);
    }

    #[test]
    fn enter_accepts_only_where_it_has_no_other_meaning() {
        let free = Press {
            key: "Enter",
            ringing: true,
            ..Press::default()
        };
        let writing = Press {
            in_field: true,
            ..free
        };
        let on_a_button = Press {
            on_control: true,
            ..free
        };
        let silent = Press {
            ringing: false,
            ..free
        };

        assert_eq!(shortcut(free), Some(Shortcut::Accept));
        assert_eq!([writing, on_a_button, silent].map(shortcut), [None; 3]);
    }

    #[test]
    fn a_question_mark_in_a_text_is_a_question_mark() {
        let press = Press {
            key: "?",
            in_field: true,
            ..Press::default()
        };

        assert_eq!(shortcut(press), None);
    }

    #[test]
    fn keys_of_a_telephone_are_pressed_only_while_the_keypad_is_open() {
        let open = |key| Press {
            key,
            keypad: true,
            ..Press::default()
        };
        let writing = Press {
            in_field: true,
            ..open("5")
        };
        let closed = Press {
            keypad: false,
            ..open("5")
        };

        assert_eq!(shortcut(open("5")), Some(Shortcut::Key("5")));
        assert_eq!(shortcut(open("#")), Some(Shortcut::Key("#")));
        assert_eq!(shortcut(open("Escape")), Some(Shortcut::Keypad));
        assert_eq!([writing, closed, open("x")].map(shortcut), [None; 3]);
    }

    #[test]
    fn digits_count_the_list_from_one() {
        let press = |code| Press {
            code,
            alt: true,
            ..Press::default()
        };

        assert_eq!(shortcut(press("Digit1")), Some(Shortcut::Item(0)));
        assert_eq!(shortcut(press("Digit0")), None);
    }

    #[test]
    fn ctrl_enter_finishes_from_within_the_note() {
        let press = Press {
            key: "Enter",
            ctrl: true,
            in_field: true,
            ..Press::default()
        };

        assert_eq!(shortcut(press), Some(Shortcut::Finish));
    }
}

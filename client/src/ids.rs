//! New names, made from the time and the browser's random numbers.

use std::cell::OnceCell;

use bellwire_proto::id::{InteractionId, MessageId, PeerId, TabId};
use web_sys::window;

use crate::{clock, dom::Listener, storage};

/// A name for a new interaction.
#[must_use]
pub fn interaction() -> InteractionId {
    InteractionId::new(clock::now(), random())
}

/// A name for a new chat message.
#[must_use]
pub fn message() -> MessageId {
    MessageId::new(clock::now(), random())
}

/// A name for a new `RTCPeerConnection`.
#[must_use]
pub fn peer() -> PeerId {
    PeerId::new(clock::now(), random())
}

/// This tab's name, the same after a reload or a navigation.
///
/// It lies in the session storage only between two pages: a browser copies that storage into a
/// duplicated tab or a new window, and two tabs with one name would push each other out.
#[must_use]
pub fn tab() -> TabId {
    thread_local! {
        static TAB: OnceCell<TabId> = const { OnceCell::new() };
    }
    TAB.with(|tab| *tab.get_or_init(take_tab))
}

/// A random byte, for spreading retries.
#[must_use]
pub fn jitter() -> u8 {
    let mut bytes = [0; 1];
    fill(&mut bytes);
    bytes[0]
}

const TAB_KEY: &str = "bellwire-tab";

fn take_tab() -> TabId {
    let kept = storage::session(TAB_KEY).and_then(|text| text.parse().ok());
    storage::set_session(TAB_KEY, None);
    let tab = kept.unwrap_or_else(|| TabId::new(clock::now(), random()));
    if let Some(window) = window() {
        let keep = move |_| storage::set_session(TAB_KEY, Some(&tab.to_string()));
        Listener::new(&window, "pagehide", keep).forever();
    }
    tab
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

fn fill(bytes: &mut [u8]) {
    let crypto = window().and_then(|window| window.crypto().ok());
    let filled = crypto.is_some_and(|c| c.get_random_values_with_u8_array(bytes).is_ok());
    if !filled {
        for byte in bytes {
            // Names must differ, not be secret: the lesser source will do.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 255"
            )]
            let random = (js_sys::Math::random() * 256.0) as u8;
            *byte = random;
        }
    }
}

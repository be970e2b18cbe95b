//! Short sentences that appear for a while: what could not be done, what changed.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long a sentence stays that asks for nothing.
const STAYS_MS: u32 = 8_000;

/// The most sentences shown at once; the oldest makes room.
const MOST: usize = 4;

/// A sentence on the desk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Sentence {
    /// Counts up.
    pub(crate) number: u32,
    /// The text.
    pub(crate) text: String,
    /// What can be done about it.
    pub(crate) way_on: WayOn,
}

/// What can be done about a sentence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WayOn {
    /// Nothing needs to be done; it goes by itself.
    None,
    /// Be ready again.
    Ready,
    /// Open the microphone again.
    Microphone,
}

/// The sentences shown now, oldest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notices {
    shown: RwSignal<Vec<Sentence>>,
    last: StoredValue<u32>,
}

impl Notices {
    pub(crate) fn new() -> Self {
        Self {
            shown: RwSignal::new(vec![]),
            last: StoredValue::new(0),
        }
    }

    /// The sentences, for showing them.
    pub(crate) fn shown(self) -> Signal<Vec<Sentence>> {
        self.shown.into()
    }

    /// Shows a sentence for a while.
    pub(crate) fn say(self, text: impl Into<String>) {
        let number = self.add(text.into(), WayOn::None);
        spawn_local(async move {
            TimeoutFuture::new(STAYS_MS).await;
            self.dismiss(number);
        });
    }

    /// Shows a sentence until it is dismissed or done.
    pub(crate) fn ask(self, text: impl Into<String>, way_on: WayOn) {
        self.add(text.into(), way_on);
    }

    /// Takes a sentence away.
    pub(crate) fn dismiss(self, number: u32) {
        self.shown
            .try_update(|shown| shown.retain(|sentence| sentence.number != number));
    }

    /// Takes the sentences away that asked for this.
    pub(crate) fn done(self, way_on: WayOn) {
        if self
            .shown
            .read_untracked()
            .iter()
            .any(|sentence| sentence.way_on == way_on)
        {
            self.shown
                .update(|shown| shown.retain(|sentence| sentence.way_on != way_on));
        }
    }

    fn add(self, text: String, way_on: WayOn) -> u32 {
        let number = self.last.get_value() + 1;
        self.last.set_value(number);
        self.shown.update(|shown| {
            // Said again, a sentence moves down instead of standing there twice.
            shown.retain(|sentence| sentence.text != text);
            shown.push(Sentence {
                number,
                text,
                way_on,
            });
            let surplus = shown.len().saturating_sub(MOST);
            shown.drain(..surplus);
        });
        number
    }
}

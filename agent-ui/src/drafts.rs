//! What was typed but not sent: kept for each contact while others are looked at, and over a reload.

use std::collections::BTreeMap;

use bellwire_client::storage;
use bellwire_proto::id::InteractionId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const KEY: &str = "bellwire-drafts";

/// The drafts of one contact.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Draft {
    /// The message.
    #[serde(default)]
    pub(crate) message: String,
    /// The disposition.
    #[serde(default)]
    pub(crate) disposition: String,
    /// The note.
    #[serde(default)]
    pub(crate) note: String,
}

/// All drafts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drafts(RwSignal<BTreeMap<InteractionId, Draft>>);

impl Drafts {
    /// What this tab kept.
    pub(crate) fn kept() -> Self {
        let kept = storage::session(KEY).and_then(|text| serde_json::from_str(&text).ok());
        Self(RwSignal::new(kept.unwrap_or_default()))
    }

    /// The draft for a contact.
    pub(crate) fn of(self, interaction: InteractionId) -> Draft {
        self.0
            .with(|drafts| drafts.get(&interaction).cloned().unwrap_or_default())
    }

    /// The draft for a contact, without following its changes.
    pub(crate) fn peek(self, interaction: InteractionId) -> Draft {
        untrack(|| self.of(interaction))
    }

    /// Changes a contact's draft.
    pub(crate) fn change(self, interaction: InteractionId, change: impl FnOnce(&mut Draft)) {
        self.0
            .update(|drafts| change(drafts.entry(interaction).or_default()));
        self.keep();
    }

    /// Forgets the drafts of contacts that are gone.
    pub(crate) fn retain(self, there: impl Fn(&InteractionId) -> bool) {
        if self.0.read_untracked().keys().all(&there) {
            return;
        }
        self.0
            .update(|drafts| drafts.retain(|interaction, _| there(interaction)));
        self.keep();
    }

    fn keep(self) {
        let text = self
            .0
            .with_untracked(|drafts| serde_json::to_string(drafts).ok());
        storage::set_session(KEY, text.as_deref());
    }
}

//! What was typed on a page and not saved, kept in this tab: over a reload, a sign-in that ran out,
//! and another window that takes the desk over.

use bellwire_client::storage;
use bellwire_proto::{admin::Kind, id::AgentId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const KEY: &str = "bellwire-edit";

/// What was typed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Typed {
    /// Who typed it: nobody else is shown it.
    pub(crate) by: AgentId,
    /// The kind of the document.
    pub(crate) kind: Kind,
    /// Its id or key.
    pub(crate) id: String,
    /// It is not there yet.
    pub(crate) is_new: bool,
    /// The document as it was typed. Passwords are not part of it.
    pub(crate) value: Value,
}

impl Typed {
    /// Whether this is what `by` typed on the page of a document; a new one has its id from here.
    fn is_of(&self, by: AgentId, kind: Kind, id: &str, is_new: bool) -> bool {
        let same = self.is_new && is_new || !self.is_new && !is_new && self.id == id;
        self.by == by && self.kind == kind && same
    }
}

/// Keeps what was typed, in the place of what was kept before.
pub(crate) fn keep(typed: &Typed) {
    storage::set_session(KEY, serde_json::to_string(typed).ok().as_deref());
}

/// What was typed on the page of a document and not saved.
pub(crate) fn find(by: AgentId, kind: Kind, id: &str, is_new: bool) -> Option<Typed> {
    let typed: Typed = serde_json::from_str(&storage::session(KEY)?).ok()?;
    Some(typed).filter(|typed| typed.is_of(by, kind, id, is_new))
}

/// Forgets what was kept.
pub(crate) fn forget() {
    storage::set_session(KEY, None);
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    #[test]
    fn what_was_typed_is_found_by_who_typed_it_on_the_same_page() {
        let (own, other) = (AgentId::new(Timestamp(1), 1), AgentId::new(Timestamp(1), 2));
        let typed = Typed {
            by: own,
            kind: Kind::Queue,
            id: "que_1".to_owned(),
            is_new: false,
            value: Value::Null,
        };

        assert!(typed.is_of(own, Kind::Queue, "que_1", false));
        assert!(!typed.is_of(other, Kind::Queue, "que_1", false));
        assert!(!typed.is_of(own, Kind::Queue, "que_2", false));
        assert!(!typed.is_of(own, Kind::Queue, "que_1", true));
    }

    #[test]
    fn a_new_document_goes_on_under_the_id_it_began_with() {
        let own = AgentId::new(Timestamp(1), 1);
        let typed = Typed {
            by: own,
            kind: Kind::User,
            id: "agt_7".to_owned(),
            is_new: true,
            value: Value::Null,
        };

        assert!(typed.is_of(own, Kind::User, "agt_8", true));
        assert!(!typed.is_of(own, Kind::Queue, "agt_7", true));
    }
}

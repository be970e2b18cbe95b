//! What the administration pages know: the set-up with its version, read anew after each change.

use bellwire_proto::{
    admin::{Current, FirstPassword, Kind},
    id::AgentId,
    setup::Setup,
};
use leptos::prelude::*;

use super::{
    api::{self, Problem},
    docs::{self, Named},
};
use crate::{notices::Notices, router::Router};

/// The set-up, and where it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admin {
    /// The set-up, once it was read.
    pub(crate) current: RwSignal<Option<Current>>,
    /// Why it could not be read.
    pub(crate) problem: RwSignal<Option<Problem>>,
    /// A password that the server made, on its way to the page of what it is for.
    pub(crate) told: RwSignal<Option<FirstPassword>>,
    /// Where the user is.
    pub(crate) router: Router,
    /// Short sentences.
    pub(crate) notices: Notices,
    /// Who is signed in.
    pub(crate) user: Memo<Option<AgentId>>,
}

impl Admin {
    pub(crate) fn new(router: Router, notices: Notices, user: Memo<Option<AgentId>>) -> Self {
        Self {
            current: RwSignal::new(None),
            problem: RwSignal::new(None),
            told: RwSignal::new(None),
            router,
            notices,
            user,
        }
    }

    /// Reads the set-up; what is shown stays until the answer is there. True where that worked.
    pub(crate) async fn reload(self) -> bool {
        match api::setup().await {
            Ok(current) => {
                self.problem.set(None);
                self.current.set(Some(current));
                true
            }
            Err(problem) => {
                self.problem.set(Some(problem));
                false
            }
        }
    }

    /// Telephones are served: what concerns them is shown.
    pub(crate) fn has_telephones(self) -> bool {
        self.current
            .with(|current| current.as_ref().is_some_and(|current| current.telephony))
    }

    /// The names of all documents of a kind, in their order.
    pub(crate) fn named(self, kind: Kind) -> Memo<Vec<Named>> {
        Memo::new(move |_| self.with(|setup| docs::named(setup, kind)))
    }

    /// Something of the set-up; its default while it was not read yet.
    pub(crate) fn with<T: Default>(self, look: impl FnOnce(&Setup) -> T) -> T {
        self.current.with(|current| {
            (current.as_ref()).map_or_else(T::default, |current| look(&current.setup))
        })
    }

    /// The version that is shown.
    pub(crate) fn version(self) -> i64 {
        self.current
            .with_untracked(|current| current.as_ref().map_or(0, |current| current.version))
    }
}

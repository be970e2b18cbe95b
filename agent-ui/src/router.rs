//! The address bar and the page that is shown. The desk and one other page are kept side by side,
//! so that a call or a chat goes on while a page is read, and a page waits while a contact is
//! answered.

use bellwire_client::dom::Listener;
use leptos::prelude::*;

use crate::route::{Route, Tab};

/// Where the user is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Router {
    /// What the address says.
    pub(crate) route: RwSignal<Route>,
    /// The page beside the desk, which stays as it is while the desk is shown.
    pub(crate) page: RwSignal<Option<Route>>,
    /// The page has edits that are not saved.
    pub(crate) dirty: RwSignal<bool>,
    /// Where the user wants to go from unsaved edits; asked about first.
    pub(crate) leaving: RwSignal<Option<Route>>,
}

impl Router {
    /// Follows the address from now on.
    pub(crate) fn new() -> Self {
        let router = Self {
            route: RwSignal::new(Route::Home),
            page: RwSignal::new(None),
            dirty: RwSignal::new(false),
            leaving: RwSignal::new(None),
        };
        router.arrive(Route::parse(&hash()));
        let listeners = StoredValue::new_local(vec![
            Listener::new(&window(), "hashchange", move |_| {
                router.arrive(Route::parse(&hash()));
            }),
            // The browser asks in its own words.
            Listener::new(&window(), "beforeunload", move |event| {
                if router.dirty.try_get_untracked().unwrap_or_default() {
                    event.prevent_default();
                    // What older browsers look at instead.
                    _ = js_sys::Reflect::set(&event, &"returnValue".into(), &true.into());
                }
            }),
        ]);
        on_cleanup(move || _ = listeners.try_set_value(vec![]));
        router
    }

    /// Goes to a place.
    pub(crate) fn go(self, route: &Route) {
        // A hash of our own making is well formed.
        _ = window().location().set_hash(&route.hash());
    }

    /// Shows the desk; what was edited on a page stays there.
    pub(crate) fn to_desk(self) {
        if self.route.with_untracked(Route::tab) != Tab::Desk {
            self.go(&Route::Desk);
        }
    }

    /// Goes to where a user works who named no place; back does not lead here again.
    pub(crate) fn go_home(self, home: &Route) {
        _ = window().location().replace(&home.hash());
    }

    /// Goes to a place in the stead of the one that is shown.
    pub(crate) fn replace(self, route: &Route) {
        self.dirty.set(false);
        _ = window().location().replace(&route.hash());
    }

    /// Leaves the unsaved edits and goes where the user wanted.
    pub(crate) fn leave(self) {
        self.dirty.set(false);
        if let Some(route) = self.leaving.get_untracked() {
            self.leaving.set(None);
            self.go(&route);
        }
    }

    /// Stays with the unsaved edits.
    pub(crate) fn stay(self) {
        self.leaving.set(None);
    }

    fn arrive(self, to: Route) {
        if to == self.route.get_untracked() {
            return;
        }
        let beside = (to != Route::Desk && to != Route::Home).then(|| to.clone());
        let keeps = beside.is_none() || beside == self.page.get_untracked();
        if !keeps && self.dirty.get_untracked() {
            self.leaving.set(Some(to));
            self.go(&self.route.get_untracked());
            return;
        }
        self.route.set(to);
        if let Some(page) = beside
            && !keeps
        {
            self.page.set(Some(page));
        }
    }
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

//! A document while it is edited: what was typed, what was saved, and what is wrong with it.

use bellwire_proto::admin::{Finding, FirstPassword, Kind, NotSaved, Save, Saved};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use super::{
    api::{self, OUTDATED, Problem, WARNINGS},
    docs, kept, place,
    store::Admin,
};
use crate::{
    route::{Route, Which},
    text::admin as text,
};

/// What kept the last try to save.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Kept {
    /// Numbers that cannot be read.
    Unreadable,
    /// Warnings: saving anyway is possible.
    Warned {
        /// It was to be deleted, not saved.
        deleting: bool,
    },
    /// Somebody changed the set-up meanwhile.
    Outdated,
    /// Something else, in words.
    Refused(String),
}

/// A document while it is edited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its id or key.
    pub(crate) id: StoredValue<String>,
    /// It is not there yet.
    pub(crate) is_new: bool,
    /// What was typed.
    pub(crate) value: RwSignal<Value>,
    /// A new password, for a user, phone or trunk.
    pub(crate) password: RwSignal<String>,
    /// A password that the server made at saving: shown this once.
    pub(crate) told: RwSignal<Option<FirstPassword>>,
    /// What is wrong, or strange.
    pub(crate) findings: RwSignal<Vec<Finding>>,
    /// What kept the last try to save.
    pub(crate) kept: RwSignal<Option<Kept>>,
    /// The server is asked.
    pub(crate) busy: RwSignal<bool>,
    /// The set-up around it.
    pub(crate) admin: Admin,
    saved: RwSignal<Value>,
    version: RwSignal<i64>,
}

impl Draft {
    /// Begins with `value`, as the set-up has it or as new ones begin; or with what was typed on
    /// this page before and not saved.
    pub(crate) fn new(admin: Admin, kind: Kind, id: String, value: Value, is_new: bool) -> Self {
        let user = admin.user.get_untracked();
        let typed = user.and_then(|by| kept::find(by, kind, &id, is_new));
        let typed = typed.filter(|typed| is_new || typed.value != value);
        let (id, typed) = match typed {
            Some(typed) => {
                admin.notices.say(text::STILL_HERE);
                (typed.id, typed.value)
            }
            None => (id, value.clone()),
        };
        let draft = Self {
            kind,
            id: StoredValue::new(id),
            is_new,
            value: RwSignal::new(typed),
            password: RwSignal::new(String::new()),
            told: RwSignal::new(admin.told.try_update(Option::take).flatten()),
            findings: RwSignal::new(vec![]),
            kept: RwSignal::new(None),
            busy: RwSignal::new(false),
            admin,
            saved: RwSignal::new(value),
            version: RwSignal::new(admin.version()),
        };
        Effect::new(move |before: Option<bool>| draft.follow(before));
        on_cleanup(move || _ = admin.router.dirty.try_set(false));
        draft
    }

    /// Lets the page know whether there is something to save, and keeps it in this tab.
    fn follow(self, was_dirty: Option<bool>) -> bool {
        let is_dirty = self.is_dirty();
        self.admin.router.dirty.set(is_dirty);
        match self.admin.user.get_untracked().filter(|_| is_dirty) {
            Some(by) => kept::keep(&kept::Typed {
                by,
                kind: self.kind,
                id: self.id.get_value(),
                is_new: self.is_new,
                value: self.value.get_untracked(),
            }),
            None if was_dirty == Some(true) => kept::forget(),
            None => {}
        }
        is_dirty
    }

    /// Whether there is something to save.
    pub(crate) fn is_dirty(self) -> bool {
        let typed = self.password.with(|password| !password.is_empty());
        typed
            || self
                .value
                .with(|value| self.saved.with(|saved| value != saved))
    }

    /// Something of what was typed.
    pub(crate) fn with<T>(self, look: impl FnOnce(&Value) -> T) -> T {
        self.value.with(look)
    }

    /// The text at a place.
    pub(crate) fn text(self, at: &str) -> String {
        self.with(|value| place::text(value, at))
    }

    /// Puts a value at a place.
    pub(crate) fn set(self, at: &str, new: Value) {
        self.value.update(|value| place::set(value, at, new));
    }

    /// What is wrong exactly there, in words.
    pub(crate) fn wrong_at(self, at: &str) -> String {
        self.wrong_where(|there| there == at)
    }

    /// What is wrong there or anywhere within, in words.
    pub(crate) fn wrong_within(self, at: &str) -> String {
        let inner = place::within(at, "");
        self.wrong_where(|there| there == at || there.starts_with(&inner))
    }

    fn wrong_where(self, is: impl Fn(&str) -> bool) -> String {
        self.findings.with(|findings| {
            let there = findings.iter().filter(|it| self.is_own(it) && is(&it.at));
            let said: Vec<_> = there.map(|it| it.say.as_str()).collect();
            said.join(" ")
        })
    }

    /// Whether a finding is about this document, and not about another one that names it.
    pub(crate) fn is_own(self, finding: &Finding) -> bool {
        finding.kind == self.kind && self.id.with_value(|id| *id == finding.id)
    }

    /// Takes in findings, led to the places of what was typed.
    fn find(self, mut findings: Vec<Finding>) {
        self.value.with_untracked(|value| {
            for finding in findings.iter_mut().filter(|it| self.is_own(it)) {
                finding.at = place::resolve(value, &finding.at);
            }
        });
        self.findings.set(findings);
    }

    /// Back to what is saved.
    pub(crate) fn discard(self) {
        self.value.set(self.saved.get_untracked());
        self.password.set(String::new());
        self.findings.set(vec![]);
        self.kept.set(None);
    }

    /// Saves what was typed.
    pub(crate) fn save(self, despite_warnings: bool) {
        if self.busy.get_untracked() {
            return;
        }
        let doc = self.value.get_untracked();
        if !docs::is_readable(self.kind, &doc) {
            self.kept.set(Some(Kept::Unreadable));
            focus_invalid();
            return;
        }
        let password = Some(self.password.get_untracked()).filter(|it| !it.is_empty());
        let save = Save {
            version: self.version.get_untracked(),
            doc,
            despite_warnings,
            password,
        };
        let id = self.id.get_value();
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::save(self.kind, &id, &save).await;
            if self.is_gone() {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(saved) => self.was_saved(saved, save.doc, id).await,
                Err(problem) => self.not_done(problem, false),
            }
        });
    }

    async fn was_saved(self, saved: Saved, doc: Value, id: String) {
        self.version.set(saved.version);
        self.saved.set(doc);
        let given = self
            .password
            .with_untracked(|password| !password.is_empty());
        self.password.set(String::new());
        if given || saved.password.is_some() {
            self.told.set(saved.password.clone());
        }
        self.find(saved.warnings);
        self.kept.set(None);
        self.admin.notices.say(text::SAVED);
        self.admin.reload().await;
        // A new document has an address of its own once it is saved.
        if self.is_new && !self.is_gone() && !self.is_dirty() {
            let route = Route::Doc(self.kind, Which::One(id));
            self.admin.told.set(saved.password);
            self.admin.router.replace(&route);
        }
    }

    /// Deletes the document.
    pub(crate) fn delete(self, despite_warnings: bool) {
        if self.busy.get_untracked() {
            return;
        }
        let (id, version) = (self.id.get_value(), self.version.get_untracked());
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::delete(self.kind, &id, version, despite_warnings).await;
            if self.is_gone() {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(_) => {
                    kept::forget();
                    self.admin.notices.say(text::DELETED);
                    self.admin.router.replace(&Route::Docs(self.kind));
                }
                Err(problem) => self.not_done(problem, true),
            }
        });
    }

    /// Reads the set-up anew, so that saving works again; what was typed stays.
    pub(crate) fn load_again(self) {
        let id = self.id.get_value();
        spawn_local(async move {
            let was_read = self.admin.reload().await;
            if self.is_gone() {
                return;
            }
            if !was_read {
                self.admin.notices.say(text::UNREACHABLE);
                return;
            }
            let there = self
                .admin
                .current
                .with_untracked(|current| docs::find(&current.as_ref()?.setup, self.kind, &id));
            if let Some(there) = there {
                self.saved.set(there);
            }
            self.version.set(self.admin.version());
            self.kept.set(None);
            self.admin.notices.say(text::LOADED_AGAIN);
        });
    }

    /// The page was left while the server was asked.
    fn is_gone(self) -> bool {
        self.busy.try_get_untracked().is_none()
    }

    fn not_done(self, problem: Problem, deleting: bool) {
        let kept = match &problem {
            Problem::NotSaved(NotSaved { error, .. }) if error == OUTDATED => Kept::Outdated,
            Problem::NotSaved(NotSaved { error, .. }) if error == WARNINGS => {
                Kept::Warned { deleting }
            }
            Problem::NotSaved(_)
            | Problem::Unreachable
            | Problem::NotSignedIn
            | Problem::Forbidden
            | Problem::Gone
            | Problem::Failed(_) => Kept::Refused(problem.sentence()),
        };
        if let Problem::NotSaved(refusal) = problem
            && kept != Kept::Outdated
        {
            self.find(refusal.findings);
            let first = self.findings.with_untracked(|findings| {
                let own = || findings.iter().filter(|it| self.is_own(it));
                let first = own().find(|it| it.error).or_else(|| own().next());
                first.map(|it| it.at.clone())
            });
            if let Some(at) = first {
                later(move || focus_at(&at));
            }
        }
        self.kept.set(Some(kept));
    }
}

/// Acts once what was changed is on the page.
pub(crate) fn later(act: impl FnOnce() + 'static) {
    gloo_timers::callback::Timeout::new(0, act).forget();
}

/// Puts the focus into the field at a place, or into what it lies in.
pub(crate) fn focus_at(at: &str) {
    let shown = place::outwards(at)
        .into_iter()
        .find_map(|at| document().get_element_by_id(&place::element(at)));
    let Some(shown) = shown else { return };
    focus_in(&shown);
}

/// Puts the focus into the first field that cannot be read.
fn focus_invalid() {
    later(|| {
        let invalid = document().query_selector("[aria-invalid=true]");
        if let Some(invalid) = invalid.ok().flatten() {
            focus(&invalid);
        }
    });
}

/// Puts the focus into the first control of an element, or onto the element itself.
pub(crate) fn focus_in(element: &web_sys::Element) {
    const CONTROLS: &str = "input, select, textarea, button";
    let inner = if element.matches(CONTROLS).unwrap_or_default() {
        None
    } else {
        element.query_selector(CONTROLS).ok().flatten()
    };
    focus(inner.as_ref().unwrap_or(element));
}

fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // An element that is on the page takes the focus.
        _ = element.focus();
        element.scroll_into_view_with_bool(false);
    }
}

//! Who changed what, and taking the last change back.

use bellwire_proto::admin::{ChangeMade, Changes};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    api::{self, OUTDATED, Problem},
    store::Admin,
};
use crate::{format, route::Route, text::admin as text};

/// What is shown.
#[derive(Clone, Copy)]
struct Shown {
    changes: RwSignal<Vec<ChangeMade>>,
    before: RwSignal<Option<i64>>,
    can_undo: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

/// The page.
pub(crate) fn page(admin: Admin) -> AnyView {
    let shown = Shown {
        changes: RwSignal::new(vec![]),
        before: RwSignal::new(None),
        can_undo: RwSignal::new(false),
        problem: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    shown.read(None);
    let asked = RwSignal::new(false);
    let undo = move |_| {
        if asked.get_untracked() {
            asked.set(false);
            shown.undo(admin);
        } else {
            asked.set(true);
        }
    };
    let button = move || {
        shown.can_undo.get().then(|| {
            let name = move || {
                if asked.get() {
                    text::UNDO_SURELY
                } else {
                    text::UNDO
                }
            };
            view! {
                <p class="undo">
                    <button type="button" class="bw-button" on:click=undo>
                        {name}
                    </button>
                </p>
            }
        })
    };
    let row = |change: ChangeMade| {
        view! {
            <tr>
                <td class="step-when">{format::moment(change.at)}</td>
                <td>{change.by}</td>
                <td>{change.what}</td>
            </tr>
        }
    };
    let more = move || {
        shown.before.get().map(|before| {
            view! {
                <button
                    type="button"
                    class="bw-button"
                    on:click=move |_| shown.read(Some(before))
                >
                    {text::OLDER}
                </button>
            }
        })
    };
    view! {
        <h2 class="page-title">{text::page_name(&Route::Changes)}</h2>
        <p class="hint">{text::CHANGES_HINT}</p>
        <p class="bw-problem" role="alert">
            {move || shown.problem.get()}
        </p>
        {button}
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{text::WHEN}</th>
                    <th scope="col">{text::WHO}</th>
                    <th scope="col">{text::WHAT_CHANGED}</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || shown.changes.get() key=|change| change.version children=row />
            </tbody>
        </table>
        {more}
    }
    .into_any()
}

impl Shown {
    /// Reads the newest, or what came before.
    fn read(self, before: Option<i64>) {
        spawn_local(async move {
            match api::changes(before).await {
                Ok(changes) => self.take(changes, before.is_some()),
                Err(problem) => _ = self.problem.try_set(Some(problem.sentence())),
            }
        });
    }

    fn take(self, read: Changes, further: bool) {
        self.problem.try_set(None);
        self.before.try_set(read.before);
        self.changes.try_update(|changes| {
            if !further {
                changes.clear();
            }
            changes.extend(read.changes);
        });
        if !further {
            self.can_undo.try_set(read.can_undo);
        }
    }

    /// Takes back the newest change that is shown, if it is still the last.
    fn undo(self, admin: Admin) {
        let newest = self
            .changes
            .with_untracked(|changes| changes.first().map(|change| change.version));
        let Some(version) = newest.filter(|_| !self.busy.get_untracked()) else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::undo(version).await;
            self.busy.try_set(false);
            match answer {
                Ok(_) => admin.notices.say(text::UNDONE),
                Err(Problem::NotSaved(refusal)) if refusal.error == OUTDATED => {
                    admin.notices.say(text::UNDO_OUTDATED);
                }
                Err(problem) => _ = self.problem.try_set(Some(problem.sentence())),
            }
            admin.reload().await;
            self.read(None);
        });
    }
}

//! All contacts, page by page.

use bellwire_proto::{admin::ContactLine, time::Timestamp};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    admin::api,
    format,
    route::Route,
    text::{self as desk_text, admin, supervise as text},
};

#[derive(Clone, Copy)]
struct Shown {
    lines: RwSignal<Vec<ContactLine>>,
    before: RwSignal<Option<Timestamp>>,
    problem: RwSignal<Option<String>>,
    was_read: RwSignal<bool>,
}

/// The list.
pub(super) fn page() -> AnyView {
    let shown = Shown {
        lines: RwSignal::new(vec![]),
        before: RwSignal::new(None),
        problem: RwSignal::new(None),
        was_read: RwSignal::new(false),
    };
    shown.read(None);
    let nothing = move || {
        let sentence = if shown.was_read.get() {
            text::NO_CONTACTS
        } else {
            desk_text::ONE_MOMENT
        };
        let empty = shown.lines.with(Vec::is_empty) && shown.problem.with(Option::is_none);
        empty.then(|| view! { <p role="status">{sentence}</p> })
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
    let key = |line: &ContactLine| (line.interaction, line.stage.clone(), line.agent.clone());
    view! {
        <h2 class="page-title">{admin::page_name(&Route::Contacts)}</h2>
        <p class="hint">{text::CONTACTS_HINT}</p>
        <p>
            <button type="button" class="bw-button" on:click=move |_| shown.read(None)>
                {text::REFRESH}
            </button>
        </p>
        <p class="bw-problem" role="alert">
            {move || shown.problem.get()}
        </p>
        {nothing}
        <div class="scroll" tabindex="0" role="group" aria-label=admin::page_name(&Route::Contacts)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{text::WHEN}</th>
                        <th scope="col">{text::WHO}</th>
                        <th scope="col">{text::HOW}</th>
                        <th scope="col">{text::QUEUE}</th>
                        <th scope="col">{text::AGENT}</th>
                        <th scope="col">{text::ABOUT}</th>
                        <th scope="col">{text::STATE}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.lines.get() key=key children=row />
                </tbody>
            </table>
        </div>
        {more}
    }
    .into_any()
}

fn row(line: ContactLine) -> AnyView {
    let route = Route::Contact(line.interaction);
    let who = line.name.filter(|name| !name.trim().is_empty());
    view! {
        <tr>
            <td class="step-when">
                <a href=route.hash()>{format::moment(line.created)}</a>
            </td>
            <td>{who.unwrap_or_else(|| desk_text::SOMEONE.to_owned())}</td>
            <td>{desk_text::medium(line.medium, false)}</td>
            <td>{line.queue}</td>
            <td>{line.agent}</td>
            <td>{line.intent}</td>
            <td>{text::stage(&line.stage, line.cause)}</td>
        </tr>
    }
    .into_any()
}

impl Shown {
    /// Reads the newest, or what came before.
    fn read(self, before: Option<Timestamp>) {
        spawn_local(async move {
            let answer = api::contacts(before).await;
            self.was_read.try_set(true);
            match answer {
                Ok(read) => {
                    self.problem.try_set(None);
                    self.before.try_set(read.before);
                    self.lines.try_update(|lines| {
                        if before.is_none() {
                            lines.clear();
                        }
                        lines.extend(read.contacts);
                    });
                }
                Err(problem) => _ = self.problem.try_set(Some(problem.sentence())),
            }
        });
    }
}

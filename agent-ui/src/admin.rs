//! The administration pages: a list for each kind of document, a form for each document, the
//! history of changes, and the whole set-up as one file.
//!
//! A form edits a [`draft::Draft`] with the [`pieces`]; what is wrong with it is said by the server
//! at saving, and shown at the field it is about.

pub(crate) mod api;
mod changes;
pub(crate) mod docs;
pub(crate) mod draft;
mod editors;
mod file;
mod ids;
pub(crate) mod kept;
mod lists;
mod live;
mod page;
mod pieces;
pub(crate) mod place;
mod store;

use std::collections::BTreeSet;

use bellwire_client::clock;
use bellwire_proto::{
    admin::Kind,
    setup::{FormKind, Setup, fact},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub(crate) use self::{pieces::Say, store::Admin};
use crate::{
    route::{Route, Which},
    text::{self as desk_text, admin as text},
};

/// An administration page.
pub(crate) fn admin_page(admin: Admin, route: Route) -> AnyView {
    let here = route.clone();
    // A list may show what was read before; an edit begins with what is there now.
    let there = RwSignal::new(is_list(&route) && admin.current.read_untracked().is_some());
    let load = Callback::new(move |()| {
        spawn_local(async move {
            if admin.reload().await {
                there.try_set(true);
            }
        });
    });
    load.run(());
    let is_there = Memo::new(move |_| there.get());
    let content = move || {
        if is_there.get() {
            shown(admin, &route)
        } else {
            not_there(admin, load)
        }
    };
    view! {
        <div class="admin">
            {side(admin, &here)} <div class="admin-content">{content}</div> {suggestions(admin)}
        </div>
    }
    .into_any()
}

fn shown(admin: Admin, route: &Route) -> AnyView {
    match route {
        Route::Docs(kind) | Route::Doc(kind, _) if docs::is_single(*kind) => {
            page::edit(admin, *kind, docs::ALL.to_owned())
        }
        Route::Docs(kind) => lists::all(admin, *kind),
        Route::Doc(kind, Which::One(id)) => page::edit(admin, *kind, id.clone()),
        Route::Doc(kind, Which::New) => page::begin(admin, *kind, ids::random(), clock::now()),
        Route::Changes => changes::page(admin),
        Route::File => file::page(admin),
        Route::Home | Route::Desk | Route::Contacts | Route::Contact(_) | Route::Results => {
            ().into_any()
        }
    }
}

/// Whether a page only lists what there is.
fn is_list(route: &Route) -> bool {
    match route {
        Route::Docs(kind) => !docs::is_single(*kind),
        Route::Changes | Route::File => true,
        Route::Doc(..)
        | Route::Home
        | Route::Desk
        | Route::Contacts
        | Route::Contact(_)
        | Route::Results => false,
    }
}

fn not_there(admin: Admin, load: Callback<()>) -> AnyView {
    let shown = move || match admin.problem.get() {
        None => view! { <p role="status">{desk_text::ONE_MOMENT}</p> }.into_any(),
        Some(problem) => view! {
            <p class="bw-problem" role="alert">
                {problem.sentence()}
            </p>
            <button type="button" class="bw-button" on:click=move |_| load.run(())>
                {desk_text::TRY_AGAIN}
            </button>
        }
        .into_any(),
    };
    shown.into_any()
}

/// The list of pages.
fn side(admin: Admin, here: &Route) -> AnyView {
    const PAGES: [Route; 16] = [
        Route::Docs(Kind::Site),
        Route::Docs(Kind::Queue),
        Route::Docs(Kind::User),
        Route::Docs(Kind::Skills),
        Route::Docs(Kind::Hours),
        Route::Docs(Kind::Intent),
        Route::Docs(Kind::Form),
        Route::Docs(Kind::Invitation),
        Route::Docs(Kind::Phone),
        Route::Docs(Kind::Trunk),
        Route::Docs(Kind::Number),
        Route::Docs(Kind::Dialling),
        Route::Docs(Kind::Reasons),
        Route::Docs(Kind::Dispositions),
        Route::Changes,
        Route::File,
    ];
    let here = here.clone();
    let link = move |route: Route| {
        let is_here = match (&here, &route) {
            (Route::Doc(kind, _), Route::Docs(own)) => kind == own,
            (here, route) => here == route,
        };
        view! {
            <a href=route.hash() aria-current=is_here.then_some("page")>
                {text::page_name(&route)}
            </a>
        }
    };
    view! {
        <nav class="side" aria-label=text::ADMINISTRATION>
            {move || {
                let pages = PAGES.iter().filter(|page| admin.has_telephones() || !is_for_telephones(page));
                pages.map(|page| link(page.clone())).collect_view()
            }}
        </nav>
    }
    .into_any()
}

/// Whether a page is of use only where telephones are served.
fn is_for_telephones(page: &Route) -> bool {
    match page {
        Route::Docs(kind) => match kind {
            Kind::Phone | Kind::Trunk | Kind::Number | Kind::Dialling => true,
            Kind::Site
            | Kind::Queue
            | Kind::User
            | Kind::Skills
            | Kind::Hours
            | Kind::Intent
            | Kind::Form
            | Kind::Invitation
            | Kind::Reasons
            | Kind::Dispositions => false,
        },
        Route::Doc(..)
        | Route::Home
        | Route::Desk
        | Route::Changes
        | Route::File
        | Route::Contacts
        | Route::Contact(_)
        | Route::Results => false,
    }
}

/// What text fields suggest: languages, facts, topics, time zones.
fn suggestions(admin: Admin) -> AnyView {
    let option = |(value, name): (String, String)| view! { <option value=value>{name}</option> };
    let languages = text::LANGUAGES.map(|tag| (tag.to_owned(), desk_text::language(tag)));
    let plain = |name: String| (name.clone(), name);
    let facts = Memo::new(move |_| admin.with(facts));
    let topics = Memo::new(move |_| admin.with(topics));
    view! {
        <datalist id="bw-languages">{languages.map(option).into_iter().collect_view()}</datalist>
        <datalist id="bw-facts">
            {move || facts.get().into_iter().map(plain).map(option).collect_view()}
        </datalist>
        <datalist id="bw-topics">
            {move || topics.get().into_iter().map(plain).map(option).collect_view()}
        </datalist>
        <datalist id="bw-zones">
            {page::zones().into_iter().map(plain).map(option).collect_view()}
        </datalist>
    }
    .into_any()
}

/// All facts that routing knows or a form asks for.
fn facts(setup: &Setup) -> BTreeSet<String> {
    let known = [
        fact::TOPIC,
        fact::LANGUAGE,
        fact::PRODUCT,
        fact::NAME,
        fact::EMAIL,
        fact::PHONE,
    ];
    let mut all = BTreeSet::from(known.map(str::to_owned));
    for form in &setup.forms {
        match &form.kind {
            FormKind::Fields(fields) => all.extend(fields.iter().map(|field| field.fact.clone())),
            FormKind::Menu { fact, .. } => _ = all.insert(fact.clone()),
        }
    }
    all
}

/// All topics that a rule, an entry or a menu names.
fn topics(setup: &Setup) -> BTreeSet<String> {
    let rules = setup.intents.iter().filter_map(|rule| rule.topic.clone());
    let entries = setup.sites.iter().flat_map(|site| &site.entries);
    let entries = entries.filter_map(|entry| entry.topic.clone());
    let mut all: BTreeSet<_> = rules.chain(entries).collect();
    for form in &setup.forms {
        if let FormKind::Menu { fact, choices } = &form.kind
            && fact == fact::TOPIC
        {
            all.extend(choices.iter().map(|choice| choice.value.clone()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{
        id::{FormId, QueueId, SiteKey},
        setup::{Choice, Entry, Form, Site, Words},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn suggestions_are_gathered_from_the_whole_set_up() {
        let queue = QueueId::new(Timestamp(1), 1);
        let mut site = Site::new(SiteKey("shop".to_owned()), "Shop");
        site.entries = vec![Entry {
            topic: Some("repairs".to_owned()),
            ..Entry::into_queue(None, queue)
        }];
        let menu = Form {
            id: FormId::new(Timestamp(1), 1),
            name: "Menu".to_owned(),
            title: Words::default(),
            kind: FormKind::Menu {
                fact: fact::TOPIC.to_owned(),
                choices: vec![Choice {
                    value: "laptops".to_owned(),
                    label: Words::default(),
                    skills: [].into(),
                    to: None,
                }],
            },
        };
        let setup = Setup {
            sites: vec![site],
            forms: vec![menu],
            ..Setup::default()
        };

        assert_eq!(
            topics(&setup),
            BTreeSet::from(["laptops", "repairs"].map(str::to_owned))
        );
        assert!(facts(&setup).contains("email"));
    }
}

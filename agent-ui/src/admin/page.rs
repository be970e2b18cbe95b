//! One document's page: its form, what is wrong with it, and the buttons beneath.

use bellwire_proto::{
    admin::{Finding, Kind},
    time::Timestamp,
};
use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    docs,
    draft::{Draft, Kept, focus_at},
    editors,
    store::Admin,
};
use crate::{
    route::{Route, Which},
    text::admin as text,
};

/// The page of a document that is there.
pub(crate) fn edit(admin: Admin, kind: Kind, id: String) -> AnyView {
    let found = admin
        .current
        .with_untracked(|current| docs::find(&current.as_ref()?.setup, kind, &id));
    match found {
        Some(value) => form(Draft::new(admin, kind, id, value, false)),
        None => view! {
            <p class="notice-line" role="status">
                {text::GONE}
            </p>
            <p>
                <a href=Route::Docs(kind).hash()>{text::page_name(&Route::Docs(kind))}</a>
            </p>
        }
        .into_any(),
    }
}

/// The page of a new document.
pub(crate) fn begin(admin: Admin, kind: Kind, random: u128, now: Timestamp) -> AnyView {
    let (id, value) = docs::fresh(kind, &own_zone(), random, now);
    form(Draft::new(admin, kind, id, value, true))
}

fn form(d: Draft) -> AnyView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        d.save(false);
    };
    view! {
        <form class="doc" on:submit=submit novalidate=true autocomplete="off">
            {head(d)}
            {kept(d)}
            {told(d)}
            {editors::editor(d)}
            {foot(d)}
        </form>
    }
    .into_any()
}

fn head(d: Draft) -> AnyView {
    let kind = d.kind;
    let title = move || {
        let name = if docs::is_single(kind) {
            String::new()
        } else {
            d.text("name")
        };
        match (name.trim(), d.is_new) {
            ("", true) => text::new_one(kind).to_owned(),
            ("", false) => text::page_name(&Route::Docs(kind)).to_owned(),
            (name, _) => name.to_owned(),
        }
    };
    let back = (!docs::is_single(kind)).then(|| {
        view! {
            <p class="back">
                <a href=Route::Docs(kind).hash()>"← " {text::page_name(&Route::Docs(kind))}</a>
            </p>
        }
    });
    view! {
        {back}
        <h2 class="page-title">{title}</h2>
        <p class="hint">{text::about(kind)}</p>
    }
    .into_any()
}

/// What kept the document from being saved, and every finding with a way to its field.
fn kept(d: Draft) -> AnyView {
    let banner = move || d.kept.get().map(|kept| why(d, kept));
    let findings = move || {
        let findings = d.findings.get();
        (!findings.is_empty()).then(|| {
            view! {
                <ul class="findings">
                    {findings.into_iter().map(|it| finding(d, it)).collect_view()}
                </ul>
            }
        })
    };
    view! {
        <div class="kept" role="alert">
            {banner}
        </div>
        {findings}
    }
    .into_any()
}

/// A password that the server made: it is shown until the page is left.
fn told(d: Draft) -> AnyView {
    let shown = move || {
        d.told.get().map(|told| {
            view! {
                <p class="notice-line">{text::PASSWORD_ONCE}</p>
                <dl class="facts">
                    <dt>{told.user}</dt>
                    <dd>
                        <code>{told.password}</code>
                    </dd>
                </dl>
            }
        })
    };
    view! { <div role="status">{shown}</div> }.into_any()
}

fn why(d: Draft, kept: Kept) -> AnyView {
    match kept {
        Kept::Unreadable => view! { <p class="bw-problem">{text::NOT_READABLE}</p> }.into_any(),
        Kept::Refused(sentence) => view! { <p class="bw-problem">{sentence}</p> }.into_any(),
        Kept::Warned { deleting } => {
            let (sentence, button) = if deleting {
                (text::WARNED_DELETING, text::DELETE_ANYWAY)
            } else {
                (text::WARNED, text::SAVE_ANYWAY)
            };
            let press = move |_| {
                if deleting {
                    d.delete(true)
                } else {
                    d.save(true)
                }
            };
            view! {
                <p>{sentence}</p>
                <button type="button" class="bw-button" on:click=press>
                    {button}
                </button>
            }
            .into_any()
        }
        Kept::Outdated => view! {
            <p>{text::OUTDATED}</p>
            <button type="button" class="bw-button" on:click=move |_| d.load_again()>
                {text::LOAD_AGAIN}
            </button>
        }
        .into_any(),
    }
}

fn finding(d: Draft, finding: Finding) -> AnyView {
    let mark = if finding.error {
        text::ERROR
    } else {
        text::WARNING
    };
    let way = match (d.is_own(&finding), finding.at.is_empty()) {
        (true, true) => None,
        (true, false) => Some(to_field(finding.at)),
        (false, _) => to_other(d.admin, finding.kind, finding.id),
    };
    view! {
        <li class="finding" class:error=finding.error>
            <span class="tag">{mark}</span>
            <span>{finding.say}</span>
            {way}
        </li>
    }
    .into_any()
}

fn to_field(at: String) -> AnyView {
    let press = move |_| focus_at(&at);
    view! {
        <button type="button" class="bw-button bw-plain" on:click=press>
            {text::TO_FIELD}
        </button>
    }
    .into_any()
}

/// The way to another document that a finding is about.
fn to_other(admin: Admin, kind: Kind, id: String) -> Option<AnyView> {
    if docs::is_single(kind) {
        let route = Route::Docs(kind);
        return Some(view! { <a href=route.hash()>{text::page_name(&route)}</a> }.into_any());
    }
    let name = admin.current.with_untracked(|current| {
        let named = docs::named(&current.as_ref()?.setup, kind);
        named.into_iter().find(|it| it.id == id).map(|it| it.name)
    })?;
    let route = Route::Doc(kind, Which::One(id));
    Some(view! { <a href=route.hash()>{name}</a> }.into_any())
}

/// Save, discard, delete. Deleting asks once, on the button itself.
fn foot(d: Draft) -> AnyView {
    let dirty = Memo::new(move |_| d.is_dirty());
    let asked = RwSignal::new(false);
    let may_delete = !d.is_new && !docs::is_single(d.kind);
    let delete = move |_| {
        if asked.get_untracked() {
            asked.set(false);
            d.delete(false);
        } else {
            asked.set(true);
        }
    };
    let deleting = may_delete.then(|| {
        view! {
            <span class="deleting">
                <button type="button" class="bw-button end" on:click=delete>
                    {move || if asked.get() { text::DELETE_SURELY } else { text::DELETE }}
                </button>
                {move || {
                    asked
                        .get()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="bw-button"
                                    on:click=move |_| asked.set(false)
                                >
                                    {text::KEEP}
                                </button>
                            }
                        })
                }}
            </span>
        }
    });
    let state = move || {
        if d.busy.get() {
            text::BUSY
        } else if dirty.get() {
            text::UNSAVED
        } else {
            ""
        }
    };
    view! {
        <footer class="doc-foot">
            <button
                type="submit"
                class="bw-button bw-primary"
                aria-busy=move || d.busy.get().to_string()
            >
                {text::SAVE}
            </button>
            <button
                type="button"
                class="bw-button"
                disabled=move || !dirty.get()
                on:click=move |_| d.discard()
            >
                {text::DISCARD}
            </button>
            <span class="hint" role="status">
                {state}
            </span>
            {deleting}
        </footer>
    }
    .into_any()
}

/// The time zones that the browser knows.
pub(crate) fn zones() -> Vec<String> {
    let zones = || -> Option<Array> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let values = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?;
        let values: Function = values.dyn_into().ok()?;
        values
            .call1(&intl, &"timeZone".into())
            .ok()?
            .dyn_into()
            .ok()
    };
    let zones = zones().unwrap_or_default();
    zones.iter().filter_map(|zone| zone.as_string()).collect()
}

/// The time zone of this computer.
fn own_zone() -> String {
    let format = js_sys::Intl::DateTimeFormat::default();
    let zone = Reflect::get(&format.resolved_options(), &"timeZone".into());
    let zone = zone.ok().and_then(|zone| zone.as_string());
    zone.unwrap_or_else(|| "UTC".to_owned())
}

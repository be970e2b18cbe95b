//! A site: where its pages come from, where contacts go, what is collected, and the tag to copy.

use bellwire_proto::{admin::TagSeen, time::Timestamp};
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_futures::spawn_local;

use super::{media, part};
use crate::{
    admin::{api, draft::Draft, pieces, place, place::within},
    clip::copy,
    format,
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let what = vec![
        pieces::text_line(d, "name", text::SITE_NAME, false),
        pieces::names(d, "origins", text::ORIGINS, text::ADD_ORIGIN),
    ];
    let tag = vec![tag(d), seen(d)];
    let entries = vec![
        pieces::list(
            d,
            "entries",
            text::ENTRIES,
            text::ADD_ENTRY,
            || json!({"language": null, "topic": null, "media": [], "to": {"queue": ""}}),
            entry,
        ),
        pieces::needs(d, "needs", text::SITE_NEEDS),
    ];
    let collected = vec![
        pieces::ticks(
            d,
            "collects",
            text::COLLECTS,
            Signal::stored(text::pairs(text::COLLECTED)),
        ),
        pieces::number(d, "keep_days", text::KEEP_DAYS, 1..=3_650),
    ];
    let look = vec![
        pieces::words(d, "look.label", text::LOOK_LABEL, false),
        pieces::color(d, "look.color", text::LOOK_COLOR),
        pieces::flag(d, "look.left", text::LOOK_LEFT),
    ];
    view! {
        {part(text::PART_SITE, what)}
        {part(text::PART_TAG, tag)}
        {part(text::PART_ENTRIES, entries)}
        {part(text::PART_COLLECTED, collected)}
        {part(text::PART_LOOK, look)}
    }
    .into_any()
}

fn entry(d: Draft, at: String) -> AnyView {
    view! {
        {pieces::row(
            vec![
                pieces::language(d, &within(&at, "language"), text::ENTRY_LANGUAGE),
                pieces::suggested(d, &within(&at, "topic"), text::ENTRY_TOPIC, true, "bw-topics"),
            ],
        )}
        {pieces::ticks(d, &within(&at, "media"), text::ENTRY_MEDIA, media())}
        {pieces::destination(d, &within(&at, "to"), text::ENTRY_TO)}
    }
    .into_any()
}

/// The tag for the site's pages.
fn tag(d: Draft) -> AnyView {
    if d.is_new {
        return view! { <p class="hint">{text::TAG_AFTER_SAVING}</p> }.into_any();
    }
    let origin = window().location().origin().unwrap_or_default();
    let tag = text::tag(&origin, &d.id.get_value());
    let copied = tag.clone();
    view! {
        <p class="hint">{text::TAG_HINT}</p>
        <pre class="tag-text" tabindex="0" aria-label=text::PART_TAG>
            <code>{tag}</code>
        </pre>
        <button
            type="button"
            class="bw-button"
            on:click=move |_| copy(d.admin.notices, copied.clone())
        >
            {text::COPY_TAG}
        </button>
    }
    .into_any()
}

/// Whether the tag was seen, and who tried without being allowed.
fn seen(d: Draft) -> AnyView {
    if d.is_new {
        return ().into_any();
    }
    let seen = RwSignal::new(None::<Result<Option<TagSeen>, String>>);
    let look = move || {
        let key = d.id.get_value();
        spawn_local(async move {
            let answer = api::seen()
                .await
                .map(|all| all.into_iter().find(|it| it.site.0 == key));
            seen.try_set(Some(answer.map_err(|problem| problem.sentence())));
        });
    };
    look();
    let shown = move || match seen.get() {
        None => ().into_any(),
        Some(Err(sentence)) => view! { <p class="bw-problem">{sentence}</p> }.into_any(),
        Some(Ok(None)) => view! { <p class="notice-line">{text::NEVER_SEEN}</p> }.into_any(),
        Some(Ok(Some(seen))) => told(d, seen),
    };
    view! {
        <div aria-live="polite">{shown}</div>
        <button type="button" class="bw-button bw-plain" on:click=move |_| look()>
            {text::LOOK_AGAIN}
        </button>
    }
    .into_any()
}

fn told(d: Draft, seen: TagSeen) -> AnyView {
    let last = match seen.last {
        Some((at, origin)) => text::seen(&origin, &format::moment(at), seen.pages_now),
        None => text::NEVER_SEEN.to_owned(),
    };
    let refused = |(at, origin): (Timestamp, String)| {
        let own = origin.clone();
        let is_allowed = Memo::new(move |_| {
            d.with(|doc| {
                let all = place::list(doc, "origins").unwrap_or_default();
                all.iter().any(|it| it.as_str() == Some(&own))
            })
        });
        let adds = origin.clone();
        let allow = move |_| {
            d.value
                .update(|doc| place::push(doc, "origins", json!(adds.clone())))
        };
        view! {
            <li class="pair wide">
                <span>{origin} " " <span class="hint">{format::moment(at)}</span></span>
                {move || {
                    if is_allowed.get() {
                        return view! { <span class="hint">{text::ALLOWED_NOW}</span> }.into_any();
                    }
                    let allow = allow.clone();
                    view! {
                        <button type="button" class="bw-button" on:click=allow>
                            {text::ALLOW}
                        </button>
                    }
                    .into_any()
                }}
            </li>
        }
    };
    let refused = (!seen.refused.is_empty()).then(|| {
        view! {
            <h4>{text::REFUSED_ORIGINS}</h4>
            <ul class="pairs">{seen.refused.into_iter().map(refused).collect_view()}</ul>
        }
    });
    view! { <p class="notice-line">{last}</p> {refused} }.into_any()
}

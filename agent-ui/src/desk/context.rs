//! The side panel: who it is, the page they look at, their journey, and the call's address.

use bellwire_proto::{interaction::Context, journey::JourneyEvent, time::Timestamp};
use leptos::prelude::*;

use super::{
    journey::Journey,
    known::{self, CallerFacts, Known},
};
use crate::{format, text};

/// What is known of a visitor; it grows while the visitor goes on.
#[component]
pub(crate) fn ContextPanel(
    /// The visitor and their page.
    #[prop(into)]
    context: Signal<Option<Context>>,
    /// The queue the interaction waited in.
    #[prop(into)]
    queue: Signal<String>,
    /// The call's address.
    #[prop(into)]
    uri: Signal<String>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// Called with a text to copy.
    on_copy: Callback<String>,
) -> impl IntoView {
    let part = move |get: fn(&Context) -> String| {
        Memo::new(move |_| context.with(|context| context.as_ref().map(get).unwrap_or_default()))
    };
    let who = part(format::who);
    let site = part(|context| context.site.clone());
    let url = part(|context| context.page.url.clone());
    let title = part(|context| format::title(&context.page.title, &context.page.url));
    let referrer = part(|context| format::address(&context.page.referrer));
    let language = part(|context| text::language(&context.page.language));
    let journey = Memo::new(move |_| -> Vec<JourneyEvent> {
        context.with(|context| {
            context
                .as_ref()
                .map(|it| it.journey.clone())
                .unwrap_or_default()
        })
    });
    let known = Memo::new(move |_| {
        context.with(|context| context.as_ref().map(known::part).unwrap_or_default())
    });
    let page = move || match format::link(&url.get()) {
        Some(link) => view! {
            <a href=link target="_blank" rel="noopener noreferrer">{format::address(&url.get())}</a>
        }
        .into_any(),
        None => view! { <span>{format::address(&url.get())}</span> }.into_any(),
    };
    let caller = Memo::new(move |_| {
        context.with(|context| {
            let context = context.as_ref()?;
            let caller = context.caller.clone()?;
            Some((caller, format::line(context)))
        })
    });
    let has_any = Memo::new(move |_| context.with(Option::is_some));
    let from = move || match caller.get() {
        Some((caller, line)) => view! { <CallerFacts caller line /> }.into_any(),
        None => view! {
            <dt>{text::NOW_ON}</dt>
            <dd aria-live="polite">{title} " " <span class="address">{page}</span></dd>
            <Fact name=text::CAME_FROM value=referrer />
            <Fact name=text::SITE value=site />
        }
        .into_any(),
    };
    let steps = move || {
        (caller.with(Option::is_none)).then(|| {
            view! {
                <h3>{text::JOURNEY}</h3>
                <Journey events=journey now />
            }
        })
    };
    move || {
        if !has_any.get() {
            return view! { <p class="hint">{text::NO_CONTACT_CHOSEN}</p> }.into_any();
        }
        view! {
            <p class="context-who">{who}</p>
            <dl class="facts">
                {from}
                <Fact name=text::LANGUAGE value=language />
                <Fact name=text::QUEUE value=queue />
                <dt>{text::CALL_URI}</dt>
                <dd class="uri">
                    <code>{uri}</code>
                    <button class="bw-button bw-plain" on:click=move |_| on_copy.run(uri.get_untracked())>
                        {text::COPY_URI}
                    </button>
                </dd>
            </dl>
            <Known context=known now />
            {steps}
        }
        .into_any()
    }
}

/// A name and its value; nothing where the value is not known.
#[component]
fn Fact(name: &'static str, #[prop(into)] value: Signal<String>) -> impl IntoView {
    move || {
        let value = value.get();
        (!value.is_empty()).then(|| view! { <dt>{name}</dt><dd>{value}</dd> })
    }
}

//! The card that rings: who it is, what they looked at, and the two buttons.

use bellwire_client::ui::{Icon, icon};
use bellwire_proto::{
    agent::{Device, Offer},
    interaction::{Context, Medium},
    mirror::OfferCard as Card,
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    journey::Journey,
    known::{self, CallerFacts, Known},
};
use crate::{format, media::Answering, text};

/// What rings, with a countdown.
#[component]
pub(crate) fn OfferCard(
    /// The offer.
    #[prop(into)]
    card: Signal<Option<Card>>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// What is being answered.
    #[prop(into)]
    answering: Signal<Option<Answering>>,
    /// Why it could not be answered.
    #[prop(into)]
    problem: Signal<Option<String>>,
    /// The browser keeps the ring silent.
    #[prop(into)]
    silent: Signal<bool>,
    /// Called when the agent takes it.
    on_accept: Callback<()>,
    /// Called when the agent refuses it.
    on_decline: Callback<()>,
) -> impl IntoView {
    // Made anew for each offer, and not when more is learnt: the focus stays where it is.
    let key = Memo::new(move |_| {
        card.with(|card| {
            let offer = &card.as_ref()?.offer;
            Some((offer.interaction, offer.epoch))
        })
    });
    let offer = move || {
        key.get()?;
        card.with_untracked(|card| card.as_ref().map(|card| card.offer.clone()))
    };
    let known = Memo::new(move |_| {
        card.with(|card| {
            let known = card.as_ref().map(|card| known::part(&card.offer.context));
            known.unwrap_or_default()
        })
    });
    let until = move || {
        card.with(|card| card.as_ref().map(|card| card.until))
            .unwrap_or_default()
    };
    let left = Signal::derive(move || format::seconds_left(until().since(now.get())));
    let show = move |offer: Offer| {
        let (interaction, rings) = (offer.interaction, offer.rings);
        let phone = match rings {
            Device::Browser => None,
            Device::Both => Some(text::phone::RINGS_TOO),
            Device::Phone | Device::Number => Some(text::phone::RINGS),
        };
        let busy = Signal::derive(move || {
            answering
                .get()
                .filter(|answering| answering.interaction() == interaction)
        });
        view! {
            <section
                class="offer"
                role="region"
                aria-label=text::INCOMING
                data-offer=interaction.to_string()
                data-rings=if rings.has_page() { "here" } else { "phone" }
            >
                <Head offer=offer.clone() left />
                <Facts offer known now />
                <div class="offer-acts">
                    {phone.map(|words| view! { <p class="rings-there">{words}</p> })}
                    <p class="bw-problem" role="alert">{problem}</p>
                    {move || {
                        silent.get().then(|| view! { <p class="hint">{text::SOUND_BLOCKED}</p> })
                    }}
                    <Buttons here=rings.has_page() busy on_accept on_decline />
                </div>
            </section>
        }
    };

    move || offer().map(show)
}

#[component]
fn Head(offer: Offer, left: Signal<u64>) -> impl IntoView {
    let sign = match (offer.medium, offer.video) {
        (Medium::Call, false) => Icon::Phone,
        (Medium::Call, true) => Icon::Video,
        (Medium::Chat, _) => Icon::Chat,
    };
    let total = (offer.ring_ms / 1_000).max(1);

    view! {
        <header class="offer-head">
            <span class="offer-sign">{icon(sign)}</span>
            <div>
                <p class="offer-medium">{format::medium(&offer.context, offer.medium, offer.video)}</p>
                <h2>{format::who(&offer.context)}</h2>
            </div>
            <p class="countdown">
                <meter
                    min="0"
                    max=total.to_string()
                    value=move || left.get().to_string()
                    aria-label=text::RINGS_FOR
                ></meter>
                <span class="timer">{move || format!("{} s", left.get())}</span>
            </p>
        </header>
    }
}

#[component]
fn Facts(offer: Offer, known: Memo<Context>, now: Signal<Timestamp>) -> impl IntoView {
    let context = offer.context;
    let waited = format::timer(std::time::Duration::from_millis(offer.waited_ms));
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <dt>{name}</dt><dd>{value}</dd> })
    };
    let from = match &context.caller {
        Some(caller) => {
            view! { <CallerFacts caller=caller.clone() line=format::line(&context) /> }.into_any()
        }
        None => view! { <PageFacts context=context.clone() /> }.into_any(),
    };
    let language = text::language(&context.page.language);
    // A telephone shows no pages.
    let journey = context.caller.is_none().then(|| {
        view! {
            <div class="offer-journey" tabindex="0" role="group" aria-label=text::JOURNEY>
                <h3>{text::JOURNEY}</h3>
                <Journey events=Signal::stored(context.journey) now />
            </div>
        }
    });

    view! {
        <dl class="facts">
            {from}
            {fact(text::LANGUAGE, language)}
            {fact(text::QUEUE, offer.queue)}
            {fact(text::WAITED, waited)}
        </dl>
        <div class="offer-known" tabindex="0" role="group" aria-label=text::CONTEXT>
            <Known context=known now />
        </div>
        {journey}
    }
}

/// The page that a visitor looks at.
#[component]
fn PageFacts(context: Context) -> impl IntoView {
    let page = format::title(&context.page.title, &context.page.url);
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <dt>{name}</dt><dd>{value}</dd> })
    };

    view! {
        {fact(text::SITE, context.site)}
        <dt>{text::NOW_ON}</dt>
        <dd>
            {page} <span class="address">{format::address(&context.page.url)}</span>
        </dd>
        {fact(text::CAME_FROM, format::address(&context.page.referrer))}
    }
}

#[component]
fn Buttons(
    /// The desk rings; otherwise a telephone does, and answering here is the other way.
    here: bool,
    busy: Signal<Option<Answering>>,
    on_accept: Callback<()>,
    on_decline: Callback<()>,
) -> impl IntoView {
    let doing = move || match busy.get() {
        None => "",
        Some(Answering::Microphone(_)) => text::ASKING_MICROPHONE,
        Some(Answering::Server(_)) => text::ACCEPTING,
    };

    view! {
        <p class="doing" role="status">{doing}</p>
        <div class="offer-buttons">
            <button
                class="bw-button accept"
                class:bw-ok=here
                aria-keyshortcuts=if here { "Alt+A Enter" } else { "Alt+A" }
                disabled=move || busy.with(Option::is_some)
                on:click=move |_| on_accept.run(())
            >
                {if here { text::ACCEPT } else { text::phone::ANSWER_HERE }}
                <kbd aria-hidden="true">"Alt A"</kbd>
            </button>
            <button class="bw-button bw-danger" aria-keyshortcuts="Alt+D" on:click=move |_| on_decline.run(())>
                {text::DECLINE}
                <kbd aria-hidden="true">"Alt D"</kbd>
            </button>
        </div>
    }
}

//! One contact: who it was, every decision about it with its reasons, what was written, and the
//! whole journey.

use bellwire_client::clock;
use bellwire_proto::{
    admin::{ContactTold, DecisionTold},
    id::InteractionId,
    interaction::ChatMessage,
    journey::JourneyEvent,
};
use leptos::prelude::*;

use super::Read;
use crate::{
    admin::api,
    desk::known::{self, CallerFacts, Known},
    format,
    route::Route,
    text::{self as desk_text, supervise as text},
};

/// The page.
pub(super) fn page(id: InteractionId) -> AnyView {
    let read = Read::new();
    read.read(api::contact(id));
    view! {
        <p class="back">
            <a href=Route::Contacts.hash()>"← " {text::ALL_CONTACTS}</a>
        </p>
        {read.shown(shown)}
        <p>
            <button type="button" class="bw-button" on:click=move |_| read.read(api::contact(id))>
                {text::REFRESH}
            </button>
        </p>
    }
    .into_any()
}

fn shown(told: ContactTold) -> AnyView {
    let ContactTold {
        line,
        context,
        decisions,
        chat,
        journey,
    } = told;
    let fact = |name: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <dt>{name}</dt><dd>{value}</dd> })
    };
    let known = known::part(&context);
    let from = match context.caller.clone() {
        Some(caller) => view! { <CallerFacts caller line=format::line(&context) /> }.into_any(),
        None => fact(desk_text::SITE, context.site.clone()).into_any(),
    };
    view! {
        <h2 class="page-title">{format::who(&context)}</h2>
        <dl class="facts">
            {fact(text::WHEN, format::moment(line.created))}
            {fact(text::HOW, format::medium(&context, line.medium, false).to_owned())}
            {fact(text::STATE, text::stage(&line.stage, line.cause).to_owned())}
            {fact(text::QUEUE, line.queue)}
            {fact(text::AGENT, line.agent)}
            {from}
            {fact(desk_text::LANGUAGE, desk_text::language(&context.page.language))}
            {fact(desk_text::CAME_FROM, format::address(&context.page.referrer))}
        </dl>
        <section class="part">
            <h3>{text::DECISIONS}</h3>
            {decided(decisions)}
        </section>
        <section class="part">
            <Known context=Signal::stored(known) now=Signal::stored(clock::now()) />
        </section>
        {written(chat)}
        <section class="part">
            <h3>{text::JOURNEY}</h3>
            {walked(journey)}
        </section>
    }
    .into_any()
}

fn decided(decisions: Vec<DecisionTold>) -> AnyView {
    if decisions.is_empty() {
        return view! { <p class="hint">{text::NO_DECISIONS}</p> }.into_any();
    }
    let decision = |it: DecisionTold| {
        view! {
            <li>
                <span class="step-when">{format::moment(it.at)}</span>
                <p class="because">{it.because}</p>
            </li>
        }
    };
    view! {
        <ol class="decisions">{decisions.into_iter().map(decision).collect_view()}</ol>
    }
    .into_any()
}

fn written(chat: Vec<ChatMessage>) -> Option<AnyView> {
    if chat.is_empty() {
        return None;
    }
    let line = |line: ChatMessage| {
        view! {
            <li>
                <span class="step-when">{format::moment(line.at)}</span>
                <p>
                    <strong>{text::writer(line.name.as_deref(), line.from)}</strong>
                    ": "
                    <span class="said">{line.text}</span>
                </p>
            </li>
        }
    };
    let view = view! {
        <section class="part">
            <h3>{text::CHAT}</h3>
            <ol class="decisions">{chat.into_iter().map(line).collect_view()}</ol>
        </section>
    };
    Some(view.into_any())
}

fn walked(journey: Vec<JourneyEvent>) -> AnyView {
    if journey.is_empty() {
        return view! { <p class="hint">{text::NO_JOURNEY}</p> }.into_any();
    }
    let step = |event: JourneyEvent| {
        let (kind, what) = format::step(&event.kind);
        view! {
            <li>
                <span class="step-kind">{kind}</span>
                <span class="step-what">{what}</span>
                <span class="step-when">{format::moment(event.at)}</span>
            </li>
        }
    };
    view! { <ol class="journey">{journey.into_iter().map(step).collect_view()}</ol> }.into_any()
}

//! What is known of a visitor beside the pages: what it seems to be about and why, what they
//! answered, how often they came, and their contacts before. The same while it rings and later.

use bellwire_proto::{
    intent::Intent,
    interaction::{Caller, Context, PastContact},
    prompt::Answered,
    time::Timestamp,
};
use leptos::prelude::*;

use crate::{format, rules, text};

/// The part of a context that is shown here, so that a step of the journey does not draw it anew.
pub(crate) fn part(context: &Context) -> Context {
    Context {
        intents: context.intents.clone(),
        answers: context.answers.clone(),
        visits: context.visits,
        past: context.past.clone(),
        left_message: context.left_message,
        ..Context::default()
    }
}

/// Who calls by telephone, and what they dialled.
#[component]
pub(crate) fn CallerFacts(caller: Caller, line: String) -> impl IntoView {
    let number = format::callers_number(&caller);
    let name = caller.name.filter(|name| !name.trim().is_empty());

    view! {
        <dt>{text::phone::NUMBER}</dt>
        <dd class="number">{number}</dd>
        {name.map(|name| view! { <dt>{text::phone::NAME}</dt><dd>{name}</dd> })}
        <dt>{text::phone::CALLED}</dt>
        <dd>{line}</dd>
    }
}

/// Intents, answers, visits and contacts before.
#[component]
pub(crate) fn Known(
    /// See [`part`].
    #[prop(into)]
    context: Signal<Context>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    move || {
        let context = context.get();
        let message = context.left_message.then(|| left_message(&context));
        let visits = text::visits(context.visits);
        let visits = (!visits.is_empty()).then(|| {
            view! { <dl class="facts"><dt>{text::VISITS}</dt><dd>{visits}</dd></dl> }
        });
        let past = (!context.past.is_empty()).then(|| {
            let line = |past: PastContact| past_contact(past, now);
            view! {
                <h3>{text::PAST}</h3>
                <ul class="past">{context.past.into_iter().map(line).collect_view()}</ul>
            }
        });
        view! {
            <div class="known">
                {message} {intents(context.intents)} {answers(context.answers)} {visits} {past}
            </div>
        }
        .into_any()
    }
}

fn left_message(context: &Context) -> AnyView {
    let reply = rules::reply_to(context).map(|reply| {
        view! { <p>{text::REPLY_TO} " " <strong>{reply.to_owned()}</strong></p> }
    });
    view! {
        <div class="left-message">
            <p><span class="tag">{text::LEFT_MESSAGE}</span></p>
            {reply}
            <p class="hint">{text::LEFT_MESSAGE_MORE}</p>
        </div>
    }
    .into_any()
}

/// What it seems to be about, surest first, each with what it was read from.
pub(crate) fn intents(intents: Vec<Intent>) -> Option<AnyView> {
    if intents.is_empty() {
        return None;
    }
    let intent = |intent: Intent| {
        let topic = intent.topic.filter(|topic| *topic != intent.name);
        let evidence = intent.evidence.into_iter();
        let language = intent.language.map(|tag| text::language(&tag));
        let more: Vec<_> = [topic, language, intent.product]
            .into_iter()
            .flatten()
            .collect();
        view! {
            <li>
                <p class="intent-head">
                    <strong>{intent.name}</strong>
                    <span class="tag">{format!("{} %", intent.confidence)}</span>
                    <span class="hint">{more.join(" · ")}</span>
                </p>
                <ul class="evidence" aria-label=text::EVIDENCE>
                    {evidence.map(|why| view! { <li>{why}</li> }).collect_view()}
                </ul>
            </li>
        }
    };
    let view = view! {
        <h3>{text::INTENTS}</h3>
        <ol class="intents">{intents.into_iter().map(intent).collect_view()}</ol>
    };
    Some(view.into_any())
}

/// What the visitor was asked, and the answers.
pub(crate) fn answers(answers: Vec<Answered>) -> Option<AnyView> {
    if answers.is_empty() {
        return None;
    }
    let answer = |answer: Answered| {
        let label = if answer.label.is_empty() {
            answer.fact
        } else {
            answer.label
        };
        view! { <dt>{label}</dt><dd>{answer.value}</dd> }
    };
    let view = view! {
        <h3>{text::ANSWERS}</h3>
        <dl class="facts">{answers.into_iter().map(answer).collect_view()}</dl>
    };
    Some(view.into_any())
}

fn past_contact(past: PastContact, now: Signal<Timestamp>) -> AnyView {
    let agent = if past.agent.is_empty() {
        text::NOBODY.to_owned()
    } else {
        past.agent
    };
    let what = [
        text::medium(past.medium, false).to_owned(),
        past.queue,
        agent,
        past.disposition,
    ];
    let what: Vec<_> = what.into_iter().filter(|it| !it.is_empty()).collect();
    let note = (!past.note.is_empty()).then(|| view! { <p class="past-note">{past.note}</p> });
    view! {
        <li>
            <p>
                <span class="step-when">{move || format::ago(now.get().since(past.at))}</span>
                " "
                {what.join(" · ")}
            </p>
            {note}
        </li>
    }
    .into_any()
}

//! An intent rule: what must hold, what it then means; and a try against recorded journeys.

use bellwire_proto::{
    admin::{JourneyTried, Kind, RuleTried, Tried, Try},
    intent::Intent,
    setup::IntentRule,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{options, part};
use crate::{
    admin::{api, docs, draft::Draft, pieces},
    format,
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let what = vec![
        pieces::text_line(d, "name", text::RULE_NAME, false),
        pieces::flag(d, "enabled", text::ENABLED),
        pieces::ticks(d, "sites", text::ONLY_SITES, options(d, Kind::Site)),
    ];
    let when = vec![
        pieces::conditions(d, "all", text::ALL_OF),
        pieces::conditions(d, "any", text::ANY_OF),
        pieces::conditions(d, "none", text::NONE_OF),
    ];
    let means = vec![
        pieces::row(vec![
            pieces::number(d, "confidence", text::CONFIDENCE, 1..=99),
            pieces::number(d, "more", text::MORE, 0..=99),
            pieces::number(d, "priority", text::ADDS_PRIORITY, 0..=255),
        ]),
        pieces::row(vec![
            pieces::suggested(d, "topic", text::TOPIC, true, "bw-topics"),
            pieces::language(d, "language", text::MEANS_LANGUAGE),
            pieces::text_line(d, "product", text::PRODUCT, true),
        ]),
        pieces::skills(d, "skills", text::RULE_SKILLS),
        pieces::skills(d, "prefers", text::RULE_PREFERS),
    ];
    view! {
        {part(text::PART_RULE, what)}
        {part(text::PART_WHEN, when)}
        {part(text::PART_MEANS, means)}
        {part(text::PART_TRY, vec![try_out(d)])}
    }
    .into_any()
}

/// Shows what the rule would change, before it is saved.
fn try_out(d: Draft) -> AnyView {
    let tried = RwSignal::new(None::<Result<Tried, String>>);
    let busy = RwSignal::new(false);
    let press = move |_| {
        let rules = d.with(|doc| {
            let rule = docs::read::<IntentRule>(doc)?;
            Some(d.admin.with(|setup| docs::rules_with(setup, rule)))
        });
        let Some(rules) = rules else {
            tried.set(Some(Err(text::NOT_READABLE.to_owned())));
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let answer = api::try_rules(&Try { rules }).await;
            busy.try_set(false);
            tried.try_set(Some(answer.map_err(|problem| problem.sentence())));
        });
    };
    view! {
        <p class="hint">{text::TRY_HINT}</p>
        <button
            type="button"
            class="bw-button"
            aria-busy=move || busy.get().to_string()
            on:click=press
        >
            {text::TRY}
        </button>
        <div aria-live="polite">
            {move || match tried.get() {
                None => ().into_any(),
                Some(Err(sentence)) => view! { <p class="bw-problem">{sentence}</p> }.into_any(),
                Some(Ok(result)) => shown(result),
            }}
        </div>
    }
    .into_any()
}

fn shown(tried: Tried) -> AnyView {
    let rule = |rule: RuleTried| {
        let is_changed = rule.before != rule.after;
        view! {
            <tr class:changed=is_changed>
                <th scope="row">{rule.name}</th>
                <td>{rule.before}</td>
                <td>{rule.after}</td>
            </tr>
        }
    };
    let example = |journey: JourneyTried| {
        let pages = journey.pages.iter().map(|page| format::address(page));
        let pages = pages.collect::<Vec<_>>().join(" → ");
        view! {
            <li>
                <p>
                    <span class="step-when">{format::moment(journey.at)}</span>
                    " "
                    {named(journey.before)}
                    " → "
                    <strong>{named(journey.after)}</strong>
                </p>
                <p class="hint">{pages}</p>
            </li>
        }
    };
    view! {
        <p>{text::tried(tried.journeys, tried.changed)}</p>
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{text::RULE}</th>
                    <th scope="col">{text::FITS_NOW}</th>
                    <th scope="col">{text::WOULD_FIT}</th>
                </tr>
            </thead>
            <tbody>{tried.rules.into_iter().map(rule).collect_view()}</tbody>
        </table>
        <ul class="examples">{tried.examples.into_iter().map(example).collect_view()}</ul>
    }
    .into_any()
}

fn named(intent: Option<Intent>) -> String {
    match intent {
        Some(intent) => format!("{} ({} %)", intent.name, intent.confidence),
        None => text::NO_INTENT.to_owned(),
    }
}

//! What intent rules would say of recorded journeys, before they are saved.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Bytes, extract::State, response::Response};
use bellwire_core::{
    check::check,
    intent::{Known, intents},
};
use bellwire_proto::{
    admin::{JourneyTried, Kind, RuleTried, Tried, Try},
    intent::Intent,
    interaction::Page,
    journey::{JourneyEvent, JourneyKind},
    setup::IntentRule,
};

use super::refused::{Refused, read};
use crate::{
    app::App,
    http::{
        api::{OwnPage, answer},
        problem::Problem,
        roles::Administrator,
    },
    store::RecordedJourney,
};

/// How many journeys are looked at.
const JOURNEYS: u32 = 1_000;

/// The most journeys shown as examples.
const EXAMPLES: usize = 20;

/// The most pages shown of one journey: the last ones.
const PAGES: usize = 10;

/// `POST /api/admin/try`
pub(in crate::http) async fn dry_run(
    State(app): State<Arc<App>>,
    _page: OwnPage,
    _role: Administrator,
    body: Bytes,
) -> Result<Response, Refused> {
    let Try { rules } = read(&body)?;
    let mut setup = app.store.current().await?.setup;
    let before = std::mem::replace(&mut setup.intents, rules);
    // Rules that could not be saved cannot be tried either; this also bounds the work.
    let wrong: Vec<_> = (check(&setup).into_iter())
        .filter(|finding| finding.error && finding.kind == Kind::Intent)
        .collect();
    if let Some(first) = wrong.first() {
        return Err(Refused::with("invalid", first.say.clone(), wrong));
    }
    let journeys = app.store.recent_journeys(JOURNEYS).await?;
    let after = setup.intents;
    let tried = tokio::task::spawn_blocking(move || tried(&before, &after, &journeys));
    let stopping = |_| Problem::busy("The server stops. Please try again in a moment.".to_owned());
    Ok(answer(&tried.await.map_err(stopping)?))
}

fn tried(before: &[IntentRule], after: &[IntentRule], journeys: &[RecordedJourney]) -> Tried {
    let mut rules = counters(before, after);
    let mut changed = 0;
    let mut examples = Vec::new();
    for journey in journeys {
        let (was, is) = (said(before, journey), said(after, journey));
        for intent in &was {
            count(&mut rules, intent, |rule| &mut rule.before);
        }
        for intent in &is {
            count(&mut rules, intent, |rule| &mut rule.after);
        }
        let (was, is) = (was.into_iter().next(), is.into_iter().next());
        if meaning(was.as_ref()) == meaning(is.as_ref()) {
            continue;
        }
        changed += 1;
        if examples.len() < EXAMPLES {
            examples.push(JourneyTried {
                session: journey.session,
                at: journey
                    .events
                    .last()
                    .map(|event| event.at)
                    .unwrap_or_default(),
                pages: pages(&journey.events),
                before: was,
                after: is,
            });
        }
    }
    Tried {
        journeys: u32::try_from(journeys.len()).unwrap_or(u32::MAX),
        changed,
        rules,
        examples,
    }
}

/// A line for each rule: those that would be, then those that would be gone.
fn counters(before: &[IntentRule], after: &[IntentRule]) -> Vec<RuleTried> {
    let mut lines = BTreeMap::new();
    let mut order = Vec::new();
    for rule in after.iter().chain(before) {
        lines.entry(rule.id).or_insert_with(|| {
            order.push(RuleTried {
                rule: rule.id,
                name: rule.name.clone(),
                before: 0,
                after: 0,
            });
        });
    }
    order
}

fn count(rules: &mut [RuleTried], intent: &Intent, which: impl Fn(&mut RuleTried) -> &mut u32) {
    if let Some(rule) = rules.iter_mut().find(|rule| rule.rule == intent.rule) {
        let counted = which(rule);
        *counted = counted.saturating_add(1);
    }
}

/// What the rules say of a journey at its end.
fn said(rules: &[IntentRule], journey: &RecordedJourney) -> Vec<Intent> {
    let Some(last) = journey.events.last() else {
        return Vec::new();
    };
    let known = Known {
        site: &journey.site,
        journey: &journey.events,
        page: &last_page(&journey.events),
        visits: 0,
        answers: &BTreeMap::new(),
    };
    intents(rules, &known, last.at)
}

/// What of an intent matters to routing.
fn meaning(intent: Option<&Intent>) -> Option<(&Option<String>, &Option<String>, &Option<String>)> {
    intent.map(|intent| (&intent.topic, &intent.language, &intent.product))
}

fn last_page(events: &[JourneyEvent]) -> Page {
    let page = events.iter().rev().find_map(|event| match &event.kind {
        JourneyKind::Viewed {
            url,
            title,
            referrer,
            language,
            ..
        } => Some(Page {
            url: url.clone(),
            title: title.clone(),
            referrer: referrer.clone(),
            language: language.clone(),
        }),
        JourneyKind::Left { .. }
        | JourneyKind::Scrolled { .. }
        | JourneyKind::Searched { .. }
        | JourneyKind::Submitted { .. }
        | JourneyKind::Cart { .. }
        | JourneyKind::Clicked { .. }
        | JourneyKind::Custom { .. } => None,
    });
    page.unwrap_or_default()
}

/// The last pages that were viewed, oldest first.
fn pages(events: &[JourneyEvent]) -> Vec<String> {
    let viewed = events.iter().filter_map(|event| match &event.kind {
        JourneyKind::Viewed { url, .. } => Some(url),
        JourneyKind::Left { .. }
        | JourneyKind::Scrolled { .. }
        | JourneyKind::Searched { .. }
        | JourneyKind::Submitted { .. }
        | JourneyKind::Cart { .. }
        | JourneyKind::Clicked { .. }
        | JourneyKind::Custom { .. } => None,
    });
    let viewed: Vec<_> = viewed.collect();
    let from = viewed.len().saturating_sub(PAGES);
    viewed.into_iter().skip(from).cloned().collect()
}

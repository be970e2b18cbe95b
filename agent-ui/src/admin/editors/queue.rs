//! A queue: what it takes, whom it needs, and where contacts go instead.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;
use serde_json::json;

use super::{media, options, part};
use crate::{
    admin::{
        draft::Draft,
        pieces::{self, Variant},
        place::within,
    },
    text::admin as text,
};

/// The longest time that makes sense anywhere in a queue: a day, in seconds.
const A_DAY: u32 = 86_400;

const RELAXED: &[Variant] = &[
    Variant {
        tag: "skill",
        name: text::RELAX_SKILL,
        fresh: || json!({"skill": {"skill": "", "level": 0}}),
    },
    Variant {
        tag: "language",
        name: text::RELAX_LANGUAGE,
        fresh: || json!("language"),
    },
];

const WHENS: &[Variant] = &[
    Variant {
        tag: "closed",
        name: text::WHEN_CLOSED,
        fresh: || json!("closed"),
    },
    Variant {
        tag: "nobody_there",
        name: text::WHEN_NOBODY,
        fresh: || json!("nobody_there"),
    },
    Variant {
        tag: "waiting",
        name: text::WHEN_WAITING,
        fresh: || json!({"waiting": 10}),
    },
    Variant {
        tag: "waited",
        name: text::WHEN_WAITED,
        fresh: || json!({"waited": 300}),
    },
];

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let what = vec![
        pieces::text_line(d, "name", text::QUEUE_NAME, false),
        pieces::words(d, "label", text::QUEUE_LABEL, false),
        pieces::ticks(d, "media", text::QUEUE_MEDIA, media()),
        pieces::row(vec![
            pieces::number(d, "priority", text::PRIORITY, 0..=255),
            pieces::optional_number(d, "most_waiting", text::MOST_WAITING, 1..=100_000),
        ]),
        pieces::choice(
            d,
            "hours",
            text::QUEUE_HOURS,
            Some(text::ALWAYS_OPEN),
            options(d, Kind::Hours),
        ),
    ];
    let who = vec![
        pieces::skills(d, "skills", text::QUEUE_SKILLS),
        pieces::skills(d, "prefers", text::QUEUE_PREFERS),
        pieces::row(vec![
            pieces::language(d, "language", text::QUEUE_LANGUAGE),
            pieces::number(d, "last_agent_s", text::LAST_AGENT, 0..=A_DAY),
        ]),
        pieces::flag(d, "visitors_language", text::VISITORS_LANGUAGE),
        pieces::list(
            d,
            "relax",
            text::RELAX,
            text::ADD_RELAX,
            || json!({"after_s": 60, "change": "language"}),
            relax,
        ),
    ];
    let instead = vec![pieces::list(
        d,
        "overflow",
        text::OVERFLOW,
        text::ADD_OVERFLOW,
        || json!({"when": {"waited": 300}, "to": {"queue": ""}}),
        overflow,
    )];
    let asked = vec![
        pieces::needs(d, "needs", text::QUEUE_NEEDS),
        pieces::choice(
            d,
            "while_waiting",
            text::WHILE_WAITING,
            Some(text::NOTHING),
            options(d, Kind::Form),
        ),
    ];
    let heard = vec![
        pieces::text_line(d, "sound.music", text::SOUND_MUSIC, true),
        pieces::names(
            d,
            "sound.announcements",
            text::SOUND_ANNOUNCEMENTS,
            text::ADD_ANNOUNCEMENT,
        ),
        pieces::number(d, "sound.every_s", text::SOUND_EVERY, 0..=A_DAY),
    ];
    view! {
        {part(text::PART_WHAT, what)}
        {part(text::PART_WHO, who)}
        {part(text::PART_ASKED, asked)}
        {part(text::PART_INSTEAD, instead)}
        {d.admin.has_telephones().then(|| part(text::PART_HEARD, heard))}
    }
    .into_any()
}

fn relax(d: Draft, at: String) -> AnyView {
    view! {
        {pieces::number(d, &within(&at, "after_s"), text::AFTER_S, 1..=A_DAY)}
        {pieces::variant(d, &within(&at, "change"), text::RELAX_CHANGE, RELAXED, relaxed)}
    }
    .into_any()
}

fn relaxed(d: Draft, at: String, tag: &'static str) -> AnyView {
    if tag != "skill" {
        return ().into_any();
    }
    let here = within(&at, tag);
    pieces::row(vec![
        pieces::choice(
            d,
            &within(&here, "skill"),
            text::SKILL,
            None,
            options(d, Kind::Skills),
        ),
        pieces::number(d, &within(&here, "level"), text::NEW_LEVEL, 0..=10),
    ])
}

fn overflow(d: Draft, at: String) -> AnyView {
    view! {
        {pieces::variant(d, &within(&at, "when"), text::OVERFLOW_WHEN, WHENS, when)}
        {pieces::destination(d, &within(&at, "to"), text::OVERFLOW_TO)}
    }
    .into_any()
}

fn when(d: Draft, at: String, tag: &'static str) -> AnyView {
    let here = within(&at, tag);
    match tag {
        "waiting" => pieces::number(d, &here, text::SO_MANY, 1..=100_000),
        "waited" => pieces::number(d, &here, text::SECONDS, 1..=A_DAY),
        _ => ().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::{OverflowWhen, Relaxed};

    use super::*;
    use crate::admin::docs;

    #[test]
    fn every_step_and_reason_begins_as_one_of_its_kind() {
        for variant in RELAXED {
            assert!(docs::read::<Relaxed>(&(variant.fresh)()).is_some());
        }
        for variant in WHENS {
            assert!(docs::read::<OverflowWhen>(&(variant.fresh)()).is_some());
        }
    }
}

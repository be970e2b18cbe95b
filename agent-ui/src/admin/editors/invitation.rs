//! An invitation: whom, when, how, and how often.

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

const HOW: &[Variant] = &[
    Variant {
        tag: "contact",
        name: text::HOW_CONTACT,
        fresh: || json!({"contact": "chat"}),
    },
    Variant {
        tag: "line",
        name: text::HOW_LINE,
        fresh: || json!("line"),
    },
];

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let what = vec![
        pieces::text_line(d, "name", text::INVITATION_NAME, false),
        pieces::flag(d, "enabled", text::ENABLED),
        pieces::variant(d, "how", text::HOW, HOW, |d, at, tag| {
            if tag == "contact" {
                pieces::choice(d, &within(&at, tag), text::TO_WHAT, None, media())
            } else {
                ().into_any()
            }
        }),
        pieces::words(d, "text", text::CARD_TEXT, true),
        pieces::words(d, "accept", text::CARD_BUTTON, false),
    ];
    let whom = vec![
        pieces::ticks(d, "sites", text::ONLY_SITES, options(d, Kind::Site)),
        pieces::conditions(d, "when", text::INVITE_WHEN),
        pieces::row(vec![
            pieces::suggested(d, "topic", text::INVITE_TOPIC, true, "bw-topics"),
            pieces::number(d, "confidence", text::INVITE_CONFIDENCE, 0..=100),
        ]),
    ];
    let often = vec![
        pieces::row(vec![
            pieces::number(d, "after_s", text::AFTER_PAGE, 0..=3_600),
            pieces::number(d, "again_h", text::AGAIN_H, 0..=8_760),
        ]),
        pieces::row(vec![
            pieces::number(d, "free_agents", text::FREE_AGENTS, 0..=1_000),
            pieces::number(d, "holdout", text::HOLDOUT, 0..=100),
        ]),
    ];
    view! {
        {part(text::PART_CARD, what)}
        {part(text::PART_WHOM, whom)}
        {part(text::PART_OFTEN, often)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::InvitationHow;

    use super::*;
    use crate::admin::docs;

    #[test]
    fn every_way_to_invite_begins_as_one() {
        for variant in HOW {
            assert!(docs::read::<InvitationHow>(&(variant.fresh)()).is_some());
        }
    }
}

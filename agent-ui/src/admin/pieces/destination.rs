//! Where a contact can be led, and what must be known before.

use bellwire_proto::{admin::Kind, setup::FormKind};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Options, Say, Variant, choice, list, row, suggested, text_line, variant, words};
use crate::{
    admin::{draft::Draft, place},
    text::admin as text,
};

const QUEUE: Variant = Variant {
    tag: "queue",
    name: text::TO_QUEUE,
    fresh: || json!({"queue": ""}),
};

const MENU: Variant = Variant {
    tag: "menu",
    name: text::TO_MENU,
    fresh: || json!({"menu": ""}),
};

const PAGE: Variant = Variant {
    tag: "page",
    name: text::TO_PAGE,
    fresh: || json!({"page": {"url": "", "label": {"en": ""}}}),
};

const LINK: Variant = Variant {
    tag: "link",
    name: text::TO_LINK,
    fresh: || json!({"link": {"url": "https://", "label": {"en": ""}}}),
};

const NOWHERE: Variant = Variant {
    tag: "",
    name: text::TO_NOWHERE,
    fresh: || Value::Null,
};

const SOMEWHERE: &[Variant] = &[QUEUE, MENU, PAGE, LINK];

const PERHAPS: &[Variant] = &[NOWHERE, QUEUE, MENU, PAGE, LINK];

/// A queue, a menu, or a page.
pub(crate) fn destination(d: Draft, at: &str, say: Say) -> AnyView {
    variant(d, at, say, SOMEWHERE, fields)
}

/// A queue, a menu, a page, or nowhere in particular.
pub(crate) fn optional_destination(d: Draft, at: &str, say: Say) -> AnyView {
    variant(d, at, say, PERHAPS, fields)
}

fn fields(d: Draft, at: String, tag: &'static str) -> AnyView {
    let here = place::within(&at, tag);
    match tag {
        "queue" => choice(d, &here, text::QUEUE, None, options(d, Kind::Queue)),
        "menu" => choice(d, &here, text::MENU, None, menus(d)),
        "page" | "link" => {
            let url = if tag == "page" {
                text::PAGE_URL
            } else {
                text::LINK_URL
            };
            view! {
                {text_line(d, &place::within(&here, "url"), url, false)}
                {words(d, &place::within(&here, "label"), text::PAGE_LABEL, false)}
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}

/// All documents of a kind, to choose from.
pub(crate) fn options(d: Draft, kind: Kind) -> Options {
    let named = d.admin.named(kind);
    Signal::derive(move || {
        let named = named.get().into_iter();
        named.map(|it| (it.id, it.name)).collect()
    })
}

fn menus(d: Draft) -> Options {
    Signal::derive(move || {
        d.admin.with(|setup| {
            let menu = |kind: &FormKind| match kind {
                FormKind::Menu { .. } => true,
                FormKind::Fields(_) => false,
            };
            let menus = setup.forms.iter().filter(|form| menu(&form.kind));
            menus
                .map(|form| (form.id.to_string(), form.name.clone()))
                .collect()
        })
    })
}

/// What must be known before a contact may go on.
pub(crate) fn needs(d: Draft, at: &str, say: Say) -> AnyView {
    let fresh = || json!({"fact": "topic", "otherwise": null});
    list(d, at, say, text::ADD_NEED, fresh, |d, at| {
        row(vec![
            suggested(
                d,
                &place::within(&at, "fact"),
                text::FACT,
                false,
                "bw-facts",
            ),
            text_line(d, &place::within(&at, "otherwise"), text::OTHERWISE, true),
        ])
    })
}

#[cfg(test)]
mod tests {
    use bellwire_proto::setup::Destination;

    use super::*;
    use crate::admin::docs;

    #[test]
    fn every_destination_begins_as_one_of_its_kind() {
        let queue = json!({"queue": "que_01KD0000000000000000000000"});
        assert!(docs::read::<Destination>(&queue).is_some());

        for variant in [PAGE, LINK] {
            assert!(docs::read::<Destination>(&(variant.fresh)()).is_some());
        }
        assert_eq!(
            docs::read::<Option<Destination>>(&(NOWHERE.fresh)()),
            Some(None)
        );
    }

    #[test]
    fn a_queue_that_was_not_chosen_yet_cannot_be_saved() {
        assert!(docs::read::<Destination>(&(QUEUE.fresh)()).is_none());
    }
}

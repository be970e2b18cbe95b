//! A number that people dial, and the queue it leads to.

use bellwire_proto::admin::Kind;
use leptos::prelude::*;

use super::{options, part};
use crate::{
    admin::{draft::Draft, pieces},
    text::admin as text,
};

/// The form.
pub(super) fn editor(d: Draft) -> AnyView {
    let queue = pieces::choice(d, "to.queue", text::QUEUE, None, options(d, Kind::Queue));
    let what = vec![
        pieces::row(vec![
            pieces::text_line(d, "number", text::NUMBER_DIALLED, false),
            pieces::text_line(d, "name", text::NUMBER_NAME, false),
        ]),
        pieces::group(d, "to", text::NUMBER_TO, queue),
        pieces::suggested(d, "language", text::NUMBER_LANGUAGE, false, "bw-languages"),
    ];
    part(text::PART_NUMBER, what)
}

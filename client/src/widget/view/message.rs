//! A message that is answered later.

use bellwire_proto::interaction::LONGEST_MESSAGE;

use super::{parts::BEST, prompt::typing};
use crate::widget::{
    app::App,
    changing::{NAME, REPLY_TO, TEXT},
    dom::{El, el, p},
    prompting::typed,
    signals::Memo,
    text::T,
};

/// The screen of a message.
pub(super) fn message(app: App) -> El {
    let length = Memo::new(move || app.typed.with(|all| typed(all, TEXT).trim().len()));
    let too_long = move || match length.get() > LONGEST_MESSAGE {
        true => T.too_long.to_owned(),
        false => String::new(),
    };
    let cannot = move || length.get() == 0 || length.get() > LONGEST_MESSAGE;
    let send = el("button")
        .class(BEST)
        .text(T.send)
        .varies("disabled", move || cannot().then(String::new));
    let line = |known_as: &str, most: &str| {
        let line = el("input").attr("autocomplete", known_as);
        line.attr("maxlength", most)
    };
    el("section").class("message").child(
        el("form")
            .class("fields")
            .child(p("", T.message_intro))
            .child(p("hint", T.message_instead).shown(move || app.message_instead()))
            .child(row(
                app,
                T.your_message,
                TEXT,
                el("textarea").attr("rows", "6"),
            ))
            .child(p("bw-problem", "").attr("role", "status").words(too_long))
            .child(row(app, &optional(T.your_name), NAME, line("name", "80")))
            .child(row(
                app,
                &optional(T.reply_to),
                REPLY_TO,
                line("email", "200"),
            ))
            .child(send)
            .on("submit", move |event| {
                event.prevent_default();
                app.leave_message();
            }),
    )
}

fn optional(label: &str) -> String {
    [label, " (", T.optional, ")"].concat()
}

fn row(app: App, label: &str, fact: &str, field: El) -> El {
    let before = (app.typed).with_untracked(|all| typed(all, fact).to_owned());
    el("label")
        .class("field")
        .child(el("span").text(label))
        .child(typing(app, field, fact.to_owned(), &before))
}

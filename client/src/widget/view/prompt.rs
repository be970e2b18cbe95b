//! A prompt: a form or a menu, before a contact or while it waits.

use std::rc::Rc;

use bellwire_proto::{
    id::InteractionId,
    prompt::{Ask, AskField, AskKind, AskOption, BadAnswerWhy, Prompt},
    setup::fact::{EMAIL, NAME, PHONE},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

use super::parts::{BEST, QUIET, contact, plain, said, ways};
use crate::widget::{
    app::App,
    dom::{El, div, el, entered, focus, p, ticked, when_placed},
    prompting::{is_shown, typed},
    sentence::bad_answer,
    signals::{Memo, bind},
    text::T,
};

/// The number of the question that stands, if one does.
pub(super) fn number(app: App, id: InteractionId) -> Option<u32> {
    contact(app, id, |c| c.prompt.as_ref().map(|prompt| prompt.n)).flatten()
}

/// What is asked, in a few words.
pub(super) fn title(app: App, id: InteractionId) -> String {
    let title = contact(app, id, |c| c.prompt.as_ref().map(|p| p.title.clone()));
    title.flatten().unwrap_or_else(|| T.asked.to_owned())
}

/// The screen of a question that must be answered first.
pub(super) fn first(app: App, id: InteractionId) -> El {
    let n = Memo::new(move || number(app, id));
    let cancel = plain(QUIET, T.cancel).on("click", move |_| app.cancel_asked(id));
    el("section")
        .class("asked")
        .live(move || match n.get().and_then(|_| app.prompt(id)) {
            Some(prompt) => Some(form(app, id, prompt)),
            None => Some(said(|| T.asking.to_owned())),
        })
        .child(cancel)
}

/// A question that may be answered while one waits; nothing while there is none.
pub(super) fn meanwhile(app: App, id: InteractionId) -> El {
    let n = Memo::new(move || number(app, id));
    div("meanwhile").live(move || {
        n.get()?;
        let prompt = app.prompt(id)?;
        let title = [T.asked_meanwhile, ": ", &prompt.title].concat();
        let title = el("h2").attr("role", "status").text(&title);
        Some(div("asked").child(title).child(form(app, id, prompt)))
    })
}

fn form(app: App, id: InteractionId, prompt: Prompt) -> El {
    let on_its_way = Memo::new(move || app.answered.get() == Some((id, prompt.n)));
    let skip = prompt.skippable.then(|| {
        let skip = plain(QUIET, T.skip).on("click", move |_| app.skip(id));
        waits(skip, on_its_way)
    });
    let sending = said(move || match on_its_way.get() {
        true => T.sending.to_owned(),
        false => String::new(),
    });
    let form = match prompt.ask {
        Ask::Fields(fields) => fill_in(app, id, fields.into(), on_its_way),
        Ask::Menu(options) => menu(app, id, options, on_its_way),
    };
    form.maybe(skip).child(sending)
}

/// Cannot be pressed again while the answer is on its way.
fn waits(button: El, on_its_way: Memo<bool>) -> El {
    button.varies("disabled", move || on_its_way.get().then(String::new))
}

fn menu(app: App, id: InteractionId, options: Vec<AskOption>, on_its_way: Memo<bool>) -> El {
    let option = |option: AskOption| {
        let card = plain("card", &option.label);
        let card = card.on("click", move |_| app.choose_option(id, &option.value));
        waits(card, on_its_way)
    };
    let wrong = move || {
        let bad = contact(app, id, |c| c.bad.first().map(|bad| bad.why)).flatten();
        bad.map(bad_answer).unwrap_or_default().to_owned()
    };
    div("cards")
        .children(options.into_iter().map(option).collect())
        .child(p("bw-problem", "").attr("role", "alert").words(wrong))
}

fn fill_in(app: App, id: InteractionId, fields: Rc<[AskField]>, on_its_way: Memo<bool>) -> El {
    let form = el("form").class("fields").attr("novalidate", "");
    let element = form.node().clone();
    let shown = element.clone();
    let rows = (0..fields.len())
        .map(|at| row(app, id, &fields, at))
        .collect();
    // What the centre found wrong is gone to as well; what was wrong already, not again.
    let mut before = None;
    bind(move || {
        let bad = contact(app, id, |c| c.bad.len()).unwrap_or_default();
        if before == Some(0) && bad > 0 {
            focus_first_bad(&shown);
        }
        before = Some(bad);
    });
    let go_on = el("button").class(BEST).text(T.go_on);
    form.children(rows)
        .child(ways(vec![waits(go_on, on_its_way)]))
        .on("submit", move |event| {
            event.prevent_default();
            if !app.answer(id) {
                focus_first_bad(&element);
            }
        })
}

/// Goes to the first field that is wrong, once it shows that; whoever went to another field meanwhile
/// types on there.
fn focus_first_bad(form: &Element) {
    let here = || web_sys::window()?.document()?.active_element();
    let (form, before) = (form.clone(), here());
    when_placed(move || {
        if here() == before
            && let Ok(Some(field)) = form.query_selector("[aria-invalid=true]")
        {
            focus(&field);
        }
    });
}

/// A field with its name and what is wrong with it, while it is to be shown.
fn row(app: App, id: InteractionId, fields: &Rc<[AskField]>, at: usize) -> El {
    let AskField {
        fact,
        label,
        kind,
        required,
        ..
    } = fields[at].clone();
    let (field_id, wrong_id) = (format!("bw-field-{at}"), format!("bw-wrong-{at}"));
    let wrong = {
        let fact = fact.clone();
        move || wrong(app, id, &fact)
    };
    let is_wrong = wrong.clone();
    let consents = kind == AskKind::Consent;
    let field = field(app, fact, kind)
        .attr("id", &field_id)
        .attr("aria-describedby", &wrong_id)
        .attr("aria-required", if required { "true" } else { "false" })
        .varies("aria-invalid", move || {
            is_wrong().map(|_| "true".to_owned())
        });
    let label = match required {
        true => label,
        false => [&label, " (", T.optional, ")"].concat(),
    };
    let name = el("label").attr("for", &field_id).text(&label);
    let fields = Rc::clone(fields);
    let is_bad = wrong.clone();
    // What is found wrong is shown in any case, so that nobody is stuck with it.
    let shown = move || app.typed.with(|typed| is_shown(&fields, at, typed)) || is_bad().is_some();
    let said = move || wrong().map(bad_answer).unwrap_or_default().to_owned();
    let row = match consents {
        true => div("consent").child(field).child(name),
        false => div("field").child(name).child(field),
    };
    row.shown(shown)
        .child(p("bw-problem", "").attr("id", &wrong_id).words(said))
}

fn wrong(app: App, id: InteractionId, fact: &str) -> Option<BadAnswerWhy> {
    contact(app, id, |c| {
        let mut bad = c.bad.iter();
        bad.find(|bad| bad.fact == fact).map(|bad| bad.why)
    })
    .flatten()
}

fn field(app: App, fact: String, kind: AskKind) -> El {
    let before = (app.typed).with_untracked(|all| typed(all, &fact).to_owned());
    match kind {
        AskKind::Choice(options) => {
            let none = el("option").attr("value", "").text(T.choose_one);
            let options = options
                .iter()
                .map(|o| el("option").attr("value", &o.value).text(&o.label));
            let select = el("select").child(none).children(options.collect());
            typing(app, select, fact, &before)
        }
        AskKind::Consent => {
            let tick = el("input").attr("type", "checkbox");
            if let Some(tick) = tick.node().dyn_ref::<HtmlInputElement>() {
                tick.set_checked(before == YES);
            }
            tick.on("change", move |event| {
                let yes = if ticked(&event) { YES } else { "" };
                app.type_in(&fact, yes);
            })
        }
        AskKind::LongText(most) => {
            let area = el("textarea").attr("rows", "4");
            typing(app, at_most(area, most), fact, &before)
        }
        AskKind::Text(most) => {
            let line = line("text", known_as(&fact));
            typing(app, at_most(line, most), fact, &before)
        }
        AskKind::Email => typing(app, line("email", "email"), fact, &before),
        AskKind::Phone => typing(app, line("tel", "tel"), fact, &before),
        AskKind::Date => typing(app, line("date", ""), fact, &before),
    }
}

/// The answer of a consent that is given.
const YES: &str = "yes";

fn at_most(field: El, characters: u16) -> El {
    field.attr("maxlength", &characters.to_string())
}

/// What browsers call a fact. They know few, and screen readers stumble over names of our own.
fn known_as(fact: &str) -> &'static str {
    match fact {
        NAME => "name",
        EMAIL => "email",
        PHONE => "tel",
        _ => "",
    }
}

/// One line. The browser may know what belongs there.
fn line(kind: &str, known_as: &str) -> El {
    el("input")
        .attr("type", kind)
        .attr("autocomplete", known_as)
}

/// A field that remembers what is typed.
pub(super) fn typing(app: App, field: El, fact: String, before: &str) -> El {
    field
        .class("bw-input")
        .value(before)
        .on("input", move |event| {
            app.type_in(&fact, &entered(&event));
        })
}
